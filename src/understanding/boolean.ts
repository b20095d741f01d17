import { english } from './english.ts';
import { indexPhrases, isWord, phraseLength, type Token } from './tokens.ts';

/** A yes or a no in the tokens `[first, next)`. */
export interface BooleanReading {
  first: number;
  next: number;
  value: boolean;
}

const NEITHER = indexPhrases([...english.doubts, ...english.idioms]);
const STRONG_YES = indexPhrases(english.strongYes);
const STRONG_NO = indexPhrases(english.strongNo);
const WEAK_YES = indexPhrases(english.weakYes);
const WEAK_NO = indexPhrases(english.weakNo);

/** Every yes and no that opens a clause. "Right" and its like count only if the clause holds no more. */
export function readBooleans(tokens: readonly Token[]): BooleanReading[] {
  const found: BooleanReading[] = [];
  let index = 0;
  let atClauseStart = true;
  while (index < tokens.length) {
    const neither = phraseLength(tokens, index, NEITHER);
    const answer: BooleanReading | undefined =
      neither === 0 && atClauseStart ? readAnswer(tokens, index) : undefined;
    if (answer !== undefined) found.push(answer);
    const passes: boolean = answer !== undefined || isBoundary(tokens[index]);
    atClauseStart =
      neither === 0 && (passes || (atClauseStart && isWord(tokens[index], english.fillers)));
    index = answer?.next ?? index + Math.max(neither, 1);
  }
  return found;
}

function readAnswer(tokens: readonly Token[], first: number): BooleanReading | undefined {
  const lengths = {
    strongYes: phraseLength(tokens, first, STRONG_YES),
    strongNo: phraseLength(tokens, first, STRONG_NO),
    weakYes: weakLength(tokens, first, WEAK_YES),
    weakNo: weakLength(tokens, first, WEAK_NO),
  };
  const yes = Math.max(lengths.strongYes, lengths.weakYes);
  const no = Math.max(lengths.strongNo, lengths.weakNo);
  if (yes === no) return undefined;
  return { first, next: first + Math.max(yes, no), value: yes > no };
}

function weakLength(
  tokens: readonly Token[],
  first: number,
  phrases: Parameters<typeof phraseLength>[2],
): number {
  const length = phraseLength(tokens, first, phrases);
  let next = first + length;
  while (isWord(tokens[next], english.fillers)) next += 1;
  return isBoundary(tokens[next]) || startsStrongAnswer(tokens, next) ? length : 0;
}

function startsStrongAnswer(tokens: readonly Token[], index: number): boolean {
  return phraseLength(tokens, index, STRONG_YES) > 0 || phraseLength(tokens, index, STRONG_NO) > 0;
}

function isBoundary(token: Token | undefined): boolean {
  return (
    token === undefined ||
    token.kind === 'mark' ||
    isWord(token, english.but) ||
    isWord(token, english.and)
  );
}
