import { isoDate, weekdayOf } from './calendar.ts';
import { readDayMonth, readDayOnly, readMonthDay } from './date-by-month.ts';
import {
  readDistance,
  readRelativeDay,
  readWeek,
  readWeekday,
  weekdayAndDay,
  weekdayAt,
} from './date-by-week.ts';
import { readEightDigits, readNumericDate, readSpacedDate } from './date-figures.ts';
import {
  type DateReader,
  type DateReading,
  type DateSettings,
  readDayNumber,
  skipComma,
} from './date-reading.ts';
import type { Token } from './tokens.ts';

// The first reader that finds something at a token wins, so the longest forms stand first.
const READERS: readonly DateReader[] = [
  readNumericDate,
  readEightDigits,
  readSpacedDate,
  readRelativeDay,
  readDistance,
  readWeekdayWithDate,
  readWeekday,
  readDayMonth,
  readMonthDay,
  readDayOnly,
  readWeek,
];

/** Every date in the tokens, in order. */
export function readDates(tokens: readonly Token[], settings: DateSettings): DateReading[] {
  const found: DateReading[] = [];
  let index = 0;
  while (index < tokens.length) {
    const reading = readAt(tokens, index, settings);
    if (reading !== undefined && suits(reading, settings)) found.push(reading);
    index = reading?.next ?? index + 1;
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
function suits({ day, impossible }: DateReading, { now, tendency }: DateSettings): boolean {
  if (impossible === true) return false;
  if (day === undefined) return true;
  if (tendency === 'birth' || tendency === 'past') return day <= now.day;
  return tendency !== 'future' || day >= now.day;
}

/** "Monday the fifth", "Friday, 14th of March". Where the two disagree, one was misheard. */
function readWeekdayWithDate(
  tokens: readonly Token[],
  index: number,
  settings: DateSettings,
): DateReading | undefined {
  const weekday = weekdayAt(tokens[index]);
  if (weekday === undefined) return undefined;
  const at = skipComma(tokens, index + 1);
  const date = readDayMonth(tokens, at, settings) ?? readMonthDay(tokens, at, settings);
  if (date !== undefined) {
    const agrees = date.day === undefined || weekdayOf(date.day) === weekday;
    return agrees ? { ...date, first: index } : { first: index, next: date.next, explicit: true };
  }
  const dayOfMonth = readDayNumber(tokens, at);
  if (dayOfMonth === undefined) return undefined;
  const day = weekdayAndDay(weekday, dayOfMonth.value, settings);
  const reading = { first: index, next: dayOfMonth.next, explicit: true };
  return day === undefined ? reading : { ...reading, day };
}

/** The normal form of a reading that lacks nothing. */
export function dateValue({ day }: DateReading): string | undefined {
  return day === undefined ? undefined : isoDate(day);
}
