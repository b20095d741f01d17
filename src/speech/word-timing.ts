export interface TimedWord {
  /** The word with the space that follows it: all words joined are the sentence and a space. */
  text: string;
  /** From the start of the sentence. */
  startMs: number;
  endMs: number;
}

/** Letters that take as long to say as one digit ("seven"), and as the pause at a comma. */
const lettersOfDigit = 4;
const lettersOfPause = 3;

/** Estimates when each word of a spoken sentence is said, by the length of what is read out. */
export function timeWords(sentence: string, durationMs: number): TimedWord[] {
  const words = sentence.split(/\s+/).filter((word) => word !== '');
  const total = words.reduce((sum, word) => sum + spokenLength(word), 0);
  let said = 0;
  return words.map((word) => {
    const startMs = (durationMs * said) / total;
    said += spokenLength(word);
    return { text: `${word} `, startMs, endMs: (durationMs * said) / total };
  });
}

function spokenLength(word: string): number {
  const digits = word.match(/\d/g)?.length ?? 0;
  const letters = word.match(/\p{L}/gu)?.length ?? 0;
  const pauses = /[,;:]$/.test(word) ? 1 : 0;
  return 1 + letters + lettersOfDigit * digits + lettersOfPause * pauses;
}
