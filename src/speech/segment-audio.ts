/**
 * The audio of one segment of speech, with a little from before it began. Positions count samples
 * from the start of the stream.
 */
export class SegmentAudio {
  readonly #preRollSamples: number;
  #chunks: Int16Array[] = [];
  #start = 0;
  #end = 0;

  constructor(preRollSamples: number) {
    this.#preRollSamples = preRollSamples;
  }

  /** Where the audio that is held begins. */
  get start(): number {
    return this.#start;
  }

  /** Where the next sample will be. */
  get end(): number {
    return this.#end;
  }

  append(chunk: Int16Array): void {
    this.#chunks.push(chunk);
    this.#end += chunk.length;
  }

  /** Outside of speech: keeps the pre-roll alone. */
  trimToPreRoll(): void {
    this.dropBefore(this.#end - this.#preRollSamples);
  }

  /** Forgets whole chunks that end before `position`. */
  dropBefore(position: number): void {
    let first = this.#chunks[0];
    while (first !== undefined && this.#start + first.length <= position) {
      this.#chunks.shift();
      this.#start += first.length;
      first = this.#chunks[0];
    }
  }

  /** A copy of all that is held, up to `end`. */
  copy(end = this.#end): Int16Array {
    const audio = new Int16Array(Math.min(end, this.#end) - this.#start);
    let offset = 0;
    for (const chunk of this.#chunks) {
      const fitting = chunk.subarray(0, audio.length - offset);
      audio.set(fitting, offset);
      offset += fitting.length;
    }
    return audio;
  }
}
