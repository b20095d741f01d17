import { distance } from 'fastest-levenshtein';
import { english } from './english.ts';
import type { Word } from './words.ts';

/** Words of one stem that are not forms of one word, as "cancel" and "cancellation". */
const DERIVED = 0.55;
const INFLECTED = 0.95;
/** "Can't" for "don't". */
const OTHER_NOT = 0.85;
/** The cost of a misheard letter, in letters of the word: "change" is not "charge". */
const LETTER_COST = 3;

/** 0 to 1: whether a word that was heard is the word that was meant. */
export function likeness(heard: Word, meant: Word): number {
  if (heard.root === meant.root) return isOtherNot(heard, meant) ? OTHER_NOT : 1;
  if (heard.kind === 'number' || meant.kind === 'number') return 0;
  if (heard.stem === meant.stem) return isInflection(heard.root, meant.root) ? INFLECTED : DERIVED;
  return misheard(heard.root, meant.root);
}

function isOtherNot(a: Word, b: Word): boolean {
  return a.kind === 'negation' && a.text.replaceAll("'", '') !== b.text.replaceAll("'", '');
}

function isInflection(a: string, b: string): boolean {
  let common = 0;
  while (common < a.length && a[common] === b[common]) common += 1;
  return (
    english.inflectedEnding.test(a.slice(common)) && english.inflectedEnding.test(b.slice(common))
  );
}

/** One letter off in words of 5 letters and more; the first letter always holds. */
function misheard(heard: string, meant: string): number {
  const shortest = Math.min(heard.length, meant.length);
  const longest = Math.max(heard.length, meant.length);
  if (shortest < 5 || longest - shortest > 1 || heard[0] !== meant[0]) return 0;
  return distance(heard, meant) === 1 ? 1 - LETTER_COST / longest : 0;
}
