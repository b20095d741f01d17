import { addMonths, fromDay, toDay } from './calendar.ts';
import { isWeekQualifier } from './date-by-week.ts';
import {
  complete,
  type DateReading,
  type DateSettings,
  fullYear,
  readDayNumber,
  skipComma,
  skipOf,
  withoutYear,
} from './date-reading.ts';
import { english } from './english.ts';
import { readFullYear, readTwoDigits } from './numerals.ts';
import { isMark, isPadding, isWord, type Token, touches } from './tokens.ts';

/** "the third of March", "14 March 1986", "the third of the fifth", "the third of next month". */
export function readDayMonth(
  tokens: readonly Token[],
  index: number,
  settings: DateSettings,
): DateReading | undefined {
  const day = readDayNumber(tokens, index) ?? readTwoDigits(tokens, index);
  if (day === undefined || !isDayOfMonth(day)) return undefined;
  const at = skipOf(tokens, skipComma(tokens, day.next));
  const relative = readRelativeMonth(tokens, at, settings);
  if (relative !== undefined) return complete(index, at + 2, { ...relative, day: day.value }, true);
  const month = monthAt(tokens[at]);
  if (month !== undefined)
    return withYear(tokens, index, at + 1, { day: day.value, month }, settings);
  const numbered = isWord(tokens[at - 1], english.of) ? readDayNumber(tokens, at) : undefined;
  if (numbered === undefined || numbered.value > 12) return undefined;
  return withYear(
    tokens,
    index,
    numbered.next,
    { day: day.value, month: numbered.value },
    settings,
  );
}

/** "March 14th", "March the third", "March fourteenth nineteen eighty six". */
export function readMonthDay(
  tokens: readonly Token[],
  index: number,
  settings: DateSettings,
): DateReading | undefined {
  const month = monthAt(tokens[index]);
  if (month === undefined) return undefined;
  const year = readFullYear(tokens, index + 1);
  // "March nineteen eighty four" names no day, "March nineteen, nineteen eighty four" does.
  const endsWithYear = year !== undefined && readTwoDigits(tokens, year.next) === undefined;
  const day = readDayNumber(tokens, index + 1) ?? readTwoDigits(tokens, index + 1);
  if (day !== undefined && isDayOfMonth(day) && !endsWithYear && !isClock(tokens, day.next)) {
    return withYear(tokens, index, day.next, { day: day.value, month }, settings);
  }
  if (year === undefined && !isSurelyMonth(tokens, index)) return undefined;
  return { first: index, next: year?.next ?? index + 1, explicit: true };
}

/** "May" and "March" are months where they are the whole answer, or "in" stands before them. */
function isSurelyMonth(tokens: readonly Token[], index: number): boolean {
  if (!isWord(tokens[index], english.doubtfulMonths)) return true;
  if (isWord(tokens[index - 1], english.beforeMonth)) return true;
  return tokens.every((token, at) => at === index || isPadding(token));
}

function isDayOfMonth({ value }: { value: number }): boolean {
  return value >= 1 && value <= 31;
}

/** "the third", "14th": a beginning. Not "a second", "first thing" nor "the first one". */
export function readDayOnly(tokens: readonly Token[], index: number): DateReading | undefined {
  const day = readDayNumber(tokens, index);
  if (day === undefined || !isDayOfMonth(day)) return undefined;
  const introduced = isWord(tokens[index], english.the) || isWord(tokens[index - 1], english.on);
  if (tokens[index]?.kind !== 'number' && !introduced && index > 0) return undefined;
  const after = tokens[day.next];
  if (after !== undefined && !isPadding(after) && !isWord(after, english.contrasts))
    return undefined;
  return { first: index, next: day.next, explicit: false };
}

function withYear(
  tokens: readonly Token[],
  first: number,
  next: number,
  date: { day: number; month: number },
  settings: DateSettings,
): DateReading | undefined {
  const comma = skipOf(tokens, skipComma(tokens, next));
  const at = isWord(tokens[comma], english.inWord) ? comma + 1 : comma;
  const year = readFullYear(tokens, at);
  if (year !== undefined && !isClock(tokens, year.next)) {
    return complete(first, year.next, { ...date, year: year.value }, true);
  }
  const short = readShortYear(tokens, at, settings);
  if (short !== undefined) return complete(first, short.next, { ...date, year: short.value }, true);
  return withoutYear(first, next, date, settings);
}

/** "86" or "'86" after day and month. Only where an hour or a number of people is unlikely. */
function readShortYear(
  tokens: readonly Token[],
  index: number,
  settings: DateSettings,
): { value: number; next: number } | undefined {
  const at = isMark(tokens[index], "'’") ? index + 1 : index;
  const zero = isWord(tokens[at], english.zeroInDigits) ? 1 : 0;
  const short = readTwoDigits(tokens, at + zero);
  if (short === undefined || isClock(tokens, short.next)) return undefined;
  // "Seventeen nine" is no year: one of the two was misheard.
  if (readTwoDigits(tokens, skipComma(tokens, short.next)) !== undefined) return undefined;
  const last = tokens[short.next] === undefined || tokens[short.next]?.kind === 'mark';
  const certain = at > index || settings.tendency === 'birth' || (short.value > 31 && last);
  return certain ? { value: fullYear(short.value, 2, settings), next: short.next } : undefined;
}

function readRelativeMonth(
  tokens: readonly Token[],
  index: number,
  { now }: DateSettings,
): { year: number; month: number } | undefined {
  if (!isWeekQualifier(tokens[index]) || !isWord(tokens[index + 1], english.monthWord))
    return undefined;
  const { year, month } = fromDay(now.day);
  const firstOfMonth = toDay({ year, month, day: 1 }) ?? now.day;
  const next = isWord(tokens[index], english.next) ? 1 : 0;
  const last = isWord(tokens[index], english.last) ? 1 : 0;
  return fromDay(addMonths(firstOfMonth, next - last));
}

function monthAt(token: Token | undefined): number | undefined {
  return token?.kind === 'word' ? english.months.get(token.text) : undefined;
}

/** What follows makes the number before it an hour. */
function isClock(tokens: readonly Token[], index: number): boolean {
  const token = tokens[index];
  const colon =
    isMark(token, ':.') &&
    touches(tokens, index) &&
    touches(tokens, index + 1) &&
    tokens[index + 1]?.kind === 'number';
  return (
    colon || isWord(token, english.am) || isWord(token, english.pm) || isWord(token, english.oClock)
  );
}
