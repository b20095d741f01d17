import { correctionIn, standing } from './correction.ts';
import { english } from './english.ts';
import { affirmed } from './negated.ts';
import { isPadding, isWord, overlaps, type Token, tokenise } from './tokens.ts';
import type { Extraction, Slot, UnderstandingContext } from './types.ts';
import { findValues } from './values.ts';

/**
 * Every place where a value for this slot stands, best first: complete before partial, earlier
 * before later. Left out is what does not hold: what the caller takes back in the same breath ("not
 * the third but the fourth", "4712, no, 4713"), speak of in the negative ("Friday doesn't suit me"), or leave open
 * ("Monday or Tuesday").
 */
export function extractSlot(text: string, slot: Slot, context: UnderstandingContext): Extraction[] {
  const tokens = tokenise(text);
  const found = findValues(text, slot, context);
  return decided(held(found, slot, tokens), slot, tokens).sort(
    (a, b) => rank(a) - rank(b) || a.from - b.from,
  );
}

function held(found: readonly Extraction[], slot: Slot, tokens: readonly Token[]): Extraction[] {
  const correction = correctionIn(tokens);
  if (slot.type !== 'boolean') {
    return standing(affirmed(found, tokens, correction), tokens, correction);
  }
  // A yes or no is no sign of a correction where it is itself the value.
  const cues = correction.cues.filter((cue) => !found.some((value) => overlaps(value, cue)));
  return standing(found, tokens, { cue: cues.length > 0, cues, denied: [] });
}

/** Without values that speak against each other. */
function decided(
  values: readonly Extraction[],
  { type }: Slot,
  tokens: readonly Token[],
): Extraction[] {
  const contradictory = type === 'boolean' || type === 'number' || type === 'integer';
  if (contradictory && values.length > 1 && !sameAs(values, type === 'boolean')) return [];
  return values.filter(
    (value) =>
      !values.some((other) => other.value !== value.value && areAlternatives(value, other, tokens)),
  );
}

/** "Two adults and two children" are two numbers, though the same; yes and yes are one answer. */
function sameAs(values: readonly Extraction[], repeated: boolean): boolean {
  return repeated && values.every(({ value }) => value === values[0]?.value);
}

/** "Monday or Tuesday": only "or" and small words stand between. */
function areAlternatives(a: Extraction, b: Extraction, tokens: readonly Token[]): boolean {
  const [first, second] = a.from < b.from ? [a, b] : [b, a];
  const between = tokens.filter((token) => token.from >= first.to && token.to <= second.from);
  return (
    between.some((token) => isWord(token, english.or)) &&
    between.every((token) => isWord(token, english.or) || isPadding(token))
  );
}

function rank({ status }: Extraction): number {
  return status === 'complete' ? 0 : status === 'partial' ? 1 : 2;
}
