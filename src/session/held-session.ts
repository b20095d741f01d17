import type { Draft, StreamChunk, TurnInput, TurnOptions, TurnResult } from '../agent/agent.ts';
import type { ChatContext } from '../agent/chat-context.ts';
import { inputOf } from '../agent/turns.ts';
import { SuperdialogError } from '../errors.ts';
import { hasEnded } from './agent-state.ts';
import type { SessionHandle } from './handle.ts';
import type { LiveAgent } from './live-agent.ts';
import type { SessionLock } from './lock.ts';
import { claim, type Holding } from './reentry.ts';
import { RunningTurns } from './running-turns.ts';
import type { IdleSession } from './session-cache.ts';
import {
  SessionConflictError,
  type SessionRecord,
  type SessionStamp,
  type SessionStore,
} from './store.ts';
import { undraftedTurn } from './undrafted-turn.ts';

/** The handle was disposed. */
export class SessionClosedError extends SuperdialogError {
  constructor(id: string) {
    super('session_closed', `session ${JSON.stringify(id)} was released; acquire it again`);
  }
}

/** Another turn of the same handle has not ended. */
export class TurnRunningError extends SuperdialogError {
  constructor(id: string) {
    super(
      'turn_running',
      `session ${JSON.stringify(id)} is in the middle of a turn; read its stream to the end, or return it, before the next`,
    );
  }
}

export interface HeldSessionOptions {
  live: LiveAgent;
  store: SessionStore;
  /** What the store had when the session was acquired. */
  stored: SessionStamp | undefined;
  lock: SessionLock;
  holding: Holding;
  greeting: string | undefined;
  /** Save after each turn too. */
  saveTurns: boolean;
  /** Called once, with what of the session may be kept in memory. */
  release: (idle: IdleSession | undefined) => Promise<void>;
}

interface OpenTurn {
  cancel: AbortController;
  /** Something changed, if the turn is committed. */
  happen: () => void;
  /** The stream has ended: with its result, or cut. */
  end: (complete?: boolean) => void;
}

/** See `SessionHandle`. */
export class HeldSession implements SessionHandle {
  readonly #options: HeldSessionOptions;
  readonly #live: LiveAgent;
  readonly #running = new RunningTurns();
  #stored: SessionStamp | undefined;
  /** Counts what happened, and up to where it is stored. */
  #happened = 0;
  #savedUpTo = 0;
  #saving: Promise<void> = Promise.resolve();
  #inTurn = false;
  #closing: Promise<void> | undefined;

