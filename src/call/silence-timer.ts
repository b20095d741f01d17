/** Counts how often in a row the caller said nothing for `afterMs` although it was their turn. */
export class SilenceTimer {
  #count = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #afterMs: number;
  readonly #onSilence: (count: number) => void;

  constructor(afterMs: number, onSilence: (count: number) => void) {
    this.#afterMs = afterMs;
    this.#onSilence = onSilence;
  }

  /** It is the caller's turn from now on. */
  start(): void {
    this.stop();
    this.#timer = setTimeout(() => {
      this.#count += 1;
      this.#onSilence(this.#count);
    }, this.#afterMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** The caller said or pressed something. */
  reset(): void {
    this.stop();
    this.#count = 0;
  }
}
