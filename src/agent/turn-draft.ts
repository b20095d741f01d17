import { SuperdialogError } from '../errors.ts';
import type { Draft, StreamChunk, TurnResult } from './agent.ts';

/** The work of one turn, done on copies of what the agent has. */
export interface TurnWork {
  /** The words as they come. Nothing is worked out before they are read. */
  words(): AsyncIterable<string>;
  /** The words were cut off behind the last one that was yielded. */
  cut?(): void;
  /**
   * Gives the agent what the turn has come to so far: at the commit, and then before each chunk. A
   * commit does not happen if it throws.
   */
  adopt(): void;
  result(): TurnResult;
}

/** What the work of a turn may want to know of its draft. */
export interface DraftContext {
  /** Aborted when the turn is cut, discarded or over. */
  signal: AbortSignal;
  /** Resolves when the turn happens; rejects if it never will. Asking says that the work waits for it. */
  committed(): Promise<void>;
}

/**
 * One turn as a transaction: before the commit a cut leaves no trace; after it the turn stands with
 * the words that were yielded. See `Draft`.
 */
export class TurnDraft implements Draft {
  readonly stream: AsyncIterable<StreamChunk>;
  readonly needsCommit: Promise<void>;
  readonly #work: TurnWork;
  readonly #cancel = new AbortController();
  readonly #signal: AbortSignal;
  readonly #committed = Promise.withResolvers<void>();
  #status: 'open' | 'committed' | 'discarded' = 'open';

  constructor(begin: (context: DraftContext) => TurnWork, signal?: AbortSignal) {
    this.#signal = AbortSignal.any([this.#cancel.signal, ...(signal ? [signal] : [])]);
    // Nobody may be waiting for it.
    this.#committed.promise.catch(() => {});
    this.#signal.addEventListener('abort', () => this.#committed.reject(this.#signal.reason));
    const waits = Promise.withResolvers<void>();
    this.needsCommit = waits.promise;
    const committed = () => {
      waits.resolve();
      return this.#committed.promise;
    };
    this.#work = begin({ signal: this.#signal, committed });
    this.stream = this.#stream();
  }

  commit(): void {
    if (this.#status === 'discarded') {
      throw new SuperdialogError('draft_discarded', 'a discarded draft cannot be committed');
    }
    if (this.#status === 'committed') return;
    this.#work.adopt();
    this.#status = 'committed';
    this.#committed.resolve();
  }

  discard(): void {
    if (this.#status === 'open') this.#status = 'discarded';
    this.#cancel.abort();
  }

  async *#stream(): AsyncGenerator<StreamChunk, void> {
    let complete = false;
    try {
      yield* this.#texts();
      this.#goOn();
      complete = true;
      yield { type: 'done', result: this.#work.result() };
    } finally {
      this.#cancel.abort();
      if (!complete && this.#status === 'committed') {
        this.#work.cut?.();
        this.#work.adopt();
      }
    }
  }

  async *#texts(): AsyncGenerator<StreamChunk, void> {
    this.#signal.throwIfAborted();
    try {
      for await (const text of this.#work.words()) {
        this.#goOn();
        yield { type: 'text', text };
        this.#signal.throwIfAborted();
      }
    } catch (error) {
      const cutAfterItBegan = this.#signal.aborted && this.#status === 'committed';
      if (!cutAfterItBegan) throw error;
      this.#work.cut?.();
    }
  }

  /** A turn that was aborted before it began must not begin; one that stands tells its agent. */
  #goOn(): void {
    if (this.#status === 'committed') this.#work.adopt();
    else this.#signal.throwIfAborted();
  }
}
