import {
  addMonths,
  type CalendarDate,
  fromDay,
  isoDate,
  type LocalNow,
  toDay,
  weekdayOf,
} from './calendar.ts';
import { english } from './english.ts';
import { readCardinal, readFullYear, readOrdinal, readTwoDigits } from './numerals.ts';
import { indexPhrases, isMark, isWord, phraseLength, type Token, touches } from './tokens.ts';

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
}

type Reader = (
  tokens: readonly Token[],
  index: number,
  settings: DateSettings,
) => DateReading | undefined;

const RELATIVE_DAYS = indexPhrases(english.relativeDays.keys());
const FROM_NOW = indexPhrases(english.fromNow);

// The first reader that finds something at a token wins, so the longest forms stand first.
const READERS: readonly Reader[] = [
  readNumericDate,
  readSpacedDate,
  readRelativeDay,
  readDistance,
  readWeekday,
  readDayMonth,
  readMonthDay,
  readDayOnly,
  readNextWeekOrMonth,
];

/** Every date in the tokens, in order. */
export function readDates(tokens: readonly Token[], settings: DateSettings): DateReading[] {
  const found: DateReading[] = [];
  let index = 0;
  while (index < tokens.length) {
    const reading = readAt(tokens, index, settings);
    if (reading === undefined) {
      index += 1;
      continue;
    }
    if (suits(reading, settings)) found.push(reading);
    index = reading.next;
  }
  return found;
}

function readAt(
  tokens: readonly Token[],
  index: number,
  settings: DateSettings,
): DateReading | undefined {
  for (const reader of READERS) {
    const reading = reader(tokens, index, settings);
    if (reading !== undefined) return reading;
  }
  return undefined;
}

/** Nobody was born tomorrow, and no appointment is made for last year. */
function suits({ day }: DateReading, { now, tendency }: DateSettings): boolean {
  if (day === undefined) return true;
  if (tendency === 'birth' || tendency === 'past') return day <= now.day;
  return tendency !== 'future' || day >= now.day;
}

/** "1986-03-14", "14/3/1986", "3/14/86", "14.3.1986". */
function readNumericDate(
  tokens: readonly Token[],
  index: number,
  settings: DateSettings,
): DateReading | undefined {
  const mark = tokens[index + 1];
  if (!isMark(mark, '/-.')) return undefined;
  const numbers: string[] = [];
  for (let at = index; numbers.length < 3; at += 2) {
    const token = tokens[at];
    const joined =
      at === index ||
      (tokens[at - 1]?.text === mark?.text && touches(tokens, at) && touches(tokens, at - 1));
    if (token?.kind !== 'number' || token.ordinal || !joined) break;
    numbers.push(token.text);
  }
  const [a = '', b = '', c] = numbers;
  const next = index + numbers.length * 2 - 1;
  if (a.length === 4 && c !== undefined)
    return complete(index, next, { year: Number(a), month: Number(b), day: Number(c) }, true);
  if (a.length > 2 || b.length === 0 || b.length > 2) return undefined;
  if (c === undefined)
    return mark?.text === '/'
      ? withoutYear(index, next, dayAndMonth(a, b, settings), settings)
      : undefined;
  if (c.length !== 4 && !(c.length === 2 && mark?.text === '/')) return undefined;
  return complete(
    index,
    next,
    { ...dayAndMonth(a, b, settings), year: fullYear(Number(c), c.length, settings) },
    true,
  );
}

/** "14 3 1986", "fourteen, three, nineteen eighty six". */
function readSpacedDate(
  tokens: readonly Token[],
  index: number,
  settings: DateSettings,
): DateReading | undefined {
  const a = readTwoDigits(tokens, index);
  const b = a && readTwoDigits(tokens, skipComma(tokens, a.next));
  if (a === undefined || b === undefined || a.value > 31 || b.value > 31) return undefined;
  const year = readFullYear(tokens, skipComma(tokens, b.next));
  if (year === undefined) return undefined;
  const date = { ...dayAndMonth(String(a.value), String(b.value), settings), year: year.value };
  return complete(index, year.next, date, false);
}

