import type { Json } from '../json.ts';
import { readBooleans } from './boolean.ts';
import { isoDate, isoTime, localNow } from './calendar.ts';
import type { DateReading, DateSettings, DateTendency } from './date-reading.ts';
import { dateValue, readDates } from './dates.ts';
import { type DigitRun, readDigitRuns } from './digits.ts';
import { readEmails } from './email.ts';
import { english } from './english.ts';
import { readNumbers } from './numbers.ts';
import { readOptions } from './options.ts';
import { matchesWhole } from './pattern.ts';
import { readPhone } from './phone.ts';
import { readPatternTexts } from './text.ts';
import { readTimes, timeValue } from './times.ts';
import { isWord, type Token, tokenise } from './tokens.ts';
import type { Extraction, Slot, Span, UnderstandingContext } from './types.ts';
import { toWords } from './words.ts';

/** Every place where a value for this slot stands, also those that the caller takes back. */
export function findValues(text: string, slot: Slot, context: UnderstandingContext): Extraction[] {
  return readAll(text, tokenise(text), slot, context);
}

function readAll(
  text: string,
  tokens: readonly Token[],
  slot: Slot,
  context: UnderstandingContext,
): Extraction[] {
  const at = (first: number, next: number): Span => ({
    from: tokens[first]?.from ?? 0,
    to: tokens[next - 1]?.to ?? 0,
  });
  const make = (
    span: Span,
    value: Json,
    status: Extraction['status'] = 'complete',
  ): Extraction => ({
    from: span.from,
    to: span.to,
    status,
    value,
    words: text.slice(span.from, span.to),
  });
  switch (slot.type) {
    case 'text':
      return readPatternTexts(text, tokens, slot);
    case 'digits':
      return digitRuns(tokens, slot, context).map((run) => make(run, run.digits, run.status));
    case 'phone':
      return phones(tokens, slot, context).map(({ run, value, status }) =>
        make(run, value, status),
      );
    case 'number':
    case 'integer':
      return readNumbers(tokens, explicitParts(tokens, slot, context))
        .filter(({ value }) => slot.type === 'number' || Number.isSafeInteger(value))
        .map(({ first, next, value }) => make(at(first, next), value));
    case 'date':
      return readDates(tokens, dateSettings(slot, context)).map((reading) => {
        const span = at(reading.first, reading.next);
        const value = dateValue(reading);
        return value === undefined
          ? make(span, text.slice(span.from, span.to), 'partial')
          : make(span, value);
      });
    case 'time':
      return readTimes(tokens).map((reading) =>
        make(at(reading.first, reading.next), timeValue(reading)),
      );
    case 'datetime':
      return dateTimes(tokens, slot, context).map(({ first, next, value }) => {
        const span = at(first, next);
        return value === undefined
          ? make(span, text.slice(span.from, span.to), 'partial')
          : make(span, value);
      });
    case 'email':
      return readEmails(tokens).map(({ first, next, address }) => make(at(first, next), address));
    case 'enum':
      return readOptions(toWords(tokens), slot.options).map((option) => make(option, option.value));
    case 'boolean':
      return readBooleans(tokens).map(({ first, next, value }) => make(at(first, next), value));
  }
}

/** How dates are read for a slot. Its name and description tell a birth date from an appointment. */
export function dateSettings(slot: Slot, context: UnderstandingContext): DateSettings {
  return {
    now: localNow(context),
    tendency: tendencyOf(`${slot.name} ${slot.description ?? ''}`),
    monthFirst: context.region.toUpperCase() === 'US',
  };
}

function tendencyOf(words: string): DateTendency {
  if (english.birthSlot.test(words)) return 'birth';
  if (english.futureSlot.test(words)) return 'future';
  return english.pastSlot.test(words) ? 'past' : 'any';
}

/** The tokens that plainly belong to a date or a time, and so are no number of another kind. */
function explicitParts(
  tokens: readonly Token[],
  slot: Slot,
  context: UnderstandingContext,
): (index: number) => boolean {
  const settings: DateSettings = { ...dateSettings(slot, context), tendency: 'any' };
  const parts = [...readDates(tokens, settings), ...readTimes(tokens)].filter(
    (reading) => reading.explicit,
  );
  return (index) => parts.some(({ first, next }) => index >= first && index < next);
}

interface RatedRun extends DigitRun {
  status: Extraction['status'];
}

function digitRuns(
  tokens: readonly Token[],
  slot: Slot,
  context: UnderstandingContext,
): RatedRun[] {
  return readDigitRuns(tokens, explicitParts(tokens, slot, context)).flatMap(({ whole, parts }) => {
    const rate = (run: DigitRun): RatedRun => ({ ...run, status: digitsStatus(run.digits, slot) });
    const all = rate(whole);
    if (all.status === 'complete' || parts.length < 2) return [all];
    const complete = parts.map(rate).filter((run) => run.status === 'complete');
    return complete.length > 0 ? complete : [all];
  });
}

/** No digits slot without a length holds more. */
const MOST_DIGITS = 64;

function digitsStatus(digits: string, { length, pattern }: Slot): Extraction['status'] {
  if (digits.length > (length ?? MOST_DIGITS)) return 'too_long';
  if (length !== undefined && digits.length < length) return 'partial';
  if (pattern === undefined || matchesWhole(pattern, digits)) return 'complete';
  if (length !== undefined) return 'too_long';
  const fittingStart = Array.from(digits, (_, count) => digits.slice(0, count)).some(
    (start) => start !== '' && matchesWhole(pattern, start),
  );
  return fittingStart ? 'too_long' : 'partial';
}

interface RatedPhone {
  run: DigitRun;
  value: string;
  status: Extraction['status'];
}

function phones(tokens: readonly Token[], slot: Slot, context: UnderstandingContext): RatedPhone[] {
  return readDigitRuns(tokens, explicitParts(tokens, slot, context)).flatMap(({ whole, parts }) => {
    const rate = (run: DigitRun): RatedPhone => {
      const digits = run.plus ? `+${run.digits}` : run.digits;
      const reading = readPhone(digits, context.region);
      const fits =
        reading.status !== 'complete' ||
        slot.pattern === undefined ||
        matchesWhole(slot.pattern, reading.e164);
      if (!fits) return { run, value: digits, status: 'too_long' };
      return {
        run,
        value: reading.status === 'complete' ? reading.e164 : digits,
        status: reading.status,
      };
    };
    const all = rate(whole);
    if (all.status === 'complete' || parts.length < 2) return [all];
    const complete = parts.map(rate).filter((phone) => phone.status === 'complete');
    return complete.length > 0 ? complete : [all];
  });
}

interface DateTimeReading {
  first: number;
  next: number;
  value?: string;
}

/** A date and a time farther apart than this many tokens do not belong together. */
const FARTHEST_TIME = 5;

function dateTimes(
  tokens: readonly Token[],
  slot: Slot,
  context: UnderstandingContext,
): DateTimeReading[] {
  const dates = readDates(tokens, dateSettings(slot, context));
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
