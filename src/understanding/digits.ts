import { english } from './english.ts';
import { readCardinal, readTwoDigits } from './numerals.ts';
import { isMark, isWord, type Token } from './tokens.ts';
import type { Span } from './types.ts';

/** A string of digits that a caller said, in one or several pieces. */
export interface DigitRun extends Span {
  digits: string;
  /** "plus" or "+" stands before it. */
  plus: boolean;
}

interface Piece {
  digits: string;
  first: number;
  next: number;
  /** A full stop, "and" or "then" stands before it: perhaps another number. */
  apart: boolean;
}

const MARKS_INSIDE = '-–—.,;:/()…';

/** Every run of digits, as a whole. Tokens for which `skip` is true belong to something else. */
export function readDigitRuns(
  tokens: readonly Token[],
  skip: (index: number) => boolean = () => false,
): { whole: DigitRun; parts: readonly DigitRun[] }[] {
  const runs: { whole: DigitRun; parts: readonly DigitRun[] }[] = [];
  let index = 0;
  while (index < tokens.length) {
    const pieces = readPieces(tokens, index, skip);
    if (pieces.length > 0 && !isOnlyAWord(tokens, pieces)) {
      runs.push({
        whole: toRun(tokens, pieces),
        parts: splitApart(pieces).map((part) => toRun(tokens, part)),
      });
    }
    index = (pieces.at(-1)?.next ?? index) + (pieces.length > 0 ? 0 : 1);
  }
  return runs;
}

/**
 * An utterance of nothing but digits, some of them misheard as words: "for seven one two". Only
 * where the number of digits is known can the words be told from themselves.
 */
export function readMisheardDigits(tokens: readonly Token[]): DigitRun | undefined {
  const pieces: Piece[] = [];
  let misheard = 0;
  let index = 0;
  while (index < tokens.length) {
    const digits = english.misheardDigits.get(tokens[index]?.text ?? '');
    const piece =
      readPiece(tokens, index) ?? (digits === undefined ? undefined : { digits, next: index + 1 });
    if (piece === undefined && !isMark(tokens[index], MARKS_INSIDE)) return undefined;
    if (piece !== undefined) pieces.push({ ...piece, first: index, apart: false });
    if (digits !== undefined) misheard += 1;
    index = piece?.next ?? index + 1;
  }
  return misheard > 0 && misheard * 2 < pieces.length ? toRun(tokens, pieces) : undefined;
}

function readPieces(
  tokens: readonly Token[],
  start: number,
  skip: (index: number) => boolean,
): Piece[] {
  const pieces: Piece[] = [];
  let index = start;
  let apart = false;
  for (;;) {
    if (skip(index)) break;
    const piece = readPiece(tokens, index);
    if (piece !== undefined) {
      pieces.push({ ...piece, first: index, apart });
      index = piece.next;
      apart = false;
      continue;
    }
    const token = tokens[index];
    const inside = isMark(token, MARKS_INSIDE) || isWord(token, english.insideDigits);
    if (pieces.length === 0 || !inside) break;
    apart ||= isMark(token, '.') || isWord(token, english.and);
    index += 1;
  }
  return pieces;
}

/** One piece of a string of digits: "4", "four", "double seven", "forty seven", "two hundred". */
export function readPiece(
  tokens: readonly Token[],
  index: number,
): { digits: string; next: number } | undefined {
  const token = tokens[index];
  if (token === undefined || token.kind === 'mark' || token.ordinal) return undefined;
  if (token.kind === 'number') {
    return { digits: token.text, next: index + 1 };
  }
  const times = english.repeats.get(token.text);
  if (times !== undefined) {
    const repeated = readPiece(tokens, index + 1);
    if (repeated?.digits.length !== 1) return undefined;
    return { digits: repeated.digits.repeat(times), next: repeated.next };
  }
  if (english.zeroInDigits.has(token.text)) {
    return isExclamation(tokens, index) ? undefined : { digits: '0', next: index + 1 };
  }
  if (!english.cardinals.has(token.text)) return undefined;
  const scaled = readScaled(tokens, index);
  if (scaled !== undefined) return scaled;
  const short = readTwoDigits(tokens, index);
  return short && { digits: String(short.value), next: short.next };
}

/** "Oh, 4712": no zero. */
function isExclamation(tokens: readonly Token[], index: number): boolean {
  const before = tokens[index - 1];
  const afterDigit =
    before?.kind === 'number' ||
    isWord(before, english.cardinals) ||
    isWord(before, english.zeroInDigits) ||
    isWord(before, english.repeats);
  return isMark(tokens[index + 1], ',!.') && !afterDigit && !isMark(before, ',');
}

/** "nine hundred", "two thousand and three"; of "nine hundred one two three" only "nine hundred". */
function readScaled(
  tokens: readonly Token[],
  index: number,
): { digits: string; next: number } | undefined {
  const cardinal = readCardinal(tokens, index);
  if (cardinal?.scaled !== true || !Number.isInteger(cardinal.value)) return undefined;
  const { value, next } = cardinal;
  const followsScale = isWord(tokens[next - 2], english.scales);
  if (followsScale && value % 100 > 0 && readPiece(tokens, next) !== undefined) {
    return { digits: String(value - (value % 100)), next: next - 1 };
  }
  return { digits: String(value), next };
}

/** A lone "oh", or "one" as in "this one". */
function isOnlyAWord(tokens: readonly Token[], pieces: readonly Piece[]): boolean {
  const first = pieces[0];
  if (first === undefined) return true;
  const token = tokens[first.first];
  if (pieces.every((piece) => isWord(tokens[piece.first], english.zeroInDigits))) return true;
  return pieces.length === 1 && token !== undefined && isPronounOne(tokens, first.first);
}

/** "this one", "one of them": not the number. */
export function isPronounOne(tokens: readonly Token[], index: number): boolean {
  return (
    tokens[index]?.text === 'one' &&
    (isWord(tokens[index - 1], english.beforePronounOne) ||
      isWord(tokens[index + 1], english.afterPronounOne))
  );
}

function splitApart(pieces: readonly Piece[]): Piece[][] {
  const parts: Piece[][] = [];
  for (const piece of pieces) {
    const current = parts.at(-1);
    if (current === undefined || piece.apart) parts.push([piece]);
    else current.push(piece);
  }
  return parts;
}

function toRun(tokens: readonly Token[], pieces: readonly Piece[]): DigitRun {
  const first = pieces[0]?.first ?? 0;
  const last = (pieces.at(-1)?.next ?? 1) - 1;
  const before = tokens[first - 1];
  return {
    digits: pieces.map((piece) => piece.digits).join(''),
    plus: isMark(before, '+') || isWord(before, english.plus),
    from: tokens[first]?.from ?? 0,
    to: tokens[last]?.to ?? 0,
  };
}
