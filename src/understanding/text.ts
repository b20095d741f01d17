import { english } from './english.ts';
import { readSpelled, type SpelledPiece } from './spelled.ts';
import {
  indexPhrases,
  isMark,
  isPadding,
  isWord,
  MAX_UTTERANCE_LENGTH,
  overlaps,
  phraseLength,
  type Token,
} from './tokens.ts';
import type { Extraction, Slot } from './types.ts';
import { analyse } from './utterance.ts';
import { toWords } from './words.ts';

const LEAD_INS = indexPhrases(english.leadIns);
const LEAD_OUTS = indexPhrases(english.leadOuts);
const NO_ANSWER = indexPhrases(english.noAnswer);
/** Longer than a name with all its parts. */
const LONGEST_NAME_WORDS = 6;

/**
 * The utterance as the value of a free text slot, without "my name is" and the like.
 * Nothing for a question, for pure filler and for a mere yes or no.
 */
export function textAnswer(text: string, slot: Slot): Extraction | undefined {
  const utterance = analyse(text);
  const { tokens } = utterance;
  if (utterance.isQuestion || utterance.isRequest) return undefined;
  const { first, introduced } = findStart(tokens);
  let next = findEnd(tokens, first);
  const named = english.nameSlot.test(slot.name);
  const spelled = spelledOut(tokens.slice(first, next));
  if (named && spelled === undefined) next = endOfName(tokens, first, next);
  while (isMark(tokens[next - 1], '.,;!-:')) next -= 1;
  const kept = tokens.slice(first, next);
  if (!saysSomething(kept, introduced)) return undefined;
  if (named && !introduced && spelled === undefined && !looksLikeName(kept)) return undefined;
  // "I am not sure what you mean" begins like a name.
  if (named && kept.some((token) => isWord(token, english.negations))) return undefined;
  const from = kept[0]?.from ?? 0;
  const to = kept.at(-1)?.to ?? 0;
  const words = text.slice(from, to);
  const value = spelled ?? words;
  if (slot.length !== undefined && value.length !== slot.length) return undefined;
  if (slot.pattern !== undefined && !slot.pattern.fitsWhole(value)) return undefined;
  return { status: 'complete', value, words, from, to };
}

/** Past openers, fillers and lead-ins, in any number: "Um, yes, my name is". */
function findStart(tokens: readonly Token[]): { first: number; introduced: boolean } {
  let first = 0;
  let introduced = false;
  for (;;) {
    const leadIn = phraseLength(tokens, first, LEAD_INS);
    const token = tokens[first];
    const empty =
      isWord(token, english.openers) || isWord(token, english.fillers) || token?.kind === 'mark';
    if (leadIn === 0 && !empty) break;
    introduced ||= leadIn > 0;
    first += Math.max(leadIn, 1);
  }
  return { first, introduced };
}

/** Before "please", "speaking", "thank you" at the end. */
function findEnd(tokens: readonly Token[], first: number): number {
  let next = tokens.length;
  for (let at = first + 1; at < next; at += 1) {
    let end = at;
    while (isMark(tokens[end - 1], ',.')) end -= 1;
    if (reachesEnd(tokens, at) && end > first) next = end;
  }
  return next;
}

function reachesEnd(tokens: readonly Token[], start: number): boolean {
  let at = start;
  while (at < tokens.length) {
    const length = phraseLength(tokens, at, LEAD_OUTS);
    if (length === 0 && (at === start || tokens[at]?.kind !== 'mark')) return false;
    at += Math.max(length, 1);
  }
  return true;
}

/** A name ends with its sentence, or where the caller goes on to say something else. */
function endOfName(tokens: readonly Token[], first: number, next: number): number {
  for (let at = first + 1; at < next; at += 1) {
    const token = tokens[at];
    const ends =
      isMark(token, '.') &&
      !isWord(tokens[at - 1], english.titles) &&
      (tokens[at - 1]?.text.length ?? 0) > 1;
    if (ends || isMark(token, ';!')) return at;
    if (isWord(token, english.afterName)) return at;
  }
  return next;
}

/** Mostly words that are no everyday ones, few, and no numbers. */
function looksLikeName(tokens: readonly Token[]): boolean {
  const words = toWords(tokens);
  const content = words.filter((word) => word.kind === 'content').length;
  return (
    words.length <= LONGEST_NAME_WORDS &&
    content * 2 > words.length &&
    words.every((word) => word.kind !== 'number')
  );
}

