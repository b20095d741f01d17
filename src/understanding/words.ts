import { stemmer } from 'stemmer';
import { isPronounOne, readPiece } from './digits.ts';
import { english } from './english.ts';
import { readCardinal, readOrdinal } from './numerals.ts';
import { indexPhrases, isMark, phraseLength, type Token } from './tokens.ts';
import type { Span } from './types.ts';

export type WordKind =
  | 'content'
  | 'number'
  | 'light'
  | 'filler'
  | 'question'
  | 'affirmation'
  | 'negation'
  | 'contrast'
  /** "I don't know": one word, since its parts mean something else. */
  | 'doubt';

/** What is compared when two sentences are: a word, or a whole number in numerals. */
export interface Word extends Span {
  /** Lower case, numbers in numerals. */
  text: string;
  /** `text` without a contracted ending; every "not" is "not". */
  root: string;
  stem: string;
  kind: WordKind;
}

const DOUBTS = indexPhrases(english.doubts);
const IDIOMS = indexPhrases(english.idioms);

/** From how many single digits in a row on they are read as one number, as in "four seven one two". */
const SHORTEST_DIGIT_STRING = 3;

export function toWords(tokens: readonly Token[]): Word[] {
  const words: Word[] = [];
  let index = 0;
  while (index < tokens.length) {
    const token = tokens[index];
    if (token === undefined) break;
    if (token.kind === 'mark') {
      index += 1;
      continue;
    }
    const fixed = readFixedPhrase(tokens, index);
    const number = fixed === undefined ? readNumeral(tokens, index) : undefined;
    const next = fixed?.next ?? number?.next ?? index + 1;
    const to = tokens[next - 1]?.to ?? token.to;
    words.push({ ...(fixed?.word ?? describe(number?.text, token)), from: token.from, to });
    index = next;
  }
  return words;
}

type Description = Omit<Word, 'from' | 'to'>;

function readFixedPhrase(
  tokens: readonly Token[],
  index: number,
): { word: Description; next: number } | undefined {
  const doubt = phraseLength(tokens, index, DOUBTS);
  const length = Math.max(doubt, phraseLength(tokens, index, IDIOMS));
  if (length === 0) return undefined;
  const next = index + length;
  const text = tokens
    .slice(index, next)
    .map((token) => token.text)
    .join(' ');
  const kind = doubt === length ? 'doubt' : 'filler';
  return { word: { text, root: text, stem: text, kind }, next };
}

function describe(numeral: string | undefined, token: Token): Description {
  if (numeral !== undefined) return { text: numeral, root: numeral, stem: numeral, kind: 'number' };
  const root = rootOf(token.text);
  return { text: token.text, root, stem: stemmer(root), kind: kindOf(token.text, root) };
}

function rootOf(text: string): string {
  if (english.negativeEnding.test(text) || english.notWords.has(text.replaceAll("'", '')))
    return 'not';
  return text.replace(english.contractedEnding, '').replaceAll("'", '');
}

function kindOf(text: string, root: string): WordKind {
  if (english.negations.has(root)) return 'negation';
  if (english.affirmations.has(text)) return 'affirmation';
  if (english.contrasts.has(text)) return 'contrast';
  if (english.questionWords.has(root)) return 'question';
  if (english.fillers.has(text)) return 'filler';
  return english.light.has(root) ? 'light' : 'content';
}

function readNumeral(
  tokens: readonly Token[],
  index: number,
): { text: string; next: number } | undefined {
  const digits = readSingleDigits(tokens, index);
  if (digits !== undefined) return digits;
  if (isPronounOne(tokens, index)) return undefined;
  const ordinal = readOrdinal(tokens, index);
  if (ordinal !== undefined) return { text: withSuffix(ordinal.value), next: ordinal.next };
  const token = tokens[index];
  // A long numeral is kept as written: as a number it would lose its leading zeros.
  const written = token?.kind === 'number' && (token.text.startsWith('0') || token.text.length > 9);
  if (written) return { text: token.text, next: index + 1 };
  const cardinal = readCardinal(tokens, index);
  return cardinal && { text: String(cardinal.value), next: cardinal.next };
}

function readSingleDigits(
  tokens: readonly Token[],
  start: number,
): { text: string; next: number } | undefined {
  let text = '';
  let next = start;
  for (let index = start; ; ) {
    const piece = readPiece(tokens, index);
    if (piece === undefined || piece.digits.length !== piece.next - index) break;
    text += piece.digits;
    next = piece.next;
    index = isMark(tokens[next], '-,') ? next + 1 : next;
  }
  return text.length >= SHORTEST_DIGIT_STRING && next > start + 1 ? { text, next } : undefined;
}

/** "1st", "22nd", "13th". */
export function withSuffix(value: number): string {
  const teen = value % 100 >= 11 && value % 100 <= 13;
  const suffix = teen ? undefined : ['st', 'nd', 'rd'][(value % 10) - 1];
  return `${value}${suffix ?? 'th'}`;
}
