import { describe, expect, test } from 'vitest';
import { TelephoneLine, throughTelephone } from '../../src/speech/telephony.ts';

const sampleRate = 16_000;

function sine(hz: number, samples = sampleRate): Int16Array {
  return Int16Array.from({ length: samples }, (_, index) =>
    Math.round(8000 * Math.sin((2 * Math.PI * hz * index) / sampleRate)),
  );
}

/** Root mean square, of the middle where no edge reaches. */
function level(pcm: Int16Array): number {
  const middle = pcm.subarray(2000, -2000);
  return Math.sqrt(middle.reduce((sum, sample) => sum + sample ** 2, 0) / middle.length);
}

describe('a telephone line', () => {
  test('gives the same audio in frames of 20 ms as in one piece: nothing clicks at borders', () => {
    const pcm = sine(433);
    const whole = new TelephoneLine().pass(pcm);
    const line = new TelephoneLine();
    const framed: number[] = [];
    for (let start = 0; start < pcm.length; start += 320) {
      const frame = line.pass(pcm.subarray(start, start + 320));
      expect(frame).toHaveLength(320);
      framed.push(...frame);
    }
    expect(framed).toEqual([...whole]);
  });

  test.each([300, 1000, 2500, 3000])('passes %i Hz at its level, within half a decibel', (hz) => {
    const ratio = level(throughTelephone(sine(hz))) / level(sine(hz));
    expect(Math.abs(20 * Math.log10(ratio))).toBeLessThan(0.5);
  });

  test.each([4200, 6000])('takes %i Hz away instead of folding it into the voice', (hz) => {
    expect(level(throughTelephone(sine(hz))) / level(sine(hz))).toBeLessThan(0.02);
  });

  test('differs from what went in by mu-law noise alone, and is not late', () => {
    const pcm = sine(1000);
    const heard = throughTelephone(pcm);
    expect(heard).toHaveLength(pcm.length);
    expect(level(heard.map((sample, index) => sample - (pcm[index] ?? 0)))).toBeLessThan(
      0.03 * level(pcm),
    );
  });

  test('refuses frames of odd length', () => {
    expect(() => new TelephoneLine().pass(new Int16Array(3))).toThrow(/even length, not 3/);
  });
});
