/**
 * Makes single tones into one input: digits that follow each other within `interDigitMs` belong
 * together, and `#` after a digit ends the input at once (and is not part of it). The call cannot
 * know yet how many digits the flow waits for, so a single digit costs the inter-digit time.
 */
export class DtmfCollector {
  #digits = '';
  #timer: NodeJS.Timeout | undefined;
  readonly #interDigitMs: number;
  readonly #onInput: (digits: string) => void;

  constructor(interDigitMs: number, onInput: (digits: string) => void) {
    this.#interDigitMs = interDigitMs;
    this.#onInput = onInput;
  }

  push(digit: string): void {
    clearTimeout(this.#timer);
    if (digit === '#' && this.#digits !== '') {
      this.#flush();
      return;
    }
    this.#digits += digit;
    this.#timer = setTimeout(() => this.#flush(), this.#interDigitMs);
  }

  /** Forgets what was pressed. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#digits = '';
  }

  #flush(): void {
    const digits = this.#digits;
    this.#digits = '';
    this.#onInput(digits);
  }
}
