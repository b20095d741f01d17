/** Milliseconds of audio in one frame. */
export const FRAME_MS = 20;

/**
 * Calls `onFrame` once for each 20 ms of wall clock. A late tick is followed at once by those that
 * were missed, so that frame n always stands for the time from n * 20 ms on.
 */
export class FrameClock {
  readonly #onFrame: () => void;
  #startedAtMs = 0;
  #frames = 0;
  #timer: NodeJS.Timeout | undefined;
  #running = false;

  constructor(onFrame: () => void) {
    this.#onFrame = onFrame;
  }

  /** Time on the axis of the frames, in milliseconds. */
  get elapsedMs(): number {
    return this.#frames * FRAME_MS;
  }

  /** What `performance.now()` shows when the clock shows `elapsedMs`. */
  wallMs(elapsedMs: number): number {
    return this.#startedAtMs + elapsedMs;
  }

  start(): void {
    this.#running = true;
    this.#startedAtMs = performance.now();
    this.#schedule();
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    const nextAtMs = this.#startedAtMs + (this.#frames + 1) * FRAME_MS;
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, nextAtMs - performance.now()));
  }

  #tick(): void {
    const due = Math.floor((performance.now() - this.#startedAtMs) / FRAME_MS);
    while (this.#running && this.#frames < due) {
      this.#onFrame();
      this.#frames += 1;
    }
    if (this.#running) this.#schedule();
  }
}
