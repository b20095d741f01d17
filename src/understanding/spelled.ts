import { readPiece } from './digits.ts';
import { english } from './english.ts';
import { indexPhrases, isMark, isWord, phraseLength, type Token, touches } from './tokens.ts';

/** One character or more of something spelled, in the tokens `[first, next)`. */
export interface SpelledPiece {
  first: number;
  next: number;
  /** Letters in lower case. */
  text: string;
}

const AS_IN = indexPhrases(english.asIn);
const MARKS_BETWEEN = ',.-–';

/** Every run of letters and digits said one by one: "A as in Alpha, B, four seven". */
export function readSpelled(tokens: readonly Token[]): SpelledPiece[][] {
  const runs: SpelledPiece[][] = [];
  let run: SpelledPiece[] = [];
  let index = 0;
  while (index < tokens.length) {
    const piece = readSpelledPiece(tokens, index);
    if (piece !== undefined) {
      run.push({ ...piece, first: index });
      index = piece.next;
      continue;
    }
    const between =
      isMark(tokens[index], MARKS_BETWEEN) || isWord(tokens[index], english.insideDigits);
    if (!between && run.length > 0) {
      runs.push(run);
      run = [];
    }
    index += 1;
  }
  if (run.length > 0) runs.push(run);
  return runs;
}

function readSpelledPiece(
  tokens: readonly Token[],
  index: number,
): { text: string; next: number } | undefined {
  const token = tokens[index];
  if (token === undefined) return undefined;
  const digits = readPiece(tokens, index);
  if (digits !== undefined && token.text !== 'o') return { text: digits.digits, next: digits.next };
  if (token.kind !== 'word') return undefined;
  if (token.text.length === 1) return { text: token.text, next: afterExample(tokens, index) };
  const letter = english.spellingAlphabet.get(token.text);
  if (letter !== undefined) return { text: letter, next: index + 1 };
  const repeated = english.repeats.get(token.text);
  const doubled = tokens[index + 1];
  if (repeated !== undefined && doubled?.kind === 'word' && doubled.text.length === 1) {
    return { text: doubled.text.repeat(repeated), next: afterExample(tokens, index + 1) };
  }
  const partOfCode = touchesNumber(tokens, index);
  return partOfCode ? { text: token.text, next: index + 1 } : undefined;
}

/** Past the "as in Alpha" of "A as in Alpha", if the example begins with the letter. */
function afterExample(tokens: readonly Token[], index: number): number {
  const comma = isMark(tokens[index + 1], ',') ? 1 : 0;
  const length = phraseLength(tokens, index + 1 + comma, AS_IN);
  const example = tokens[index + 1 + comma + length];
  const fits =
    length > 0 && example?.kind === 'word' && example.text.startsWith(tokens[index]?.text ?? ' ');
  return fits ? index + 2 + comma + length : index + 1;
}

/** The letters of "AB1234". */
function touchesNumber(tokens: readonly Token[], index: number): boolean {
  const before = tokens[index - 1]?.kind === 'number' && touches(tokens, index);
  return before || (tokens[index + 1]?.kind === 'number' && touches(tokens, index + 1));
}
