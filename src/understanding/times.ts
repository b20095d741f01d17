import { isoTime } from './calendar.ts';
import { english } from './english.ts';
import { readCardinal, readTwoDigits } from './numerals.ts';
import { isMark, isPadding, isWord, type Token, touches } from './tokens.ts';

/** A time of day in the tokens `[first, next)`. */
export interface TimeReading {
  first: number;
  next: number;
  minuteOfDay: number;
  /** Said so that it cannot be another number: "half past", "o'clock", "p.m.", "9:30". */
  explicit: boolean;
  /** The half of the day was not said: twelve hours more or less would fit as well. */
  guessed: boolean;
}

interface Clock {
  hour: number;
  minute: number;
  next: number;
  explicit: boolean;
}

type DayPart = 'am' | 'pm' | 'night';

/** Every time of day in the tokens, in order. */
export function readTimes(tokens: readonly Token[]): TimeReading[] {
  const found: TimeReading[] = [];
  const dayPart = findDayPart(tokens);
  let index = 0;
  while (index < tokens.length) {
    const reading = readAt(tokens, index, dayPart);
    if (reading !== undefined) found.push(reading);
    index = reading?.next ?? index + 1;
  }
  return found;
}

function readAt(
  tokens: readonly Token[],
  index: number,
  dayPart: DayPart | undefined,
): TimeReading | undefined {
  const token = tokens[index];
  const named = token?.kind === 'word' ? english.namedTimes.get(token.text) : undefined;
  if (named !== undefined) {
    return {
      first: index,
      next: index + 1,
      minuteOfDay: named * 60,
      explicit: true,
      guessed: false,
    };
  }
  // A date or a decimal is no clock: nothing may touch it with a mark in front.
  if (isMark(tokens[index - 1], '/.-:') && touches(tokens, index)) return undefined;
  const clock =
    readHoursWord(tokens, index) ??
    readPastOrTo(tokens, index) ??
    readFigures(tokens, index) ??
    readHour(tokens, index);
  return clock && withHalfOfDay(tokens, index, clock, dayPart);
}

function withHalfOfDay(
  tokens: readonly Token[],
  first: number,
  clock: Clock,
  dayPart: DayPart | undefined,
): TimeReading | undefined {
  const said = readHalfOfDay(tokens, clock.next);
  const next = said?.next ?? clock.next;
  const half = said?.half ?? dayPart;
  const explicit = clock.explicit || said !== undefined;
  const hour = hourOfDay(clock.hour, half);
  if (hour === undefined) return undefined;
  const guessed = half === undefined && clock.hour >= 1 && clock.hour <= 12;
  return { first, next, minuteOfDay: hour * 60 + clock.minute, explicit, guessed };
}

/** "p.m.", also where a recogniser writes its letters apart. */
function readHalfOfDay(
  tokens: readonly Token[],
  index: number,
): { half: 'am' | 'pm'; next: number } | undefined {
  const apart = tokens[index + 1]?.text === 'm' ? `${tokens[index]?.text}m` : undefined;
  const text = apart ?? tokens[index]?.text ?? '';
  const half = english.am.has(text) ? 'am' : english.pm.has(text) ? 'pm' : undefined;
  return half && { half, next: apart === undefined ? index + 1 : index + 2 };
}

/** Where the half of the day is not said, office hours decide: 7 to 12 as said, 1 to 6 in the afternoon. */
function hourOfDay(hour: number, half: DayPart | undefined): number | undefined {
  if (hour > 12 || hour === 0) return half === 'am' && hour > 12 ? undefined : hour;
  if (half === 'am') return hour % 12;
  if (half === 'pm') return (hour % 12) + 12;
  if (half === 'night') return hour >= 6 && hour <= 11 ? hour + 12 : hour % 12;
  return hour <= 6 ? hour + 12 : hour;
}

/** "in the afternoon", wherever in the sentence, if there is only one such word. */
function findDayPart(tokens: readonly Token[]): DayPart | undefined {
  const parts = new Set<DayPart>();
  for (const token of tokens) {
    if (isWord(token, english.morning)) parts.add('am');
    if (isWord(token, english.afternoonOrLater)) parts.add('pm');
    if (isWord(token, english.night)) parts.add('night');
  }
  return parts.size === 1 ? [...parts][0] : undefined;
}

/** "half past nine", "quarter to five", "ten minutes past three". */
function readPastOrTo(tokens: readonly Token[], index: number): Clock | undefined {
  const start = isWord(tokens[index], english.article) ? index + 1 : index;
  const minutes = readMinutes(tokens, start);
  if (minutes === undefined) return undefined;
  const at = isMark(tokens[minutes.next], '-') ? minutes.next + 1 : minutes.next;
  const past = isWord(tokens[at], english.past);
  if (!past && !isWord(tokens[at], english.to)) return undefined;
  const hour = readTwoDigits(tokens, isMark(tokens[at + 1], '-') ? at + 2 : at + 1);
  if (hour === undefined || hour.value > 12 || hour.value < 1) return undefined;
  const next = isWord(tokens[hour.next], english.oClock) ? hour.next + 1 : hour.next;
  if (past) return { hour: hour.value, minute: minutes.value, next, explicit: true };
  return {
    hour: hour.value === 1 ? 12 : hour.value - 1,
    minute: 60 - minutes.value,
    next,
    explicit: true,
  };
}

