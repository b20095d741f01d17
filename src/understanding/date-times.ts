import { isoDate, isoTime } from './calendar.ts';
import type { DateReading, DateSettings } from './date-reading.ts';
import { readDates } from './dates.ts';
import { english } from './english.ts';
import { readTimes } from './times.ts';
import { isWord, type Token } from './tokens.ts';

/** A date with a time, or one of the two, in the tokens `[first, next)`. */
export interface DateTimeReading {
  first: number;
  next: number;
  /** Normal form; absent while something is missing. */
  value?: string;
}

/** A date and a time farther apart than this many tokens do not belong together. */
const FARTHEST_TIME = 5;

/** Every date with the time that belongs to it, and what is left of either. */
export function readDateTimes(tokens: readonly Token[], settings: DateSettings): DateTimeReading[] {
  const dates = readDates(tokens, settings);
  const inDate = (index: number) => dates.some(({ first, next }) => index >= first && index < next);
  const times = readTimes(tokens).filter(({ first }) => !inDate(first));
  const used = new Set<object>();
  const joined = dates.map((date): DateTimeReading => {
    const time = times.find(
      (candidate) => !used.has(candidate) && belongsTo(date, candidate, tokens),
    );
    if (time === undefined) return { first: date.first, next: date.next };
    used.add(time);
    const span = { first: Math.min(date.first, time.first), next: Math.max(date.next, time.next) };
    if (date.day === undefined) return span;
    return { ...span, value: `${isoDate(date.day)}T${isoTime(time.minuteOfDay)}` };
  });
  return [
    ...joined,
    ...times.filter((time) => !used.has(time)).map(({ first, next }) => ({ first, next })),
  ];
}

function belongsTo(
  date: DateReading,
  time: { first: number; next: number },
  tokens: readonly Token[],
): boolean {
  const between =
    time.first >= date.next
      ? tokens.slice(date.next, time.first)
      : tokens.slice(time.next, date.first);
  return (
    between.length <= FARTHEST_TIME && !between.some((token) => isWord(token, english.negations))
  );
}
