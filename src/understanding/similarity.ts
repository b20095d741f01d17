import { distance } from 'fastest-levenshtein';
import { english } from './english.ts';
import type { Word } from './words.ts';

/** Words of one stem that are not forms of one word, as "cancel" and "cancellation". */
const DERIVED = 0.6;
const INFLECTED = 0.95;
/** "Can't" for "don't". */
const OTHER_NOT = 0.85;
/** A mis-hearing costs this much per letter, in proportion to the word: "change" is not "charge". */
const LETTER_COST = 2;

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

/** One letter off in words of 5 letters and more, two from 10 on; the first letter always holds. */
function misheard(heard: string, meant: string): number {
  const length = Math.min(heard.length, meant.length);
  if (length < 5 || heard[0] !== meant[0] || Math.abs(heard.length - meant.length) > 2) return 0;
  const letters = distance(heard, meant);
  const longest = Math.max(heard.length, meant.length);
  return letters <= (longest >= 10 ? 2 : 1) ? 1 - (LETTER_COST * letters) / longest : 0;
}
