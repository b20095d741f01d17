import { likeness } from './similarity.ts';
import { tokenise } from './tokens.ts';
import type { SlotOption, Span } from './types.ts';
import { toWords, type Word } from './words.ts';

/** An option of an enum slot, found in an utterance. */
export interface OptionReading extends Span {
  value: string;
  /** 0 to 1; 1 when said word for word. */
  score: number;
}

interface Name {
  value: string;
  words: readonly Word[];
}

/** Less is no mis-hearing but another word. */
const LEAST_LIKENESS = 0.6;
const namesByOptions = new WeakMap<readonly SlotOption[], readonly Name[]>();

/** Every option named in the utterance, best first; one that could as well be another is left out. */
export function readOptions(
  words: readonly Word[],
  options: readonly SlotOption[],
): OptionReading[] {
  const found = namesOf(options).flatMap((name) => findName(words, name));
  found.sort((a, b) => b.score - a.score || b.to - b.from - (a.to - a.from) || a.from - b.from);
  const kept: OptionReading[] = [];
  const ambiguous = new Set<OptionReading>();
  for (const reading of found) {
    const rivals = kept.filter((other) => other.from < reading.to && reading.from < other.to);
    if (rivals.length === 0) kept.push(reading);
    for (const rival of rivals) if (isTie(rival, reading)) ambiguous.add(rival);
  }
  return kept.filter((reading) => !ambiguous.has(reading));
}

function isTie(a: OptionReading, b: OptionReading): boolean {
  return a.value !== b.value && a.score === b.score && a.from === b.from && a.to === b.to;
}

function findName(words: readonly Word[], name: Name): OptionReading[] {
  const found: OptionReading[] = [];
  const size = name.words.length;
  for (let start = 0; size > 0 && start + size <= words.length; start += 1) {
    const score = scoreAt(words, start, name.words);
    const first = words[start];
    const last = words[start + size - 1];
    if (score > 0 && first && last)
      found.push({ value: name.value, score, from: first.from, to: last.to });
  }
  return found;
}

/** The likeness of the least like word: one wrong word makes another thing. */
function scoreAt(words: readonly Word[], start: number, name: readonly Word[]): number {
  let least = 1;
  for (const [offset, meant] of name.entries()) {
    const heard = words[start + offset];
    if (heard === undefined) return 0;
    least = Math.min(least, likeness(heard, meant));
    if (least < LEAST_LIKENESS) return 0;
  }
  return least;
}

function namesOf(options: readonly SlotOption[]): readonly Name[] {
  let names = namesByOptions.get(options);
  if (names === undefined) {
    names = options.flatMap(({ value, synonyms }) =>
      [value, ...synonyms].map((text) => ({ value, words: toWords(tokenise(spaced(text))) })),
    );
    namesByOptions.set(options, names);
  }
  return names;
}

/** "credit_card" and "creditCard" as a caller says them. */
export function spaced(text: string): string {
  return text
    .replace(/[_\s]+/g, ' ')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .trim();
}
