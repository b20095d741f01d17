import { addMonths, fromDay, weekdayOf } from './calendar.ts';
import { type DateReading, type DateSettings, skipOf } from './date-reading.ts';
import { english } from './english.ts';
import { readCardinal } from './numerals.ts';
import { indexPhrases, isWord, phraseLength, type Token } from './tokens.ts';

const RELATIVE_DAYS = indexPhrases(english.relativeDays.keys());
const FROM_NOW = indexPhrases(english.fromNow);

/** "tomorrow", "the day after tomorrow". */
export function readRelativeDay(
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
export function readDistance(
  tokens: readonly Token[],
  index: number,
  settings: DateSettings,
): DateReading | undefined {
  const ahead = isWord(tokens[index], english.inWord);
  const distance = readSpan(tokens, ahead ? index + 1 : index);
  if (distance === undefined) return undefined;
  const { move, next } = distance;
  const today = settings.now.day;
  const reading = (end: number, day: number) => ({ first: index, next: end, day, explicit: true });
  if (isWord(tokens[next], english.ago)) return reading(next + 1, move(today, -1));
  const fromNow = phraseLength(tokens, next, FROM_NOW);
  if (fromNow > 0) return reading(next + fromNow, move(today, 1));
  if (ahead) return reading(next, move(today, 1));
  const anchorAt = isWord(tokens[next], english.on) ? next + 1 : next;
  const anchor =
    readRelativeDay(tokens, anchorAt, settings) ?? readBareWeekday(tokens, anchorAt, settings);
  return anchor?.day === undefined ? undefined : reading(anchor.next, move(anchor.day, 1));
}

/** Longer spans are no appointment, and their dates would leave the calendar. */
const LONGEST_SPAN = 1_000;

interface CalendarSpan {
  /** The day so far after (1) or before (-1) another. */
  move: (day: number, sign: 1 | -1) => number;
  next: number;
}

/** "two weeks", "a month". */
function readSpan(tokens: readonly Token[], index: number): CalendarSpan | undefined {
  const article = isWord(tokens[index], english.article);
  const count = article ? { value: 1, next: index + 1 } : readCardinal(tokens, index);
  if (count === undefined || !Number.isInteger(count.value)) return undefined;
  if (count.value < 0 || count.value > LONGEST_SPAN) return undefined;
  const unit = tokens[count.next];
  const next = count.next + 1;
  if (isWord(unit, english.monthUnits)) {
    return { move: (day, sign) => addMonths(day, sign * count.value), next };
  }
  const days = unit?.kind === 'word' ? english.dayUnits.get(unit.text) : undefined;
  return days === undefined
    ? undefined
    : { move: (day, sign) => day + sign * days * count.value, next };
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

/** "Tuesday", "next Tuesday", "Tuesday next week", "Tuesday week". */
export function readWeekday(
  tokens: readonly Token[],
  index: number,
  settings: DateSettings,
): DateReading | undefined {
  const before = isWeekQualifier(tokens[index]) ? 1 : 0;
  const weekday = weekdayAt(tokens[index + before]);
  if (weekday === undefined) return undefined;
  const after = index + before + 1;
  const reading = (next: number, day: number) => ({ first: index, next, day, explicit: true });
  if (before === 1) return reading(after, weekdayOfWeek(weekday, tokens[index], settings));
  const weekAt = skipOf(tokens, after);
  if (isWeekQualifier(tokens[weekAt]) && isWord(tokens[weekAt + 1], english.weekWord)) {
    return reading(weekAt + 2, weekdayOfWeek(weekday, tokens[weekAt], settings));
  }
  const nearest = nearestWeekday(weekday, settings);
  return isWord(tokens[after], english.weekWord)
    ? reading(after + 1, nearest + 7)
    : reading(after, nearest);
}

/** "next week Tuesday", "next week on Tuesday"; "next week" alone is a beginning. */
export function readWeek(
  tokens: readonly Token[],
  index: number,
  settings: DateSettings,
): DateReading | undefined {
  const qualifier = tokens[index];
  if (!isWeekQualifier(qualifier)) return undefined;
  if (isWord(tokens[index + 1], english.monthWord))
    return { first: index, next: index + 2, explicit: true };
  if (!isWord(tokens[index + 1], english.weekWord)) return undefined;
  const at = isWord(tokens[index + 2], english.on) ? index + 3 : index + 2;
  const weekday = weekdayAt(tokens[at]);
  if (weekday === undefined) return { first: index, next: index + 2, explicit: true };
  return {
    first: index,
    next: at + 1,
    day: weekdayOfWeek(weekday, qualifier, settings),
    explicit: true,
  };
}

/** A weekday that disagrees with its day of the month is not looked for farther than this. */
const FARTHEST_WEEKDAY_DAYS = 62;

/** The nearest day that is this weekday and this day of its month. */
export function weekdayAndDay(
  weekday: number,
  dayOfMonth: number,
  { now, tendency }: DateSettings,
): number | undefined {
  const step = tendency === 'birth' || tendency === 'past' ? -1 : 1;
  for (let offset = 0; offset <= FARTHEST_WEEKDAY_DAYS; offset += 1) {
    const day = now.day + step * offset;
    if (weekdayOf(day) === weekday && fromDay(day).day === dayOfMonth) return day;
  }
  return undefined;
}

export function weekdayAt(token: Token | undefined): number | undefined {
  return token?.kind === 'word' ? english.weekdays.get(token.text) : undefined;
}

export function isWeekQualifier(token: Token | undefined): boolean {
  return (
    isWord(token, english.next) || isWord(token, english.thisOne) || isWord(token, english.last)
  );
}

/** "Next" is the coming week, Monday to Sunday; "this" the current one, or the one after if that day is over. */
function weekdayOfWeek(
  weekday: number,
  qualifier: Token | undefined,
  { now }: DateSettings,
): number {
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
