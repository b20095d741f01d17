import { english } from './english.ts';
import { indexPhrases, isMark, isWord, phraseLength, type Token, tokenise } from './tokens.ts';
import type { Span } from './types.ts';

/** Signs that the caller replaces something said before. */
export interface Correction {
  /** There is such a sign: a value beside it replaces the one that is held. */
  cue: boolean;
  /** Where "no", "sorry", "I mean" and the like stand. What follows them holds. */
  cues: readonly Span[];
  /** What is taken back expressly, as "the third" in "not the third but the fourth": from the word "not" to the end of what it reaches. */
  denied: readonly Span[];
}

const CUES = indexPhrases(english.correctionCues);
const DENIALS = indexPhrases(english.denials);

export function correction(text: string): Correction {
  return correctionIn(tokenise(text));
}

export function correctionIn(tokens: readonly Token[]): Correction {
  const cues = findPhrases(tokens, CUES).filter(
    ({ next }) => !isWord(tokens[next], english.afterHarmlessNo),
  );
  const denied = findPhrases(tokens, DENIALS).map(({ first, next }) => ({
    from: tokens[first]?.from ?? 0,
    to: tokens[endOfDenial(tokens, next)]?.from ?? tokens.at(-1)?.to ?? 0,
  }));
  return {
    cue: cues.length > 0 || denied.length > 0,
    cues: cues.map(({ first, next }) => ({
      from: tokens[first]?.from ?? 0,
      to: tokens[next - 1]?.to ?? 0,
    })),
    denied,
  };
}

/** The values that still hold when denied and replaced ones are dropped, in their order. */
export function standing<T extends Span>(
  values: readonly T[],
  tokens: readonly Token[],
  { cues, denied }: Correction,
): T[] {
  const held = values.filter((value) => !denied.some((span) => isDenied(value, span, tokens)));
  return held.filter(
    (value) =>
      !cues.some((cue) => value.to <= cue.from && held.some((later) => later.from >= cue.to)),
  );
}

/** A denial reaches the value that follows it with nothing but light words between. */
export function isDenied(value: Span, denial: Span, tokens: readonly Token[]): boolean {
  if (value.from < denial.from || value.from >= denial.to) return false;
  const between = tokens.filter((token) => token.from >= denial.from && token.to <= value.from);
  const start = phraseLength(between, 0, DENIALS);
  return between.slice(start).every((token) => isWord(token, english.afterDenial));
}

/** A denial ends with the clause, or where "but" begins another. */
function endOfDenial(tokens: readonly Token[], start: number): number {
  let index = start;
  while (
    index < tokens.length &&
    !isMark(tokens[index], ',;!?') &&
    !isWord(tokens[index], english.but)
  ) {
    index += 1;
  }
  return index;
}

function findPhrases(
  tokens: readonly Token[],
  phrases: Parameters<typeof phraseLength>[2],
): { first: number; next: number }[] {
  const found: { first: number; next: number }[] = [];
  let index = 0;
  while (index < tokens.length) {
    const length = phraseLength(tokens, index, phrases);
    if (length > 0) found.push({ first: index, next: index + length });
    index += Math.max(length, 1);
  }
  return found;
}
