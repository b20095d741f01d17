import { ModelError, type ModelIdentity, toModelError } from './errors.ts';
import type { ModelDelta } from './model.ts';

/**
 * Begins a request when its first delta is read. `progress` tells of what is no delta yet, like the
 * first half of a tool call's arguments.
 */
export type OpenStream = (signal: AbortSignal, progress: () => void) => AsyncIterable<ModelDelta>;

interface Watch {
  identity: ModelIdentity;
  /** Longest wait for a delta or progress; the consumer's own time does not count. */
  deadlineMs: number;
  /** The consumer's. Aborting it closes the connection and throws its reason. */
  signal?: AbortSignal | undefined;
}

/**
 * Reads a provider's stream under a deadline, closes its connection however it ends, and turns what
 * the SDK throws into `ModelError`s. A stream that ends without `done` broke off.
 */
export async function* watchStream(
  open: OpenStream,
  { identity, deadlineMs, signal }: Watch,
): AsyncGenerator<ModelDelta> {
  signal?.throwIfAborted();
  const closing = new AbortController();
  const deadline = new Deadline(deadlineMs, () => closing.abort());
  const either = signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);
  const closed = rejectionOf(either);
  let begun = false;
  try {
    const iterator = open(either, () => deadline.extend())[Symbol.asyncIterator]();
    while (true) {
      deadline.start();
      // A provider that does not heed its signal must not keep a caller waiting.
      const next = await Promise.race([iterator.next(), closed]);
      deadline.stop();
      // An aborted SDK stream ends as if it were complete, so both are asked before its end is believed.
      signal?.throwIfAborted();
      if (deadline.passed) throw timeout(identity, deadlineMs, begun);
      if (next.done) throw brokeOff(identity, begun);
      begun = true;
      yield next.value;
      if (next.value.type === 'done') return;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw deadline.passed ? timeout(identity, deadlineMs, begun) : toModelError(identity, error);
  } finally {
    deadline.stop();
    closing.abort();
  }
}

function rejectionOf(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  // Every stream is closed in the end, mostly when nobody waits any more.
  promise.catch(() => {});
  return promise;
}

class Deadline {
  readonly #ms: number;
  readonly #onPassed: () => void;
  #timer: NodeJS.Timeout | undefined;
  passed = false;

  constructor(ms: number, onPassed: () => void) {
    this.#ms = ms;
    this.#onPassed = onPassed;
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.passed = true;
      this.#onPassed();
    }, this.#ms);
  }

  extend(): void {
    this.#timer?.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

function timeout({ uri }: ModelIdentity, deadlineMs: number, begun: boolean): ModelError {
  const what = begun ? 'the reply stopped for' : 'no word came within';
  return new ModelError(
    'model_timeout',
    `${uri}: ${what} ${deadlineMs} ms. Use a faster model, or allow more with ?first_token_ms=.`,
  );
}

function brokeOff({ uri }: ModelIdentity, begun: boolean): ModelError {
  return begun
    ? new ModelError('model_unavailable', `${uri}: the reply broke off. Try again.`)
    : new ModelError(
        'model_garbage',
        `${uri}: the answer holds no reply in the provider's streaming protocol. Check the base URL.`,
      );
}
