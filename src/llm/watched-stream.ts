import { ModelError, type ModelIdentity, toModelError } from './errors.ts';
import type { ModelDelta } from './model.ts';

interface Watch {
  identity: ModelIdentity;
  /** Longest wait for the first delta, and from each to the next; the consumer's own time does not count. */
  deadlineMs: number;
  /** The consumer's. Aborting it closes the connection and throws its reason. */
  signal?: AbortSignal | undefined;
}

/**
 * Reads a provider's stream under a deadline, closes its connection however it ends, and turns what
 * the SDK throws into `ModelError`s. A stream that ends without `done` broke off.
 */
export async function* watchStream(
  open: (signal: AbortSignal) => AsyncIterable<ModelDelta>,
  { identity, deadlineMs, signal }: Watch,
): AsyncGenerator<ModelDelta> {
  signal?.throwIfAborted();
  const closing = new AbortController();
  const deadline = new Deadline(deadlineMs, () => closing.abort());
  const deltas = open(
    signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]),
  );
  const iterator = deltas[Symbol.asyncIterator]();
  let begun = false;
  try {
    while (true) {
      deadline.start();
      const next = await iterator.next();
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

  stop(): void {
    clearTimeout(this.#timer);
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
