import type { Draft, StreamChunk } from '../agent/agent.ts';
import { SuperdialogError } from '../errors.ts';

/**
 * A draft that begins when something else is done: what is under way may change the moment that it
 * is made of.
 */
export class DraftAfter implements Draft {
  readonly stream: AsyncIterable<StreamChunk>;
  readonly needsCommit: Promise<void>;
  readonly #needsCommit = Promise.withResolvers<void>();
  readonly #cancel = new AbortController();
  #draft: Draft | undefined;
  #committed = false;

  constructor(before: Promise<void>, begin: () => Draft, signal: AbortSignal | undefined) {
    const either = AbortSignal.any([this.#cancel.signal, ...(signal ? [signal] : [])]);
    this.stream = this.#stream(before, begin, either);
    this.needsCommit = this.#needsCommit.promise;
  }

  commit(): void {
    if (this.#cancel.signal.aborted && this.#draft === undefined) {
      throw new SuperdialogError('draft_discarded', 'a discarded draft cannot be committed');
    }
    this.#committed = true;
    this.#draft?.commit();
  }

  discard(): void {
    this.#cancel.abort();
    this.#draft?.discard();
  }

  async *#stream(
    before: Promise<void>,
    begin: () => Draft,
    signal: AbortSignal,
  ): AsyncGenerator<StreamChunk, void> {
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    // Nobody may be waiting for it.
    aborted.promise.catch(() => {});
    try {
      signal.throwIfAborted();
      await Promise.race([before, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
    this.#draft = begin();
    this.#draft.needsCommit?.then(this.#needsCommit.resolve);
    if (this.#committed) this.#draft.commit();
    yield* this.#draft.stream;
  }
}
