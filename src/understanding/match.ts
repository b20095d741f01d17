import { correctionIn } from './correction.ts';
import { english } from './english.ts';
import { likeness } from './similarity.ts';
import { isPadding, isWord, MAX_UTTERANCE_LENGTH, overlaps } from './tokens.ts';
import type { MatchScore, Pattern, Span } from './types.ts';
import { analyse, type Utterance } from './utterance.ts';
import type { Word, WordKind } from './words.ts';

/** What an utterance is compared with. */
export interface Matcher {
  patterns: readonly Pattern[];
  examples: readonly string[];
}

/** How much a word says, in an example and in what is left of the utterance. */
const WEIGHT: Readonly<Record<WordKind, number>> = {
  content: 1,
  number: 0.5,
  doubt: 1,
  negation: 1,
  question: 0.4,
  affirmation: 0.3,
  contrast: 0.3,
  light: 0.1,
  filler: 0,
};
/** In an example without a content word ("say it again", "yes please") the small words decide. */
const FILLER_IN_SMALL_EXAMPLE = 0.2;

// Calibrated on test/understanding/corpus.ts: the share of the score that does not depend on how
// much else the caller said, and the share that does not depend on the order of the words.
const WITHOUT_PRECISION = 0.6;
const WITHOUT_ORDER = 0.7;
/** From this share of its words on, an example has been said. */
const EXAMPLE_SAID = 0.8;
/** Rule 4 of the flow language: so many content words may be left over. */
const MOST_LEFT_OVER = 2;

/** One of these left over, and the caller has said more than what matched. */
const UNSETTLING: ReadonlySet<WordKind> = new Set(['contrast', 'question', 'doubt']);

const NO_MATCH: MatchScore = { score: 0, covers: false };

/** How well an utterance fits; `taken` are the places that slot values stand on. */
export function scoreMatch(
  utterance: Utterance,
  matcher: Matcher,
  taken: readonly Span[],
): MatchScore {
  const heard = hear(utterance, taken);
  const matched = new Set<number>();
  const byPattern = markPatterns(heard, matcher.patterns, matched);
  const byExample = markExamples(heard, matcher.examples, matched);
  if (!byPattern.hit && !saysMore(heard, matched)) return NO_MATCH;
  addRepeated(heard.words, matched);
  const covers = leavesLittle(heard, matched, byPattern.asks || byExample.asks);
  if (byPattern.hit) return { score: 1, by: 'pattern', covers };
  const share = WITHOUT_PRECISION + (1 - WITHOUT_PRECISION) * precision(heard, matched);
  return { score: byExample.recall * share, by: 'example', covers };
}

/**
 * Rule 4 for values alone: what is left of the utterance when the words that values stand on, and
 * the "no" or "sorry" that corrects one, are left aside.
 */
export function isCovered(utterance: Utterance, taken: readonly Span[]): boolean {
  return leavesLittle(hear(utterance, taken), new Set(), false);
}

/** An utterance as matching sees it. */
interface Heard {
  utterance: Utterance;
  /** Without the "no" or "sorry" right before a value: it replaces another value and is no answer. */
  words: readonly Word[];
  /** Where the same words stand in the normalised text. */
  places: readonly Span[];
  /** A slot value stands on the word. */
  isTaken: readonly boolean[];
}

function hear(utterance: Utterance, taken: readonly Span[]): Heard {
  const corrections = correctionsOf(utterance, taken);
  const allPlaces = placesInNormalised(utterance.words);
  const kept = utterance.words.map((word) => !corrections.some((cue) => overlaps(word, cue)));
  const words = utterance.words.filter((_, index) => kept[index]);
  return {
    utterance,
    words,
    places: allPlaces.filter((_, index) => kept[index]),
    isTaken: words.map((word) => taken.some((span) => overlaps(word, span))),
  };
}

function correctionsOf({ tokens }: Utterance, taken: readonly Span[]): Span[] {
  if (taken.length === 0) return [];
  const isBefore = (cue: Span, value: Span) =>
    cue.to <= value.from &&
    tokens.every((token) => token.from < cue.to || token.from >= value.from || isPadding(token));
  return correctionIn(tokens).cues.filter((cue) => taken.some((value) => isBefore(cue, value)));
}

function placesInNormalised(words: readonly Word[]): Span[] {
  let from = 0;
  return words.map(({ text }) => {
    const place = { from, to: from + text.length };
    from = place.to + 1;
    return place;
  });
}

/** "It is" answers a question; in "it is the fourth" it only leads to the value. */
function saysMore({ words, isTaken }: Heard, matched: ReadonlySet<number>): boolean {
  const besideValue = isTaken.includes(true);
  return [...matched].some((index) => !besideValue || words[index]?.kind !== 'light');
}

/** "No, no, no" is one no. */
function addRepeated(words: readonly Word[], matched: Set<number>): void {
  const said = [...matched].flatMap((index) => words[index] ?? []);
  const roots = new Set(said.filter(({ kind }) => kind !== 'light').map(({ root }) => root));
  for (const [index, { root }] of words.entries()) if (roots.has(root)) matched.add(index);
}

