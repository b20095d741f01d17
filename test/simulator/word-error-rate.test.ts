import { describe, expect, it } from 'vitest';
import { plainWords, wordErrorRate, wordErrors } from '../../src/simulator/word-error-rate.ts';

describe('the word error rate', () => {
  it.each([
    ['My number is 471.', 'my number is four, seven, one'],
    ['Born in nineteen eighty five', 'born in 1985.'],
    ['Twenty three, please', '23 please'],
    ['on the 14th', 'on the fourteenth'],
    ['four oh two', '402'],
    ['two hundred', '200'],
    ['Okay, good bye', 'OK. Good-bye!'],
  ])('does not mind how "%s" is written', (said, heard) => {
    expect(wordErrors(said, heard).wrong).toBe(0);
  });

  it('counts missed, added and mistaken words', () => {
    expect(wordErrors('a b c d', 'a x c d e')).toEqual({ said: 4, wrong: 2 });
    expect(wordErrors('a b c d', '')).toEqual({ said: 4, wrong: 4 });
  });

  it('is over all utterances, and null where nothing was said', () => {
    expect(wordErrorRate([wordErrors('one two', 'one two'), wordErrors('no no', 'no')])).toBe(0.25);
    expect(wordErrorRate([])).toBeNull();
  });

  it('tells words apart however many there are', () => {
    const many = Array.from({ length: 300 }, (_, index) => `w${'x'.repeat(index)}`).join(' ');
    expect(wordErrors(many, many).wrong).toBe(0);
    expect(plainWords('Well, I’m fine!')).toEqual(['well', "i'm", 'fine']);
  });
});