  constructor(options: HeldSessionOptions) {
    this.#options = options;
    this.#live = options.live;
    this.#stored = options.stored;
    options.live.agent.checkpointBy?.(() => this.#save());
    options.lock.signal?.addEventListener('abort', this.#cancelTurns, { once: true });
  }

  get id(): string {
    return this.#options.holding.id;
  }

  get chatCtx(): ChatContext {
    return this.#live.chatCtx;
  }

  get flowState(): object | null {
    return this.#live.flowState;
  }

  get signal(): AbortSignal {
    return this.#options.lock.signal ?? NEVER;
  }

  turn(input: string | TurnInput, options?: TurnOptions & { stream?: false }): Promise<TurnResult>;
  turn(
    input: string | TurnInput,
    options: TurnOptions & { stream: true },
  ): AsyncIterable<StreamChunk>;
  turn(
    input: string | TurnInput,
    { stream = false, ...options }: TurnOptions & { stream?: boolean } = {},
  ): Promise<TurnResult> | AsyncIterable<StreamChunk> {
    claim(this.#options.holding);
    return stream
      ? this.#committed(input, { ...options, whole: false })
      : this.#result(input, options);
  }

  draft(input: string | TurnInput, options: TurnOptions = {}): Draft {
    claim(this.#options.holding);
    const draft = this.#begin(input, { ...options, whole: false });
    const saveIfDone = () => {
      // What fails is tried again by the next save.
      if (this.#options.saveTurns && draft.isDone()) this.#save().catch(() => {});
    };
    return {
      stream: draft.canRunBesideOthers
        ? andThen(draft.stream, saveIfDone)
        : this.#oneAtATime(andThen(draft.stream, saveIfDone)),
      commit: () => {
        draft.commit();
        saveIfDone();
      },
      discard: () => draft.discard(),
    };
  }

  heard(messageId: string, text: string): void {
    claim(this.#options.holding);
    this.#requireOpen();
    this.#happened += 1;
    this.#live.heard(messageId, text);
  }

  assist(text: string): void {
    claim(this.#options.holding);
    this.#requireOpen();
    this.#live.assist(text);
    this.#happened += 1;
  }

  async checkpoint(): Promise<void> {
    claim(this.#options.holding);
    this.#requireOpen();
    await this.#save();
  }

  /** Read at once by `await using`, in the task that holds the handle from then on. */
  get [Symbol.asyncDispose](): () => Promise<void> {
    claim(this.#options.holding);
    return () => {
      this.#closing ??= this.#close();
      return this.#closing;
    };
  }

  async #close(): Promise<void> {
    let idle: IdleSession | undefined;
    try {
      if (this.#running.any) await this.#running.end(new SessionClosedError(this.id));
      this.#live.discardUndecided();
      await this.#save();
      idle = this.#idle();
    } finally {
      this.#options.lock.signal?.removeEventListener('abort', this.#cancelTurns);
      await this.#options.release(idle);
    }
  }

  /** What may be kept in memory: what the next holder would load. */
  #idle(): IdleSession | undefined {
    const { agent, isIntact, whispers } = this.#live;
    const stamp = this.#stored;
    if (stamp === undefined || !isIntact || hasEnded(agent.flowState)) return undefined;
    agent.checkpointBy?.(noSave);
    return { agent, stamp, whispers };
  }

  async #result(input: string | TurnInput, options: TurnOptions): Promise<TurnResult> {
    for await (const chunk of this.#committed(input, { ...options, whole: true })) {
      if (chunk.type === 'done') return chunk.result;
    }
    throw new SuperdialogError('no_result', 'the agent ended its stream without a result');
  }

  /**
   * A turn that happens when its first words go out, or at its end if it has none. Nobody hears a
   * whole turn before its end: it happens then, or when it comes to a write, where its draft can say so.
   */
  async *#committed(
    input: string | TurnInput,
    options: TurnOptions & { whole: boolean },
  ): AsyncGenerator<StreamChunk, void> {
    using _ = this.#beginTurn();
    const draft = this.#begin(input, options);
    const atItsEnd = options.whole && draft.needsCommit !== undefined;
    if (atItsEnd) draft.needsCommit?.then(() => draft.commit()).catch(() => draft.discard());
    try {
      for await (const chunk of draft.stream) {
        if (!atItsEnd || chunk.type === 'done') draft.commit();
        if (chunk.type === 'done' && this.#options.saveTurns) await this.#save();
        yield chunk;
      }
    } finally {
      draft.discard();
    }
  }

  async *#oneAtATime(stream: AsyncIterable<StreamChunk>): AsyncGenerator<StreamChunk, void> {
    using _ = this.#beginTurn();
    yield* stream;
  }

  #beginTurn(): Disposable {
    this.#requireOpen();
    if (this.#inTurn) throw new TurnRunningError(this.id);
    this.#inTurn = true;
    return { [Symbol.dispose]: this.#endTurn };
  }

  readonly #endTurn = () => {
    this.#inTurn = false;
  };

  #begin(
    input: string | TurnInput,
    { signal, whole }: TurnOptions & { whole: boolean },
  ): Draft & { canRunBesideOthers: boolean; isDone: () => boolean } {
    this.#requireOpen();
    const cancel = new AbortController();
    const unfollow = follow(cancel, signal);
    const turn = { signal: cancel.signal };
    const own = this.#live.isIntact ? this.#live.agent.draft?.(input, turn) : undefined;
    const { greeting } = this.#options;
    const draft = own ?? undraftedTurn(this.#live, inputOf(input), { ...turn, greeting, whole });
    let committed = false;
    let ended = false;
    const happen = () => {
      if (committed) this.#happened += 1;
    };
    const end = (complete = false) => {
      ended = true;
      unfollow();
      if (!complete) happen();
    };
    return {
      canRunBesideOthers: own !== undefined,
      isDone: () => committed && ended,
      stream: this.#whileOpen(draft.stream, { cancel, happen, end }),
      ...(draft.needsCommit !== undefined && { needsCommit: draft.needsCommit }),
      commit: () => {
        this.#requireOpen();
        draft.commit();
        committed = true;
        happen();
      },
      discard: () => {
        unfollow();
        draft.discard();
      },
    };
  }

  async *#whileOpen(
    stream: AsyncIterable<StreamChunk>,
    { cancel, happen, end }: OpenTurn,
  ): AsyncGenerator<StreamChunk, void> {
    this.#requireOpen();
    const chunks = stream[Symbol.asyncIterator]();
    using _ = this.#running.add({ chunks, cancel, end });
    let complete = false;
    try {
      for (;;) {
        const { done, value } = await chunks.next();
        this.#requireOpen();
        if (done === true) return;
        happen();
        complete = value.type === 'done';
        yield value;
        this.#requireOpen();
      }
    } finally {
      await chunks.return?.();
      end(complete);
    }
  }

  /** One save after the other, so that no earlier one lands after a later one. */
  #save(): Promise<void> {
    if (this.#happened !== this.#savedUpTo) {
      this.#saving = this.#saving.catch(() => {}).then(() => this.#saveNow());
    }
    return this.#saving;
  }

  async #saveNow(): Promise<void> {
    const upTo = this.#happened;
    if (upTo === this.#savedUpTo) return;
    const { lock, store } = this.#options;
    if (lock.signal?.aborted === true) throw new SessionConflictError(this.id);
    const record = this.#record();
    await store.save(record, lock.fence === undefined ? {} : { fence: lock.fence });
    this.#stored = { version: record.version, createdAtMs: record.createdAtMs };
    this.#savedUpTo = upTo;
  }

  #record(): SessionRecord {
    const { messages, flowState, whispers } = this.#live.settled;
    const updatedAtMs = Date.now();
    return {
      id: this.id,
      version: (this.#stored?.version ?? 0) + 1,
      createdAtMs: this.#stored?.createdAtMs ?? updatedAtMs,
      updatedAtMs,
      messages: [...messages],
      flowState,
      ...(whispers.length > 0 && { whispers: [...whispers] }),
    };
  }

  readonly #cancelTurns = () => this.#running.cancel(new SessionConflictError(this.id));

  #requireOpen(): void {
    if (this.#closing !== undefined) throw new SessionClosedError(this.id);
  }
}

/** Of a lock that cannot be lost. */
const NEVER = new AbortController().signal;

async function noSave(): Promise<void> {}

/** Aborts with the caller's signal too, until told no longer to: that signal may outlive many turns. */
function follow(cancel: AbortController, signal: AbortSignal | undefined): () => void {
  if (signal === undefined) return () => {};
  const abort = () => cancel.abort(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return () => signal.removeEventListener('abort', abort);
}

async function* andThen<T>(stream: AsyncIterable<T>, done: () => void): AsyncGenerator<T, void> {
  try {
    yield* stream;
  } finally {
    done();
  }
}
