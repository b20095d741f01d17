import { isPronounOne, readPiece } from './digits.ts';
import { english } from './english.ts';
import { readCardinal, readFullYear } from './numerals.ts';
import { isMark, isWord, type Token, touches } from './tokens.ts';

/** A quantity in the tokens `[first, next)`. */
export interface QuantityReading {
  first: number;
  next: number;
  value: number;
}

/** Every number in the tokens. Tokens for which `skip` is true belong to something else. */
export function readNumbers(
  tokens: readonly Token[],
  skip: (index: number) => boolean,
): QuantityReading[] {
  const found: QuantityReading[] = [];
  let index = 0;
  while (index < tokens.length) {
    const reading =
      skip(index) || isPronounOne(tokens, index) ? undefined : readNumber(tokens, index);
    if (reading !== undefined) found.push(reading);
    index = reading?.next ?? index + 1;
  }
  return found;
}

function readNumber(tokens: readonly Token[], first: number): QuantityReading | undefined {
  const cardinal = readCardinal(tokens, first);
  const string = readDigitString(tokens, first);
  if (cardinal === undefined) return string;
  if (string !== undefined && string.next > cardinal.next) return string;
  const negative =
    isMark(tokens[first - 1], '-') && touches(tokens, first) && !touches(tokens, first - 1);
  const start = negative ? first - 1 : first;
  const money = readMoney(tokens, { first: start, next: cardinal.next, value: cardinal.value });
  return negative ? { ...money, value: -money.value } : money;
}

/** "four seven one two", "nineteen eighty four", "4, 7, 1": several pieces said one after another. */
function readDigitString(tokens: readonly Token[], first: number): QuantityReading | undefined {
  const pieces: string[] = [];
  let next = first;
  let commas = false;
  for (let index = first; ; ) {
    const piece = readPiece(tokens, index);
    if (piece === undefined) break;
    pieces.push(piece.digits);
    next = piece.next;
    const comma = isMark(tokens[next], ',-') && readPiece(tokens, next + 1) !== undefined;
    commas ||= comma;
    index = comma ? next + 1 : next;
  }
  // "Two, three" may be a list, and "ten ninety nine" a price; single digits are one number read out.
  const single = pieces.every((piece) => piece.length === 1) && pieces.length >= (commas ? 3 : 2);
  if (!single && readFullYear(tokens, first)?.next !== next) return undefined;
  const value = Number(pieces.join(''));
  return Number.isSafeInteger(value) ? { first, next, value } : undefined;
}

/** "twelve pounds fifty", "three dollars and five cents", "fifty pence". */
function readMoney(tokens: readonly Token[], whole: QuantityReading): QuantityReading {
  if (isWord(tokens[whole.next], english.hundredthsOfCurrency)) {
    return { ...whole, next: whole.next + 1, value: whole.value / 100 };
  }
  if (!isWord(tokens[whole.next], english.currency) || !Number.isInteger(whole.value)) return whole;
  const at = isWord(tokens[whole.next + 1], english.and) ? whole.next + 2 : whole.next + 1;
  const parts = readCardinal(tokens, at);
  const named = parts !== undefined && isWord(tokens[parts.next], english.hundredthsOfCurrency);
  if (parts === undefined || !Number.isInteger(parts.value) || parts.value > 99 || parts.value < 0)
    return whole;
  if (!named && (parts.value < 10 || at > whole.next + 1)) return whole;
  return {
    ...whole,
    next: named ? parts.next + 1 : parts.next,
    value: Number((whole.value + parts.value / 100).toFixed(2)),
  };
}