function readMinutes(
  tokens: readonly Token[],
  index: number,
): { value: number; next: number } | undefined {
  if (isWord(tokens[index], english.half)) return { value: 30, next: index + 1 };
  if (isWord(tokens[index], english.quarter)) return { value: 15, next: index + 1 };
  const number = readTwoDigits(tokens, index);
  if (number === undefined || number.value < 1 || number.value > 30) return undefined;
  const said = isWord(tokens[number.next], english.minuteUnits);
  // "Three to five" is a range; only round minutes go without the word.
  if (!said && number.value % 5 !== 0) return undefined;
  return { value: number.value, next: said ? number.next + 1 : number.next };
}

/** "9:30", "9.30", "14:05". */
function readFigures(tokens: readonly Token[], index: number): Clock | undefined {
  const hour = tokens[index];
  const minute = tokens[index + 2];
  const mark = tokens[index + 1];
  if (hour?.kind !== 'number' || hour.ordinal || !isMark(mark, ':.') || !touches(tokens, index + 1))
    return undefined;
  if (
    minute?.kind !== 'number' ||
    minute.ordinal ||
    minute.text.length !== 2 ||
    !touches(tokens, index + 2)
  )
    return undefined;
  if (isMark(tokens[index + 3], './-') && touches(tokens, index + 3) && touches(tokens, index + 4))
    return undefined;
  if (hour.text.length > 2) return undefined;
  return clock(Number(hour.text), Number(minute.text), index + 3, mark?.text === ':');
}

/** "1400 hours", "fourteen hundred hours". */
function readHoursWord(tokens: readonly Token[], index: number): Clock | undefined {
  const token = tokens[index];
  const figures = token?.kind === 'number' && token.text.length === 4;
  const four = figures
    ? { value: Number(token.text), next: index + 1 }
    : readCardinal(tokens, index);
  if (four === undefined || !isWord(tokens[four.next], english.hours)) return undefined;
  return clock(Math.floor(four.value / 100), four.value % 100, four.next + 1, true);
}

/** "half nine", "nine o'clock", "nine thirty", "nine oh five", "9 a.m.", "at nine". */
function readHour(tokens: readonly Token[], index: number): Clock | undefined {
  if (isWord(tokens[index], english.half)) {
    const hour = readTwoDigits(tokens, index + 1);
    return hour && hour.value >= 1 && hour.value <= 12
      ? clock(hour.value, 30, hour.next, true)
      : undefined;
  }
  const hour = readTwoDigits(tokens, index);
  if (hour === undefined || hour.value > 23) return undefined;
  const after = tokens[hour.next];
  if (isWord(after, english.oClock)) return clock(hour.value, 0, hour.next + 1, true);
  if (readHalfOfDay(tokens, hour.next)) return clock(hour.value, 0, hour.next, true);
  const at = isWord(tokens[index - 1], english.at);
  const introduced = isWord(tokens[index - 1], english.beforeHour);
  const minute = readMinuteWords(tokens, hour.next);
  if (minute !== undefined && hour.value >= 1) {
    return clock(hour.value, minute.value, minute.next, at);
  }
  if (isRange(tokens, hour.next)) return undefined;
  const alone = tokens.every(
    (token, at) => at === index || (at > index && at < hour.next) || isPadding(token),
  );
  const beside = isDayWord(tokens[index - 1]) || isDayWord(tokens[hour.next]);
  const bare = introduced || alone || beside || findDayPart(tokens) !== undefined;
  return bare && standsAlone(tokens, hour.next) ? clock(hour.value, 0, hour.next, at) : undefined;
}

/** "thirty", "oh five", "45" after the hour, and no further number behind. */
function readMinuteWords(
  tokens: readonly Token[],
  index: number,
): { value: number; next: number } | undefined {
  const start = isMark(tokens[index], '-') ? index + 1 : index;
  const zero = isWord(tokens[start], english.zeroInDigits) ? 1 : 0;
  const minute = readTwoDigits(tokens, start + zero);
  if (minute === undefined || minute.value > 59 || (zero === 1) !== minute.value < 10)
    return undefined;
  return readTwoDigits(tokens, minute.next) === undefined ? minute : undefined;
}

/** No unit and no further number follows, as in "at nine" but not "at nine pounds" or "at nine two". */
function standsAlone(tokens: readonly Token[], index: number): boolean {
  const token = tokens[index];
  if (token === undefined) return true;
  if (token.kind === 'number' || readTwoDigits(tokens, index) !== undefined) return false;
  if (token.kind === 'mark') return !touches(tokens, index) || ',.?!;'.includes(token.text);
  return isPadding(token) || isWord(token, english.contrasts) || isDayWord(token);
}

/** "nine to five", "nine or ten": two hours, and neither decided for. */
function isRange(tokens: readonly Token[], index: number): boolean {
  const joins = [english.to, english.and, english.or].some((words) => isWord(tokens[index], words));
  const second =
    joins || isMark(tokens[index], '-–') ? readTwoDigits(tokens, index + 1) : undefined;
  return second !== undefined && second.value <= 23;
}

function isDayWord(token: Token | undefined): boolean {
  return [
    english.relativeDays,
    english.weekdays,
    english.morning,
    english.afternoonOrLater,
    english.night,
    english.next,
  ].some((words) => isWord(token, words));
}

function clock(hour: number, minute: number, next: number, explicit: boolean): Clock | undefined {
  return hour <= 23 && minute <= 59 ? { hour, minute, next, explicit } : undefined;
}

/** The normal form of a reading. */
export function timeValue({ minuteOfDay }: TimeReading): string {
  return isoTime(minuteOfDay);
}
