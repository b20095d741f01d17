import { describe, expect, it } from 'vitest';
import { heardText } from '../../src/call/heard-text.ts';

const words = ['Good ', 'morning, ', 'how ', 'are ', 'you?'].map((text, index) => ({
  text,
  startMs: index * 300,
  endMs: (index + 1) * 300,
}));

describe('the words that were heard', () => {
  it('are all of them when everything was played', () => {
    expect(heardText(words, 2000)).toBe('Good morning, how are you?');
  });

  it('are none when nothing was', () => {
    expect(heardText(words, 0)).toBe('');
  });

  it('hold the first word as soon as it is surely over', () => {
    expect(heardText(words, 450)).toBe('Good');
  });

  it('leave out a word that was cut in the middle', () => {
    expect(heardText(words, 1100)).toBe('Good morning, how');
  });

  it('share the time of a whole sentence by their letters, rather too few than too many', () => {
    const sentence = [{ text: 'I am telling you everything.', startMs: 0, endMs: 1600 }];
    const heard = heardText(sentence, 800);
    expect('I am telling you everything.'.startsWith(heard)).toBe(true);
    expect(heard.split(' ').length).toBeLessThanOrEqual(3);
    expect(heard).not.toBe('');
  });

  it('are a careful guess while the sentence is still being synthesised', () => {
    const open = [{ text: 'one two three four five six seven', startMs: 0 }];
    expect(heardText(open, 1000).split(' ').length).toBeLessThan(4);
  });
});