function saysSomething(tokens: readonly Token[], introduced: boolean): boolean {
  const spoken = tokens.filter((token) => token.kind !== 'mark');
  if (phraseLength(spoken, 0, NO_ANSWER) === spoken.length) return false;
  return toWords(tokens).some(
    ({ kind }) => kind === 'content' || kind === 'number' || (introduced && kind === 'light'),
  );
}

/** "Smith" from "S M I T H", if it is spelled from end to end. */
function spelledOut(tokens: readonly Token[]): string | undefined {
  const [run, more] = readSpelled(tokens);
  if (run === undefined || more !== undefined || run.length < 3) return undefined;
  if (run[0]?.first !== 0 || run.at(-1)?.next !== tokens.length) return undefined;
  const text = joined(run);
  return /^\p{L}+$/u.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text.toUpperCase();
}

/** Every place where a text with a pattern stands, as said or spelled. */
export function readPatternTexts(text: string, tokens: readonly Token[], slot: Slot): Extraction[] {
  if (slot.pattern === undefined) return [];
  const spelled = readSpelledTexts(text, tokens, slot);
  const written = readWrittenTexts(text, tokens, slot);
  return [
    ...spelled,
    ...written.filter((value) => !spelled.some((other) => overlaps(value, other))),
  ];
}

/** Longer than any code that is read out: an IBAN has 34. */
const LONGEST_SPELLED_PIECES = 40;

function readSpelledTexts(text: string, tokens: readonly Token[], slot: Slot): Extraction[] {
  const found: Extraction[] = [];
  for (const run of readSpelled(tokens)) {
    for (let start = 0; start < run.length; start += 1) {
      const longest = Math.min(run.length, start + LONGEST_SPELLED_PIECES);
      for (let end = longest; end > start; end -= 1) {
        const pieces = run.slice(start, end);
        const value = fitting(joined(pieces).toUpperCase(), slot);
        if (value === undefined) continue;
        found.push(place(text, tokens, pieces[0]?.first ?? 0, pieces.at(-1)?.next ?? 0, value));
        start = end - 1;
        break;
      }
    }
  }
  return found;
}

function joined(pieces: readonly SpelledPiece[]): string {
  return pieces.map((piece) => piece.text).join('');
}

/** Words as they stand; up to this many are tried together. */
const LONGEST_PHRASE_TOKENS = 10;

function readWrittenTexts(text: string, tokens: readonly Token[], slot: Slot): Extraction[] {
  const found: Extraction[] = [];
  for (let first = 0; first < tokens.length; first += 1) {
    for (
      let next = Math.min(tokens.length, first + LONGEST_PHRASE_TOKENS);
      next > first;
      next -= 1
    ) {
      const written = text.slice(tokens[first]?.from ?? 0, tokens[next - 1]?.to ?? 0);
      const value = fitting(written, slot) ?? fitting(asCode(tokens.slice(first, next)), slot);
      if (value === undefined) continue;
      found.push(place(text, tokens, first, next, value));
      first = next - 1;
      break;
    }
  }
  return found;
}

/** Longer words are words and no part of a code. */
const LONGEST_LETTERS_OF_CODE = 3;

/** "AB 12-34" without what stands between; empty if there is a word in it. */
function asCode(tokens: readonly Token[]): string {
  const code = tokens.every(
    (token) =>
      token.kind === 'number' ||
      isMark(token, '-. ') ||
      (token.plain.length <= LONGEST_LETTERS_OF_CODE &&
        !isPadding(token) &&
        !english.negations.has(token.plain)),
  );
  return code ? tokens.map((token) => (token.kind === 'mark' ? '' : token.text)).join('') : '';
}

/** The text where it fits the slot, in the case that the slot's pattern is written in. */
export function fitting(text: string, { pattern, length }: Slot): string | undefined {
  if (length !== undefined && text.length !== length) return undefined;
  if (pattern === undefined) return text;
  if (!pattern.fitsWhole(text)) return undefined;
  const variants = [text, text.toUpperCase(), text.toLowerCase()];
  return variants.find((variant) => pattern.fitsInCase(variant)) ?? text;
}

function place(
  text: string,
  tokens: readonly Token[],
  first: number,
  next: number,
  value: string,
): Extraction {
  const from = tokens[first]?.from ?? 0;
  const to = Math.min(tokens[next - 1]?.to ?? 0, MAX_UTTERANCE_LENGTH);
  return { status: 'complete', value, words: text.slice(from, to), from, to };
}
