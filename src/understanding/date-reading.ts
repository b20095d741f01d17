import type { CalendarDate } from './calendar.ts';
import { fromDay, type LocalNow, toDay } from './calendar.ts';
import { english } from './english.ts';
import { readOrdinal } from './numerals.ts';
import { isMark, isWord, type Token } from './tokens.ts';

/** Which way a date without a year, or without a month, is to be completed. */
export type DateTendency = 'birth' | 'past' | 'future' | 'any';

export interface DateSettings {
  now: LocalNow;
  tendency: DateTendency;
  /** "3/4" is the fourth of March. */
  monthFirst: boolean;
}

/** A date, or the beginning of one, in the tokens `[first, next)`. */
export interface DateReading {
  first: number;
  next: number;
  /** Days since 1970-01-01; absent while something is missing. */
  day?: number;
  /** Names a month, a weekday or a relative day: cannot be mistaken for another number. */
  explicit: boolean;
  /** In no calendar, such as 30 February: neither a date nor the beginning of one. */
  impossible?: true;
}

/** Reads a date that begins at a token, if one does. */
export type DateReader = (
  tokens: readonly Token[],
  index: number,
  settings: DateSettings,
) => DateReading | undefined;

export function complete(
  first: number,
  next: number,
  date: CalendarDate,
  explicit: boolean,
): DateReading {
  const day = toDay(date);
  return day === undefined
    ? { first, next, explicit, impossible: true }
    : { first, next, day, explicit };
}

/** The nearest such date in the direction of the slot. A birth date without its year is a beginning. */
export function withoutYear(
  first: number,
  next: number,
  { day, month }: { day: number; month: number },
  { now, tendency }: DateSettings,
): DateReading {
  // A leap year, so that 29 February is a date.
  if (toDay({ year: 2000, month, day }) === undefined)
    return { first, next, explicit: true, impossible: true };
  if (tendency === 'birth') return { first, next, explicit: true };
  const step = tendency === 'past' ? -1 : 1;
  let year = fromDay(now.day).year;
  for (;;) {
    const found = toDay({ year, month, day });
    if (found !== undefined && (found - now.day) * step >= 0)
      return { first, next, day: found, explicit: true };
    year += step;
  }
}

/** Two figures mean this century, or the one before where that would lie ahead of someone's birth. */
export function fullYear(value: number, length: number, { now, tendency }: DateSettings): number {
  if (length !== 2) return value;
  const thisYear = fromDay(now.day).year;
  const century = thisYear - (thisYear % 100);
  const limit = tendency === 'birth' || tendency === 'past' ? thisYear : thisYear + 20;
  return century + value > limit ? century - 100 + value : century + value;
}

/** An ordinal with or without "the". */
export function readDayNumber(
  tokens: readonly Token[],
  index: number,
): { value: number; next: number } | undefined {
  return readOrdinal(tokens, isWord(tokens[index], english.the) ? index + 1 : index);
}

export function skipComma(tokens: readonly Token[], index: number): number {
  return isMark(tokens[index], ',.') ? index + 1 : index;
}

export function skipOf(tokens: readonly Token[], index: number): number {
  return isWord(tokens[index], english.of) ? index + 1 : index;
}
