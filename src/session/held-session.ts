import type { Draft, StreamChunk, TurnInput, TurnOptions, TurnResult } from '../agent/agent.ts';
import type { ChatContext } from '../agent/chat-context.ts';
import { committedStream, inputOf, resultOf } from '../agent/turns.ts';
import { SuperdialogError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { SessionAgent, SessionHandle } from './handle.ts';
import type { SessionRecord, SessionStore } from './store.ts';
import { undraftedTurn } from './undrafted-turn.ts';

/** The handle was disposed. */
export class SessionClosedError extends SuperdialogError {
  constructor(id: string) {
    super('session_closed', `session ${JSON.stringify(id)} was released; acquire it again`);
  }
}

interface HeldSessionOptions {
  id: string;
  agent: SessionAgent;
  store: SessionStore;
  /** What the store had when the session was acquired. */
  stored: SessionRecord | undefined;
  greeting: string | undefined;
  release: () => Promise<void>;
}

/** See `SessionHandle`. */
export class HeldSession implements SessionHandle {
  readonly id: string;
  readonly #agent: SessionAgent;
  readonly #store: SessionStore;
  readonly #release: () => Promise<void>;
  readonly #greeting: string | undefined;
  #stored: Pick<SessionRecord, 'version' | 'createdAtMs'> | undefined;
  /** Something happened that the store does not know yet. */
  #changed = false;
  #closed = false;

  constructor({ id, agent, store, stored, greeting, release }: HeldSessionOptions) {
    this.id = id;
    this.#agent = agent;
    this.#store = store;
    this.#stored = stored;
    this.#release = release;
    this.#greeting = greeting;
    agent.checkpointBy?.(() => this.checkpoint());
  }

  get chatCtx(): ChatContext {
    return this.#agent.chatCtx;
  }

  get flowState(): object | null {
    return this.#agent.flowState ?? null;
  }

  turn(input: string | TurnInput, options?: TurnOptions & { stream?: false }): Promise<TurnResult>;
  turn(
    input: string | TurnInput,
    options: TurnOptions & { stream: true },
  ): AsyncIterable<StreamChunk>;
  turn(
    input: string | TurnInput,
    options: TurnOptions & { stream?: boolean } = {},
  ): Promise<TurnResult> | AsyncIterable<StreamChunk> {
    const draft = this.draft(input, options);
    return options.stream === true ? committedStream(draft) : resultOf(draft);
  }

  draft(input: string | TurnInput, options: TurnOptions = {}): Draft {
    this.#requireOpen();
    const draft =
      this.#agent.draft?.(input, options) ??
      undraftedTurn(this.#agent, inputOf(input), { ...options, greeting: this.#greeting });
    return {
      stream: this.#whileOpen(draft.stream),
      commit: () => {
        this.#requireOpen();
        draft.commit();
        this.#changed = true;
      },
      discard: () => draft.discard(),
    };
  }

  heard(messageId: string, text: string): void {
    this.#requireOpen();
    this.#changed = true;
    if (this.#agent.heard !== undefined) {
      this.#agent.heard(messageId, text);
      return;
    }
    const corrected = this.#agent.chatCtx.copy();
    if (corrected.setHeard(messageId, text)) this.#agent.loadChatCtx(corrected);
  }

  assist(text: string): void {
    this.#requireOpen();
    this.#agent.assist(text);
    this.#changed = true;
  }

  async checkpoint(): Promise<void> {
    this.#requireOpen();
    await this.#save();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.#save();
    } finally {
      await this.#release();
    }
  }

  async #save(): Promise<void> {
    if (!this.#changed) return;
    const updatedAtMs = Date.now();
    const record: SessionRecord = {
      id: this.id,
      version: (this.#stored?.version ?? 0) + 1,
      createdAtMs: this.#stored?.createdAtMs ?? updatedAtMs,
      updatedAtMs,
      messages: [...this.#agent.chatCtx.items],
      // The agent promises plain JSON here.
      flowState: (this.#agent.flowState ?? null) as Json,
    };
    await this.#store.save(record);
    this.#stored = record;
    this.#changed = false;
  }

  async *#whileOpen(stream: AsyncIterable<StreamChunk>): AsyncGenerator<StreamChunk, void> {
    for await (const chunk of stream) {
      this.#requireOpen();
      yield chunk;
    }
  }

  #requireOpen(): void {
    if (this.#closed) throw new SessionClosedError(this.id);
  }
}
