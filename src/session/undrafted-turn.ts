import { randomUUID } from 'node:crypto';
import type { Agent, Draft, StreamChunk, TurnInput } from '../agent/agent.ts';
import type { ChatMessage } from '../agent/chat-context.ts';
import { completed } from '../agent/turns.ts';
import { SuperdialogError } from '../errors.ts';
import type { AgentState } from './agent-state.ts';
import type { LiveAgent } from './live-agent.ts';

export interface UndraftedTurnOptions {
  signal: AbortSignal;
  greeting: string | undefined;
  /** Nobody hears the words before the end: do the turn as a whole. */
  whole: boolean;
}

/**
 * The draft of an agent that has none: its turn is done when the stream is read, and taken back if it
 * is not committed. Such an agent gets text only: keys come as text, the opening is `greeting`, and
 * silences come to nothing.
 */
export function undraftedTurn(
  live: LiveAgent,
  input: TurnInput,
  { signal, greeting, whole }: UndraftedTurnOptions,
): Draft {
  if (input.kind === 'opened' && greeting !== undefined) return greetingTurn(live, greeting);
  const text = textOf(input);
  if (text === undefined) return draftOf(one({ type: 'done', result: completed({ text: '' }) }));
  return new UndraftedTurn(live, text, signal, whole);
}

class UndraftedTurn implements Draft {
  readonly stream: AsyncIterable<StreamChunk>;
  readonly #live: LiveAgent;
  readonly #text: string;
  readonly #cancel = new AbortController();
  #status: 'open' | 'committed' | 'discarded' = 'open';
  /** Nothing more will come of the agent. */
  #over = false;
  /** Set when the agent is at work or done. */
  #before: AgentState | undefined;
  #said = '';

  constructor(live: LiveAgent, text: string, signal: AbortSignal, whole: boolean) {
    this.#live = live;
    this.#text = text;
    if (signal.aborted) this.#cancel.abort(signal.reason);
    else signal.addEventListener('abort', () => this.#cancel.abort(signal.reason), { once: true });
    this.stream = whole ? this.#asWhole() : this.#asStream();
  }

  commit(): void {
    if (this.#status === 'discarded') {
      throw new SuperdialogError('draft_discarded', 'a discarded draft cannot be committed');
    }
    this.#status = 'committed';
    this.#live.decide();
  }

  discard(): void {
    if (this.#status === 'open') {
      this.#status = 'discarded';
      this.#takeBack();
    }
    // An error with its stack, for nobody, would be half of the cost of a turn.
    if (!this.#over) this.#cancel.abort();
  }

  async *#asWhole(): AsyncGenerator<StreamChunk, void> {
    const agent = await this.#begin();
    const { signal } = this.#cancel;
    try {
      const result = await orAborted(() => agent.turn(this.#text, { signal }), signal);
      this.#over = true;
      yield { type: 'done', result: completed(result) };
    } finally {
      if (!this.#over) this.#takeBack();
    }
  }

  async *#asStream(): AsyncGenerator<StreamChunk, void> {
    const agent = await this.#begin();
    try {
      for await (const chunk of this.#chunks(agent)) {
        this.#over = chunk.type === 'done';
        yield chunk;
      }
      this.#over = true;
    } catch (error) {
      const cutAfterItBegan = this.#cancel.signal.aborted && this.#status === 'committed';
      if (!cutAfterItBegan) throw error;
      const messageId = this.#cut();
      this.#over = true;
      yield { type: 'done', result: completed({ text: this.#said, messageId }) };
    } finally {
      if (!this.#over && this.#status === 'committed') this.#cut();
      else if (!this.#over) this.#takeBack();
    }
  }

  async #begin(): Promise<Agent> {
    this.#cancel.signal.throwIfAborted();
    this.#live.discardUndecided();
    const agent = await this.#live.ready();
    const before = this.#live.state;
    this.#before = before;
    if (this.#status === 'open') this.#live.begin({ before, discard: () => this.discard() });
    return agent;
  }

  async *#chunks(agent: Agent): AsyncGenerator<StreamChunk, void> {
    const { signal } = this.#cancel;
    const chunks = agent.turn(this.#text, { stream: true, signal })[Symbol.asyncIterator]();
    let working = false;
    try {
      for (;;) {
        signal.throwIfAborted();
        working = true;
        const { done, value } = await orAborted(() => chunks.next(), signal);
        working = false;
        if (done === true) return;
        if (value.type === 'text') this.#said += value.text;
        yield value.type === 'done' ? { type: 'done', result: completed(value.result) } : value;
      }
    } finally {
      const closed = Promise.resolve(chunks.return?.());
      // One that does not listen to its signal would keep us waiting.
      if (working) closed.catch(() => {});
      else await closed;
    }
  }

  #takeBack(): void {
    if (this.#before !== undefined) this.#live.rewind(this.#before);
  }

  /** The history holds what was said, whatever the agent made of it. Returns the message's id. */
  #cut(): string {
    const before = this.#before ?? this.#live.state;
    const known = new Set(before.messages.map(({ id }) => id));
    const { messages, flowState } = this.#live.state;
    const added = messages.filter(({ id }) => !known.has(id));
    const reply = added.find(({ role }) => role === 'assistant');
    const said: ChatMessage = {
      role: 'assistant',
      content: this.#said,
      id: reply?.id ?? randomUUID(),
      createdAt: reply?.createdAt ?? Date.now(),
      ...(reply?.content !== this.#said && { interrupted: true }),
    };
    const asked = added.filter(({ role }) => role !== 'assistant');
    if (!asked.some(({ role }) => role === 'user')) {
      const { createdAt } = said;
      asked.unshift({ role: 'user', content: this.#text, id: randomUUID(), createdAt });
    }
    this.#live.rewind({ messages: [...before.messages, ...asked, said], flowState, whispers: [] });
    return said.id;
  }
}

function greetingTurn(live: LiveAgent, text: string): Draft {
  const greeted = live.chatCtx.copy();
  const { id: messageId } = greeted.add({ role: 'assistant', content: text });
  const result = completed({ text, messageId });
  const stream = one({ type: 'text', text }, { type: 'done', result });
  let committed = false;
  return draftOf(stream, () => {
    if (!committed) live.loadChatCtx(greeted);
    committed = true;
  });
}

function draftOf(stream: AsyncIterable<StreamChunk>, commit = () => {}): Draft {
  return { stream, commit, discard: () => {} };
}

async function* one(...chunks: StreamChunk[]): AsyncGenerator<StreamChunk, void> {
  yield* chunks;
}

function textOf(input: TurnInput): string | undefined {
  if (input.kind === 'text') return input.text;
  return input.kind === 'dtmf' ? input.digits : undefined;
}

/** Rejects with the signal's reason when it is aborted first. */
async function orAborted<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work(), aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