/** Adds the words that patterns fit; says whether one fits, and whether one is itself a question. */
function markPatterns(
  { utterance, words, places }: Heard,
  patterns: readonly Pattern[],
  matched: Set<number>,
): { hit: boolean; asks: boolean } {
  const found = { hit: false, asks: false };
  const written = utterance.text.slice(0, MAX_UTTERANCE_LENGTH);
  const mark = (pattern: Pattern, text: string, spans: readonly Span[]) => {
    const place = pattern.find(text);
    if (place === undefined) return;
    spans.forEach((span, index) => {
      if (!overlaps(span, place)) return;
      matched.add(index);
      found.hit = true;
    });
    found.asks ||= utterance.isQuestion && analyse(text.slice(place.from, place.to)).isQuestion;
  };
  for (const pattern of patterns) {
    mark(pattern, written, words);
    mark(pattern, utterance.normalised, places);
  }
  return found;
}

/** Adds the words of every example that was said; the best one's share counts. */
function markExamples(
  { words }: Heard,
  examples: readonly string[],
  matched: Set<number>,
): { recall: number; asks: boolean } {
  let best: Alignment | undefined;
  let asks = false;
  for (const example of prepared(examples)) {
    const alignment = align(words, example);
    if (alignment.recall > (best?.recall ?? 0)) best = alignment;
    if (alignment.recall < EXAMPLE_SAID) continue;
    for (const index of alignment.heard) matched.add(index);
    asks ||= example.asks;
  }
  if (best !== undefined && best.recall < EXAMPLE_SAID) {
    for (const index of best.heard) matched.add(index);
  }
  return { recall: best?.recall ?? 0, asks };
}

interface Example {
  words: readonly Word[];
  weights: readonly number[];
  total: number;
  asks: boolean;
}

const preparedExamples = new WeakMap<readonly string[], readonly Example[]>();

/** Examples are taken apart once for each list of them. */
function prepared(examples: readonly string[]): readonly Example[] {
  let list = preparedExamples.get(examples);
  if (list === undefined) {
    list = examples.map(prepare).filter((example) => example.total > 0);
    preparedExamples.set(examples, list);
  }
  return list;
}

function prepare(text: string): Example {
  const { words, tokens, isQuestion } = analyse(text);
  const small = words.every((word) => word.kind !== 'content' && word.kind !== 'number');
  const weights = words.map(({ kind }) => {
    if (!small) return WEIGHT[kind];
    return kind === 'filler' && words.length > 1 ? FILLER_IN_SMALL_EXAMPLE : 1;
  });
  return {
    words,
    weights,
    total: weights.reduce((sum, weight) => sum + weight, 0),
    // As an author writes a question: "is breakfast included".
    asks: isQuestion || isWord(tokens[0], english.auxiliaries),
  };
}

interface Alignment {
  /** Share of the example that was said, less for words out of order. */
  recall: number;
  /** Indexes of the utterance's words that stand for the example's. */
  heard: readonly number[];
}

/** For every word of the example the likest word of the utterance that is still free. */
function align(words: readonly Word[], example: Example): Alignment {
  const heard: number[] = [];
  const used = new Set<number>();
  let said = 0;
  for (const [position, meant] of example.words.entries()) {
    let likest = -1;
    let most = 0;
    for (const [index, word] of words.entries()) {
      if (used.has(index)) continue;
      const like = likeness(word, meant);
      if (like > most) [likest, most] = [index, like];
    }
    if (likest < 0) continue;
    used.add(likest);
    heard.push(likest);
    said += most * (example.weights[position] ?? 0);
  }
  const order = WITHOUT_ORDER + (1 - WITHOUT_ORDER) * shareInOrder(heard);
  return { recall: (said / example.total) * order, heard };
}

/** The share of neighbours that stand in the example's order. */
function shareInOrder(positions: readonly number[]): number {
  if (positions.length < 2) return 1;
  const inOrder = positions.filter(
    (position, index) => index > 0 && position > (positions[index - 1] ?? 0),
  );
  return inOrder.length / (positions.length - 1);
}

/** How much of what the caller said belongs to the match, slot values left aside. */
function precision({ words, isTaken }: Heard, matched: ReadonlySet<number>): number {
  let belongs = 0;
  let left = 0;
  for (const [index, { kind }] of words.entries()) {
    // What matched has a weight of its own even if it is a small word, such as "yes".
    if (matched.has(index)) belongs += Math.max(WEIGHT[kind], kind === 'affirmation' ? 1 : 0);
    else if (isTaken[index] !== true) left += WEIGHT[kind];
  }
  return left === 0 ? 1 : belongs / (belongs + left);
}

/** Rule 4: what is left holds no negation, contrast or question and at most two content words. */
function leavesLittle(
  { utterance, words, isTaken }: Heard,
  matched: ReadonlySet<number>,
  asks: boolean,
): boolean {
  if (utterance.isQuestion && !asks) return false;
  const left = words.filter((_, index) => !matched.has(index) && isTaken[index] !== true);
  const content = left.filter((word) => word.kind === 'content' || word.kind === 'number').length;
  if (content > MOST_LEFT_OVER) return false;
  if (left.some(({ kind }) => UNSETTLING.has(kind))) return false;
  const saidNo = words.some((word, index) => matched.has(index) && word.kind === 'negation');
  // "No, I don't" is one no; "no, I don't want that one" says more than the no that was matched.
  if (left.some((word) => word.kind === 'negation')) return saidNo && content === 0;
  return !(saidNo && left.some((word) => word.kind === 'affirmation'));
}
