import { english } from './english.ts';
import { isMark, isWord, type Token, touches } from './tokens.ts';

/** A value read from the tokens `[index, next)`. */
export interface NumberReading {
  value: number;
  next: number;
  /** Said with "hundred", "thousand" or "million". */
  scaled: boolean;
}

/** "twenty one", "one hundred and five", "12,500", "3.5", "three point five", "two and a half", "1.5 million". */
export function readCardinal(tokens: readonly Token[], index: number): NumberReading | undefined {
  const negative = isWord(tokens[index], english.minus);
  const whole = readWhole(tokens, negative ? index + 1 : index);
  if (whole === undefined) return undefined;
  const full = readScaleAfterFraction(tokens, readFraction(tokens, whole));
  return negative ? { ...full, value: -full.value } : full;
}

function readWhole(tokens: readonly Token[], start: number): NumberReading | undefined {
  let index = start;
  let total = 0;
  let group: number | undefined;
  let scaled = false;
  const article = isWord(tokens[index], english.article) && isScale(tokens[index + 1]);
  if (article) {
    group = 1;
    index += 1;
  }
  for (;;) {
    const scale = readScale(tokens[index]);
    if (scale !== undefined && group !== undefined && group > 0) {
      if (scale === 100) {
        if (group >= 100) break;
        group *= 100;
      } else {
        total += group * scale;
        group = undefined;
      }
      scaled = true;
      index += 1;
      continue;
    }
    const joined = scaled && isWord(tokens[index], english.and) ? index + 1 : index;
    const hyphenated = isMark(tokens[joined], '-') && touches(tokens, joined) ? joined + 1 : joined;
    const part = readPart(tokens, hyphenated);
    if (part === undefined || !fits(group, part.value, scaled)) break;
    if (hyphenated > joined && !isTens(group)) break;
    group = (group ?? 0) + part.value;
    index = part.next;
  }
  if (index === start || (group === undefined && !scaled)) return undefined;
  return { value: total + (group ?? 0), next: index, scaled };
}

/** Whether a further number word belongs to the number so far, as "one" does after "twenty". */
function fits(group: number | undefined, value: number, scaled: boolean): boolean {
  if (group === undefined) return !scaled || value < 1_000;
  if (isTens(group)) return value >= 1 && value <= 9;
  return group >= 100 && group % 100 === 0 && scaled && value >= 1 && value < 100;
}

function isTens(group: number | undefined): boolean {
  return group !== undefined && group % 100 >= 20 && group % 10 === 0;
}

function readPart(
  tokens: readonly Token[],
  index: number,
): { value: number; next: number } | undefined {
  const token = tokens[index];
  if (token?.kind === 'word') {
    const value = english.cardinals.get(token.text);
    if (value !== undefined) return { value, next: index + 1 };
    return isWord(token, english.dozen) ? { value: 12, next: index + 1 } : undefined;
  }
  if (token?.kind !== 'number' || token.ordinal) return undefined;
  return readThousands(tokens, index);
}

/** "12,500": a numeral and the groups of three that touch it. */
function readThousands(tokens: readonly Token[], index: number): { value: number; next: number } {
  let digits = tokens[index]?.text ?? '';
  let next = index + 1;
  while (
    digits.length <= 9 &&
    (tokens[index]?.text.length ?? 0) <= 3 &&
    isMark(tokens[next], ',') &&
    touches(tokens, next) &&
    touches(tokens, next + 1) &&
    tokens[next + 1]?.kind === 'number' &&
    tokens[next + 1]?.text.length === 3
  ) {
    digits += tokens[next + 1]?.text ?? '';
    next += 2;
  }
  return { value: Number(digits), next };
}

function readFraction(tokens: readonly Token[], whole: NumberReading): NumberReading {
  const { next } = whole;
  const after = tokens[next + 1];
  const decimalMark =
    isMark(tokens[next], '.') && touches(tokens, next) && touches(tokens, next + 1);
  if (decimalMark && after?.kind === 'number' && !after.ordinal) {
    return { ...whole, value: withDecimals(whole.value, after.text), next: next + 2 };
  }
  if (isWord(tokens[next], english.point)) return readSpokenDecimals(tokens, whole);
  const half =
    isWord(tokens[next], english.and) &&
    isWord(after, english.article) &&
    isWord(tokens[next + 2], english.half);
  return half ? { ...whole, value: whole.value + 0.5, next: next + 3 } : whole;
}