function dayAndMonth(
  a: string,
  b: string,
  { monthFirst }: DateSettings,
): { day: number; month: number } {
  const first = Number(a);
  const second = Number(b);
  const monthIsFirst = monthFirst ? first <= 12 : second > 12;
  return monthIsFirst ? { month: first, day: second } : { day: first, month: second };
}

/** "tomorrow", "the day after tomorrow". */
function readRelativeDay(
  tokens: readonly Token[],
  index: number,
  { now }: DateSettings,
): DateReading | undefined {
  const length = phraseLength(tokens, index, RELATIVE_DAYS);
  if (length === 0) return undefined;
  const phrase = tokens
    .slice(index, index + length)
    .map((token) => token.text)
    .join(' ');
  const offset = english.relativeDays.get(phrase) ?? 0;
  return { first: index, next: index + length, day: now.day + offset, explicit: true };
}

/** "in two weeks", "three days from now", "a week on Tuesday", "ten days ago". */
function readDistance(
  tokens: readonly Token[],
  index: number,
  settings: DateSettings,
): DateReading | undefined {
  const ahead = isWord(tokens[index], english.inWord);
  const countAt = ahead ? index + 1 : index;
  const article = isWord(tokens[countAt], english.article);
  const count = article ? { value: 1, next: countAt + 1 } : readCardinal(tokens, countAt);
  if (
    count === undefined ||
    !Number.isInteger(count.value) ||
    count.value < 0 ||
    count.value > 1_000
  )
    return undefined;
  const unit = tokens[count.next];
  const days = unit?.kind === 'word' ? english.dayUnits.get(unit.text) : undefined;
  const months = isWord(unit, english.monthUnits);
  if (days === undefined && !months) return undefined;
  const move = (from: number, sign: number) =>
    days === undefined ? addMonths(from, sign * count.value) : from + sign * days * count.value;
  const { now } = settings;
  const next = count.next + 1;
  const reading = (end: number, day: number) => ({ first: index, next: end, day, explicit: true });
  if (isWord(tokens[next], english.ago)) return reading(next + 1, move(now.day, -1));
  const fromNow = phraseLength(tokens, next, FROM_NOW);
  if (fromNow > 0) return reading(next + fromNow, move(now.day, 1));
  if (ahead) return reading(next, move(now.day, 1));
  const anchorAt = isWord(tokens[next], english.on) ? next + 1 : next;
  const anchor =
    readRelativeDay(tokens, anchorAt, settings) ?? readBareWeekday(tokens, anchorAt, settings);
  return anchor?.day === undefined ? undefined : reading(anchor.next, move(anchor.day, 1));
}

function readBareWeekday(
  tokens: readonly Token[],
  index: number,
  settings: DateSettings,
): DateReading | undefined {
  const weekday = weekdayAt(tokens[index]);
  if (weekday === undefined) return undefined;
  return { first: index, next: index + 1, day: nearestWeekday(weekday, settings), explicit: true };
}

/** "Tuesday", "next Tuesday", "Tuesday next week", "Monday the fifth", "Friday, 14th of March". */
function readWeekday(
  tokens: readonly Token[],
  index: number,
  settings: DateSettings,
): DateReading | undefined {
  const before = isWeekQualifier(tokens[index]) ? 1 : 0;
  const weekday = weekdayAt(tokens[index + before]);
  if (weekday === undefined) return readWeekThenWeekday(tokens, index, settings);
  const after = index + before + 1;
  const qualifier = before === 1 ? tokens[index] : weekQualifierAfter(tokens, after);
  const next = before === 1 || qualifier === undefined ? after : skipOf(tokens, after) + 2;
  if (qualifier !== undefined) {
    return { first: index, next, day: weekdayOfWeek(weekday, qualifier, settings), explicit: true };
  }
  if (isWord(tokens[after], english.weekWord)) {
    return {
      first: index,
      next: after + 1,
      day: nearestWeekday(weekday, settings) + 7,
      explicit: true,
    };
  }
  return readWeekdayWithDate(tokens, index, weekday, settings);
}

