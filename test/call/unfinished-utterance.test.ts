import { describe, expect, it } from 'vitest';
import { soundsUnfinished } from '../../src/call/unfinished-utterance.ts';

describe('a caller who pauses', () => {
  it.each([
    'It is four, seven, one.',
    'four oh',
    '471',
    'My number is',
    'I want to book and',
    'double',
  ])('after "%s" will probably go on', (text) => expect(soundsUnfinished(text)).toBe(true));

  it.each([
    'Yes.',
    'I would like to book an appointment please',
    'On the 14th.',
    '',
    'Tomorrow at noon',
  ])('after "%s" is probably done', (text) => expect(soundsUnfinished(text)).toBe(false));
});