/** "1.5 million". */
function readScaleAfterFraction(tokens: readonly Token[], number: NumberReading): NumberReading {
  const scale = Number.isInteger(number.value) ? undefined : readScale(tokens[number.next]);
  if (scale === undefined) return number;
  const value = Number((number.value * scale).toFixed(2));
  return { value, next: number.next + 1, scaled: true };
}

function readSpokenDecimals(tokens: readonly Token[], whole: NumberReading): NumberReading {
  let decimals = '';
  let next = whole.next + 1;
  for (;;) {
    const token = tokens[next];
    if (token === undefined) break;
    const value = isWord(token, english.zeroInDigits) ? 0 : english.cardinals.get(token.text);
    if (token.kind === 'number' && !token.ordinal) decimals += token.text;
    else if (token.kind === 'word' && value !== undefined) decimals += String(value);
    else break;
    next += 1;
  }
  if (decimals === '') return whole;
  return { ...whole, value: withDecimals(whole.value, decimals), next };
}

function withDecimals(whole: number, decimals: string): number {
  return Number(`${whole}.${decimals}`);
}

function isScale(token: Token | undefined): boolean {
  return readScale(token) !== undefined || isWord(token, english.dozen);
}

function readScale(token: Token | undefined): number | undefined {
  return token?.kind === 'word' ? english.scales.get(token.text) : undefined;
}

/** "14th", "fourteenth", "twenty-first": 1 to 39. */
export function readOrdinal(
  tokens: readonly Token[],
  index: number,
): { value: number; next: number } | undefined {
  const token = tokens[index];
  if (token?.kind === 'number') {
    return token.ordinal ? { value: Number(token.text), next: index + 1 } : undefined;
  }
  if (token?.kind !== 'word') return undefined;
  const value = english.ordinals.get(token.text);
  if (value !== undefined) return { value, next: index + 1 };
  const tens = english.cardinals.get(token.text);
  if (tens === undefined || tens < 20) return undefined;
  const last = isMark(tokens[index + 1], '-') ? index + 2 : index + 1;
  const unit = tokens[last]?.kind === 'word' ? english.ordinals.get(tokens[last].text) : undefined;
  if (unit === undefined || unit > 9) return undefined;
  return { value: tens + unit, next: last + 1 };
}

/** A cardinal below a hundred that is one numeral, one word, or tens and a unit. */
export function readTwoDigits(
  tokens: readonly Token[],
  index: number,
): { value: number; next: number } | undefined {
  const token = tokens[index];
  if (token === undefined || token.ordinal || token.kind === 'mark') return undefined;
  if (token.kind === 'number') {
    return token.text.length <= 2 ? { value: Number(token.text), next: index + 1 } : undefined;
  }
  const value = english.cardinals.get(token.text);
  if (value === undefined) return undefined;
  if (value < 20) return { value, next: index + 1 };
  const last = isMark(tokens[index + 1], '-') ? index + 2 : index + 1;
  const unit = tokens[last]?.kind === 'word' ? english.cardinals.get(tokens[last].text) : undefined;
  return unit !== undefined && unit >= 1 && unit <= 9
    ? { value: value + unit, next: last + 1 }
    : { value, next: index + 1 };
}

/**
 * A year said in full: "1986", "nineteen eighty six", "nineteen oh five", "two thousand and three",
 * "twenty twenty six". 1800 to 2199.
 */
export function readFullYear(
  tokens: readonly Token[],
  index: number,
): { value: number; next: number } | undefined {
  const token = tokens[index];
  if (token?.kind === 'number' && token.text.length === 4 && !token.ordinal) {
    return plausibleYear(Number(token.text), index + 1);
  }
  const cardinal = readCardinal(tokens, index);
  if (cardinal?.scaled === true) return plausibleYear(cardinal.value, cardinal.next);
  const century = readTwoDigits(tokens, index);
  if (century === undefined || century.value < 18 || century.value > 21) return undefined;
  const zero = isWord(tokens[century.next], english.zeroInDigits) ? 1 : 0;
  const rest = readTwoDigits(tokens, century.next + zero);
  if (rest === undefined || (zero === 1) !== rest.value < 10) return undefined;
  return plausibleYear(century.value * 100 + rest.value, rest.next);
}

function plausibleYear(value: number, next: number): { value: number; next: number } | undefined {
  return value >= 1800 && value <= 2199 ? { value, next } : undefined;
}