/** "next week Tuesday", "next week on Tuesday". */
function readWeekThenWeekday(
  tokens: readonly Token[],
  index: number,
  settings: DateSettings,
): DateReading | undefined {
  const qualifier = tokens[index];
  if (!isWeekQualifier(qualifier) || !isWord(tokens[index + 1], english.weekWord)) return undefined;
  const at = isWord(tokens[index + 2], english.on) ? index + 3 : index + 2;
  const weekday = weekdayAt(tokens[at]);
  if (weekday === undefined || qualifier === undefined) return undefined;
  return {
    first: index,
    next: at + 1,
    day: weekdayOfWeek(weekday, qualifier, settings),
    explicit: true,
  };
}

function readWeekdayWithDate(
  tokens: readonly Token[],
  index: number,
  weekday: number,
  settings: DateSettings,
): DateReading {
  const at = skipComma(tokens, index + 1);
  const date = readDayMonth(tokens, at, settings) ?? readMonthDay(tokens, at, settings);
  if (date !== undefined) return { ...date, first: index };
  const ordinal = readDayNumber(tokens, at);
  if (ordinal !== undefined) {
    const day = weekdayAndDay(weekday, ordinal.value, settings);
    return {
      first: index,
      next: ordinal.next,
      explicit: true,
      ...(day === undefined ? {} : { day }),
    };
  }
  return { first: index, next: index + 1, day: nearestWeekday(weekday, settings), explicit: true };
}

/** The nearest day, within a year, that is this weekday and this day of its month. */
function weekdayAndDay(
  weekday: number,
  dayOfMonth: number,
  { now, tendency }: DateSettings,
): number | undefined {
  const step = tendency === 'birth' || tendency === 'past' ? -1 : 1;
  for (let offset = 0; offset < 366; offset += 1) {
    const day = now.day + step * offset;
    if (weekdayOf(day) === weekday && fromDay(day).day === dayOfMonth) return day;
  }
  return undefined;
}

function weekdayAt(token: Token | undefined): number | undefined {
  return token?.kind === 'word' ? english.weekdays.get(token.text) : undefined;
}

function isWeekQualifier(token: Token | undefined): boolean {
  return (
    isWord(token, english.next) || isWord(token, english.thisOne) || isWord(token, english.last)
  );
}

/** The "next" of "Tuesday next week" or "Tuesday of next week". */
function weekQualifierAfter(tokens: readonly Token[], index: number): Token | undefined {
  const at = skipOf(tokens, index);
  return isWeekQualifier(tokens[at]) && isWord(tokens[at + 1], english.weekWord)
    ? tokens[at]
    : undefined;
}

/** "Next" is the coming week, Monday to Sunday; "this" the current one, or the one after if that day is over. */
function weekdayOfWeek(weekday: number, qualifier: Token, { now }: DateSettings): number {
  const day = now.day - weekdayOf(now.day) + weekday;
  if (isWord(qualifier, english.next)) return day + 7;
  if (isWord(qualifier, english.last)) return day >= now.day ? day - 7 : day;
  return day < now.day ? day + 7 : day;
}

/** The coming one, or the last one for the past; never today, which callers call today. */
function nearestWeekday(weekday: number, { now, tendency }: DateSettings): number {
  const ahead = (weekday - weekdayOf(now.day) + 7) % 7 || 7;
  return tendency === 'past' || tendency === 'birth' ? now.day + (ahead % 7) - 7 : now.day + ahead;
}

/** "the third of March", "14 March 1986", "the third of next month". */
function readDayMonth(
  tokens: readonly Token[],
  index: number,
  settings: DateSettings,
): DateReading | undefined {
  const day = readDayNumber(tokens, index) ?? readTwoDigits(tokens, index);
  if (day === undefined || day.value < 1 || day.value > 31) return undefined;
  const at = skipOf(tokens, skipComma(tokens, day.next));
  const relative = readRelativeMonth(tokens, at, settings);
  if (relative !== undefined) return complete(index, at + 2, { ...relative, day: day.value }, true);
  const month = monthAt(tokens[at]);
  return month === undefined
    ? undefined
    : withYear(tokens, index, at + 1, { day: day.value, month }, settings);
}

