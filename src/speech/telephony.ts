import alawmulaw from 'alawmulaw';

/** Samples of filter, odd, at 16 kHz: 5 ms of delay for each of the two ways. */
const filterLength = 161;
/** A telephone line passes up to 3.4 kHz (ITU-T G.712). */
const cutoffHz = 3_400;
const sampleRate = 16_000;
const { mulaw } = alawmulaw;

/**
 * A telephone line: 16 kHz PCM16 goes down to 8 kHz G.711 mu-law and back. Frames of any even length
 * come out as long as they went in, 10 ms later, with nothing broken at their borders.
 */
export class TelephoneLine {
  readonly #down = new LowPass(1);
  /** Every other sample is zero on the way up, which halves the level. */
  readonly #up = new LowPass(2);

  pass(frame: Int16Array): Int16Array {
    if (frame.length % 2 !== 0) {
      throw new RangeError(`A telephone frame needs an even length, not ${frame.length}.`);
    }
    const narrow = this.#down.filter(frame).filter((_, index) => index % 2 === 0);
    const heard = mulaw.decode(mulaw.encode(narrow));
    const spread = new Int16Array(frame.length);
    for (const [index, sample] of heard.entries()) spread[2 * index] = sample;
    return this.#up.filter(spread);
  }
}

/** A whole recording through a telephone line, without the line's delay. */
export function throughTelephone(pcm: Int16Array): Int16Array {
  const delay = filterLength - 1;
  const padded = new Int16Array(pcm.length + (pcm.length % 2) + delay);
  padded.set(pcm);
  return new TelephoneLine().pass(padded).subarray(delay, delay + pcm.length);
}

/** A windowed-sinc filter that remembers the end of the frame before. */
class LowPass {
  readonly #coefficients: Float64Array;
  #history = new Int16Array(filterLength - 1);

  constructor(gain: number) {
    this.#coefficients = windowedSinc(gain);
  }

  filter(frame: Int16Array): Int16Array {
    const input = new Int16Array(this.#history.length + frame.length);
    input.set(this.#history);
    input.set(frame, this.#history.length);
    this.#history = input.slice(-this.#history.length);
    return frame.map((_, start) => clampToPcm16(this.#at(input, start)));
  }

  #at(input: Int16Array, start: number): number {
    let sum = 0;
    for (const [index, coefficient] of this.#coefficients.entries()) {
      sum += coefficient * (input[start + index] ?? 0);
    }
    return sum;
  }
}

/** A Blackman window, normalised so that a constant signal comes out `gain` times as large. */
function windowedSinc(gain: number): Float64Array {
  const middle = (filterLength - 1) / 2;
  const raw = Float64Array.from({ length: filterLength }, (_, index) => {
    const turn = (2 * Math.PI * index) / (filterLength - 1);
    const window = 0.42 - 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn);
    return window * sinc((2 * cutoffHz * (index - middle)) / sampleRate);
  });
  const sum = raw.reduce((total, value) => total + value, 0);
  return raw.map((value) => (gain * value) / sum);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function clampToPcm16(sample: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(sample)));
}
