import { type Correction, isDenied } from './correction.ts';
import { english } from './english.ts';
import { isMark, isWord, overlaps, type Token } from './tokens.ts';
import type { Span } from './types.ts';

/**
 * The values that are not spoken of in a negative clause, as Friday is in "Friday doesn't suit me".
 * A "not" that denies one value ("the fourth, not the third") says nothing of the others.
 */
export function affirmed<T extends Span>(
  values: readonly T[],
  tokens: readonly Token[],
  { cues, denied }: Correction,
): T[] {
  const spent = denied.filter((span) => values.some((value) => isDenied(value, span, tokens)));
  const open = tokens.filter(
    (token) => isNot(token) && !spent.some((span) => overlaps(token, span)),
  );
  return values.filter((value) => {
    const clause = clauseAround(value, tokens, cues);
    return !open.some((token) => overlaps(token, clause));
  });
}

function isNot(token: Token): boolean {
  if (token.kind !== 'word') return false;
  return english.negativeEnding.test(token.text) || english.notWords.has(token.plain);
}

/** Up to the next comma, "but", "and" or sign of a correction on either side. */
function clauseAround(value: Span, tokens: readonly Token[], cues: readonly Span[]): Span {
  const borders = tokens.filter(
    (token) =>
      isMark(token, ',.;!?') ||
      isWord(token, english.but) ||
      isWord(token, english.and) ||
      cues.some((cue) => overlaps(cue, token)),
  );
  const before = borders.findLast((token) => token.to <= value.from);
  const after = borders.find((token) => token.from >= value.to);
  return { from: before?.to ?? 0, to: after?.from ?? Number.POSITIVE_INFINITY };
}
