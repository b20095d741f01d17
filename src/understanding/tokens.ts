import { english } from './english.ts';
import type { Span } from './types.ts';

/** Longer utterances are cut here: bounds the work that one utterance can cause. UTF-16 units. */
export const MAX_UTTERANCE_LENGTH = 1_000;

/** A word, a numeral or a mark of an utterance. */
export interface Token extends Span {
  kind: 'word' | 'number' | 'mark';
  /** Lower case, straight apostrophes, "a.m." as "am"; a numeral's digits without "th". */
  text: string;
  /** `text` without apostrophes: recognisers often leave them out. */
  plain: string;
  /** A numeral such as "14th". */
  ordinal: boolean;
}

const TOKEN =
  /(?<ordinal>\d+)(?:st|nd|rd|th)(?![\p{L}\d])|(?<number>\d+)|(?<half>[ap])\.\s?m(?![\p{L}\d])\.?|(?<word>\p{L}[\p{L}\p{M}]*(?:['’]\p{L}+)*)|(?<mark>\S)/giu;

/** The tokens of a text, in order, with their places in it. */
export function tokenise(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.slice(0, MAX_UTTERANCE_LENGTH).matchAll(TOKEN)) {
    const { ordinal, number, half, word, mark } = match.groups ?? {};
    const from = match.index;
    const to = from + match[0].length;
    const digits = ordinal ?? number;
    const letters = half === undefined ? word : `${half}m`;
    const text = digits ?? mark ?? (letters ?? '').toLowerCase().replaceAll('’', "'");
    const kind = digits !== undefined ? 'number' : mark !== undefined ? 'mark' : 'word';
    const plain = text.replaceAll("'", '');
    tokens.push({ kind, text, plain, ordinal: ordinal !== undefined, from, to });
  }
  return tokens;
}

/** Whether no space stands between a token and the one before it. */
export function touches(tokens: readonly Token[], index: number): boolean {
  const before = tokens[index - 1];
  const token = tokens[index];
  return before !== undefined && token !== undefined && before.to === token.from;
}

export function isWord(token: Token | undefined, words: { has(word: string): boolean }): boolean {
  return token?.kind === 'word' && words.has(token.text);
}

export function isMark(token: Token | undefined, marks: string): boolean {
  return token?.kind === 'mark' && marks.includes(token.text);
}

/** A mark or a small word: "it's", "at", "please". */
export function isPadding(token: Token): boolean {
  return token.kind === 'mark' || english.fillers.has(token.text) || english.light.has(token.plain);
}

/** How many tokens from `index` on spell one of the phrases; the longest counts, 0 is none. */
export function phraseLength(
  tokens: readonly Token[],
  index: number,
  phrases: PhraseIndex,
): number {
  const token = tokens[index];
  if (token === undefined) return 0;
  for (const phrase of phrases.get(token.plain) ?? []) {
    if (phrase.every((word, offset) => tokens[index + offset]?.plain === word))
      return phrase.length;
  }
  return 0;
}

/** Phrases by their first word, longest first. */
export type PhraseIndex = ReadonlyMap<string, readonly (readonly string[])[]>;

export function indexPhrases(phrases: Iterable<string>): PhraseIndex {
  const index = new Map<string, string[][]>();
  for (const phrase of phrases) {
    const words = tokenise(phrase).map((token) => token.plain);
    const first = words[0];
    if (first === undefined) continue;
    const sameStart = index.get(first) ?? [];
    sameStart.push(words);
    sameStart.sort((a, b) => b.length - a.length);
    index.set(first, sameStart);
  }
  return index;
}

export function overlaps(a: Span, b: Span): boolean {
  return a.from < b.to && b.from < a.to;
}
