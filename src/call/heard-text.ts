/** A piece of an utterance and where its audio lies, in milliseconds from the utterance's start. */
export interface SpokenPiece {
  text: string;
  startMs: number;
  /** `undefined` while the piece is still being synthesised. */
  endMs?: number | undefined;
}

/**
 * How much must have been played beyond a word's end before the word counts as heard. Ends of words
 * are mostly estimates, off by about a short word.
 */
const SAFETY_MS = 120;

/** Slow speech, for a piece whose length is not known yet: fewer words rather than too many. */
const SLOW_MS_PER_WEIGHT = 90;

/**
 * The words of an utterance that were played when playback stopped at `playedMs`. Speech synthesis
 * gives times for pieces (often sentences); inside a piece the words share its time by their
 * letters, and the estimate errs towards fewer words: what was not played must not be reported.
 */
export function heardText(pieces: readonly SpokenPiece[], playedMs: number): string {
  const heard: string[] = [];
  for (const piece of pieces) {
    if (piece.endMs !== undefined && piece.endMs + SAFETY_MS <= playedMs) {
      heard.push(piece.text);
      continue;
    }
    const words = heardWords(piece, playedMs);
    if (words !== '') heard.push(words);
    break;
  }
  return joinPieces(heard);
}

function heardWords(piece: SpokenPiece, playedMs: number): string {
  const words = piece.text.split(/\s+/).filter((word) => word !== '');
  const weights = words.map(weight);
  const total = weights.reduce((sum, each) => sum + each, 0);
  const msPerWeight =
    piece.endMs === undefined ? SLOW_MS_PER_WEIGHT : (piece.endMs - piece.startMs) / total;
  let wordEndMs = piece.startMs;
  let count = 0;
  for (const each of weights) {
    wordEndMs += each * msPerWeight;
    if (wordEndMs + SAFETY_MS > playedMs) break;
    count += 1;
  }
  return words.slice(0, count).join(' ');
}

/** Letters stand for time; a digit is a whole spoken word, and punctuation is a pause. */
function weight(word: string): number {
  const digits = word.match(/\d/g)?.length ?? 0;
  const pause = /[,.;:!?]$/.test(word) ? 3 : 0;
  return word.length + digits * 3 + pause + 1;
}

function joinPieces(pieces: readonly string[]): string {
  return pieces
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '')
    .join(' ');
}
