import {
  complete,
  type DateReading,
  type DateSettings,
  fullYear,
  skipComma,
  withoutYear,
} from './date-reading.ts';
import { readPiece } from './digits.ts';
import { readFullYear, readTwoDigits } from './numerals.ts';
import { isMark, type Token, touches } from './tokens.ts';

/** "1986-03-14", "14/3/1986", "3/14/86", "14.3.1986", "14/3". */
export function readNumericDate(
  tokens: readonly Token[],
  index: number,
  settings: DateSettings,
): DateReading | undefined {
  const mark = tokens[index + 1];
  if (!isMark(mark, '/-.')) return undefined;
  const [a = '', b = '', c] = joinedNumerals(tokens, index, mark?.text ?? '');
  const next = index + (c === undefined ? 3 : 5);
  if (a.length === 4 && c !== undefined) {
    return complete(index, next, { year: Number(a), month: Number(b), day: Number(c) }, true);
  }
  if (a.length > 2 || b.length === 0 || b.length > 2) return undefined;
  const date = dayAndMonth(Number(a), Number(b), settings);
  const slashed = mark?.text === '/';
  if (c === undefined) return slashed ? withoutYear(index, next, date, settings) : undefined;
  if (c.length !== 4 && !(c.length === 2 && slashed)) return undefined;
  return complete(index, next, { ...date, year: fullYear(Number(c), c.length, settings) }, true);
}

/** Up to three numerals with the same mark between them and no space. */
function joinedNumerals(tokens: readonly Token[], index: number, mark: string): string[] {
  const numerals: string[] = [];
  for (let at = index; numerals.length < 3; at += 2) {
    const token = tokens[at];
    const joined =
      at === index ||
      (tokens[at - 1]?.text === mark && touches(tokens, at) && touches(tokens, at - 1));
    if (token?.kind !== 'number' || token.ordinal || !joined) break;
    numerals.push(token.text);
  }
  return numerals;
}

/** "14 3 1986", "fourteen, three, nineteen eighty six"; of a birth also "14 3 86". */
export function readSpacedDate(
  tokens: readonly Token[],
  index: number,
  settings: DateSettings,
): DateReading | undefined {
  if (readPiece(tokens, index - 1) !== undefined) return undefined;
  const a = readTwoDigits(tokens, index);
  const b = a && readTwoDigits(tokens, skipComma(tokens, a.next));
  if (a === undefined || b === undefined || a.value > 31 || b.value > 31) return undefined;
  const year = readSpacedYear(tokens, skipComma(tokens, b.next), settings);
  if (year === undefined) return undefined;
  return complete(
    index,
    year.next,
    { ...dayAndMonth(a.value, b.value, settings), year: year.value },
    false,
  );
}

/** "one four zero three nineteen eighty six", "14031986": eight digits are a birth date in full. */
export function readEightDigits(
  tokens: readonly Token[],
  index: number,
  settings: DateSettings,
): DateReading | undefined {
  if (settings.tendency !== 'birth' || readPiece(tokens, index - 1) !== undefined) return undefined;
  let digits = '';
  let next = index;
  for (
    let piece = readPiece(tokens, next);
    piece;
    piece = readPiece(tokens, skipComma(tokens, next))
  ) {
    digits += piece.digits;
    next = piece.next;
  }
  if (digits.length !== 8) return undefined;
  const date = dayAndMonth(Number(digits.slice(0, 2)), Number(digits.slice(2, 4)), settings);
  return complete(index, next, { ...date, year: Number(digits.slice(4)) }, false);
}

/** A short year that can be no day, so that "1, 2, 3, 4" is no date. */
function readSpacedYear(tokens: readonly Token[], index: number, settings: DateSettings) {
  const full = readFullYear(tokens, index);
  if (full !== undefined || settings.tendency !== 'birth') return full;
  const short = readTwoDigits(tokens, index);
  if (short === undefined || short.value <= 31) return undefined;
  return { value: fullYear(short.value, 2, settings), next: short.next };
}

/** In the order of the region, unless only the other makes sense. */
function dayAndMonth(
  first: number,
  second: number,
  { monthFirst }: DateSettings,
): { day: number; month: number } {
  const monthIsFirst = monthFirst ? first <= 12 : second > 12;
  return monthIsFirst ? { month: first, day: second } : { day: first, month: second };
}