/** "March 14th", "March the third", "March fourteenth nineteen eighty six". */
function readMonthDay(
  tokens: readonly Token[],
  index: number,
  settings: DateSettings,
): DateReading | undefined {
  const month = monthAt(tokens[index]);
  if (month === undefined) return undefined;
  const day = readDayNumber(tokens, index + 1) ?? readTwoDigits(tokens, index + 1);
  if (day !== undefined && day.value >= 1 && day.value <= 31 && !isClock(tokens, day.next)) {
    return withYear(tokens, index, day.next, { day: day.value, month }, settings);
  }
  const year = readFullYear(tokens, index + 1);
  const doubtful = isWord(tokens[index], english.doubtfulMonths);
  if (year === undefined && doubtful && !isWord(tokens[index - 1], english.beforeMonth))
    return undefined;
  return { first: index, next: year?.next ?? index + 1, explicit: true };
}

/** "the third", "14th": a beginning. Not "a second" nor "one third". */
function readDayOnly(tokens: readonly Token[], index: number): DateReading | undefined {
  const day = readDayNumber(tokens, index);
  if (day === undefined || day.value > 31) return undefined;
  const numeral = tokens[index]?.kind === 'number';
  if (
    !numeral &&
    !isWord(tokens[index], english.the) &&
    index > 0 &&
    !isWord(tokens[index - 1], english.on)
  ) {
    return undefined;
  }
  return { first: index, next: day.next, explicit: false };
}

/** "next week", "next month": a beginning. */
function readNextWeekOrMonth(tokens: readonly Token[], index: number): DateReading | undefined {
  if (!isWeekQualifier(tokens[index])) return undefined;
  const unit = tokens[index + 1];
  if (!isWord(unit, english.weekWord) && !isWord(unit, english.monthWord)) return undefined;
  return { first: index, next: index + 2, explicit: true };
}

/** An ordinal with or without "the". */
function readDayNumber(
  tokens: readonly Token[],
  index: number,
): { value: number; next: number } | undefined {
  return readOrdinal(tokens, isWord(tokens[index], english.the) ? index + 1 : index);
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
  const shift = isWord(tokens[index], english.next)
    ? 1
    : isWord(tokens[index], english.last)
      ? -1
      : 0;
  return fromDay(addMonths(firstOfMonth, shift));
}

function withYear(
  tokens: readonly Token[],
  first: number,
  next: number,
  date: { day: number; month: number },
  settings: DateSettings,
): DateReading | undefined {
  const at = skipOf(tokens, skipComma(tokens, next));
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
  const certain = at > index || settings.tendency === 'birth' || short.value > 31;
  return certain ? { value: fullYear(short.value, 2, settings), next: short.next } : undefined;
}

/** Two figures mean this century, or the one before where that would lie ahead of someone's birth. */
function fullYear(value: number, length: number, { now, tendency }: DateSettings): number {
  if (length !== 2) return value;
  const thisYear = fromDay(now.day).year;
  const century = thisYear - (thisYear % 100);
  const limit = tendency === 'birth' || tendency === 'past' ? thisYear : thisYear + 20;
  return century + value > limit ? century - 100 + value : century + value;
}

function withoutYear(
  first: number,
  next: number,
  { day, month }: { day: number; month: number },
  { now, tendency }: DateSettings,
): DateReading | undefined {
  // A leap year, so that 29 February is a date.
  if (toDay({ year: 2000, month, day }) === undefined) return undefined;
  if (tendency === 'birth') return { first, next, explicit: true };
  const step = tendency === 'past' ? -1 : 1;
  const thisYear = fromDay(now.day).year;
  for (let offset = 0; offset <= 8; offset += 1) {
    const found = toDay({ year: thisYear + step * offset, month, day });
    if (found !== undefined && (found - now.day) * step >= 0)
      return { first, next, day: found, explicit: true };
  }
  return undefined;
}

function complete(
  first: number,
  next: number,
  date: CalendarDate,
  explicit: boolean,
): DateReading | undefined {
  const day = toDay(date);
  return day === undefined ? undefined : { first, next, day, explicit };
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

function skipComma(tokens: readonly Token[], index: number): number {
  return isMark(tokens[index], ',.') ? index + 1 : index;
}

function skipOf(tokens: readonly Token[], index: number): number {
  return isWord(tokens[index], english.of) ? index + 1 : index;
}

/** The normal form of a reading that lacks nothing. */
export function dateValue({ day }: DateReading): string | undefined {
  return day === undefined ? undefined : isoDate(day);
}
