import { distance } from 'fastest-levenshtein';
import { readCardinal, readOrdinal } from '../understanding/numerals.ts';
import { tokenise } from '../understanding/tokens.ts';

/** Words that were said, and how many of them were missed, added or mistaken. */
export interface WordErrors {
  said: number;
  wrong: number;
}

/** Case, punctuation and the way numbers are written make no difference: "471" is "four seven one". */
export function wordErrors(said: string, heard: string): WordErrors {
  const saidWords = plainWords(said);
  const [a = '', b = ''] = asCharacters(saidWords, plainWords(heard));
  return { said: saidWords.length, wrong: distance(a, b) };
}

/** 0 for no errors; above 1 if more was added than said. `null` if nothing was said. */
export function wordErrorRate(all: readonly WordErrors[]): number | null {
  const said = all.reduce((sum, each) => sum + each.said, 0);
  const wrong = all.reduce((sum, each) => sum + each.wrong, 0);
  return said === 0 ? null : Math.round((wrong / said) * 10_000) / 10_000;
}

/** Words that are also written as two, or otherwise. */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/\bgood[ -]bye\b/g, 'goodbye'],
  [/\ball right\b/g, 'alright'],
  [/\bokay\b/g, 'ok'],
];

/** Lower case words without punctuation; a number is its digits, each a word. */
export function plainWords(text: string): string[] {
  const spelled = SPELLINGS.reduce(
    (line, [from, to]) => line.replace(from, to),
    text.toLowerCase(),
  );
  const tokens = tokenise(spelled);
  const words: string[] = [];
  let index = 0;
  for (let token = tokens[index]; token !== undefined; token = tokens[index]) {
    const number = token.kind === 'number' ? undefined : readNumber(tokens, index);
    if (token.kind === 'number') words.push(...token.text);
    else if (number !== undefined) words.push(...String(number.value).replace(/\D/g, ''));
    else if (token.kind === 'word') words.push(token.text === 'oh' ? '0' : token.text);
    index = number?.next ?? index + 1;
  }
  return words;
}

function readNumber(tokens: ReturnType<typeof tokenise>, index: number) {
  return readOrdinal(tokens, index) ?? readCardinal(tokens, index);
}

/** Each different word becomes a character, so that a distance of texts is one of words. */
function asCharacters(...texts: readonly string[][]): string[] {
  const codes = new Map<string, string>();
  const codeOf = (word: string) => {
    const code = codes.get(word) ?? String.fromCharCode(codes.size + 1);
    codes.set(word, code);
    return code;
  };
  return texts.map((words) => words.map(codeOf).join(''));
}
