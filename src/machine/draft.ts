import { randomUUID } from 'node:crypto';
import type { Draft, StreamChunk, TurnInput, TurnResult } from '../agent/agent.ts';
import type { ChatMessage } from '../agent/chat-context.ts';
import { SuperdialogError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { totalUsage } from '../llm/model-cost.ts';
import type { MachineEvent } from './core/events.ts';
import type { FlowState } from './core/state.ts';
import { explanationOf } from './explanation.ts';
import { type TurnModelCall, TurnRun, type TurnRunOptions } from './turn-run.ts';

/** What a draft has come to so far, for the machine to take over. */
export interface DraftOutcome {
  state: FlowState;
  /** The caller's message, if there is one, and the agent's as far as it was said. */
  messages: readonly ChatMessage[];
}

export interface MachineDraftOptions extends Omit<TurnRunOptions, 'signal' | 'persist'> {
  signal?: AbortSignal;
  /** Saves the session, so that what was begun is known after a crash. */
  checkpoint(): Promise<void>;
  /** Called at the commit and again for all that a committed draft comes to later. */
  adopt(outcome: DraftOutcome): void;
}

/** One turn of a machine, worked out on copies. See `Draft`. */
export class MachineDraft implements Draft {
  readonly stream: AsyncIterable<StreamChunk>;
  readonly needsCommit: Promise<void>;
  readonly #run: TurnRun;
  readonly #adopt: MachineDraftOptions['adopt'];
  readonly #cancel = new AbortController();
  readonly #signal: AbortSignal;
  readonly #user: ChatMessage | undefined;
  readonly #reply: ChatMessage;
  readonly #before: FlowState;
  readonly #checkpoint: () => Promise<void>;
  readonly #committed = Promise.withResolvers<void>();
  readonly #needsCommit = Promise.withResolvers<void>();
  #status: 'open' | 'committed' | 'discarded' = 'open';

  constructor(input: TurnInput, options: MachineDraftOptions) {
    const { signal, adopt, checkpoint, history, ...run } = options;
    const atMs = options.now();
    const content = userText(input);
    this.#user =
      content === undefined
        ? undefined
        : { role: 'user', content, id: randomUUID(), createdAt: atMs };
    this.#reply = { role: 'assistant', content: '', id: randomUUID(), createdAt: atMs };
    this.#signal = AbortSignal.any([this.#cancel.signal, ...(signal ? [signal] : [])]);
    this.#adopt = adopt;
    this.#checkpoint = checkpoint;
    // Nobody may be waiting for it.
    this.#committed.promise.catch(() => {});
    this.#before = options.state;
    this.#run = new TurnRun({
      ...run,
      history: this.#user === undefined ? history : [...history, this.#user],
      signal: this.#signal,
      persist: () => this.#persist(),
    });
    this.stream = this.#stream(eventOf(input, atMs));
    this.needsCommit = this.#needsCommit.promise;
  }

  commit(): void {
    if (this.#status === 'discarded') {
      throw new SuperdialogError('draft_discarded', 'a discarded draft cannot be committed');
    }
    if (this.#status === 'committed') return;
    this.#tellHost();
    this.#status = 'committed';
    this.#committed.resolve();
  }

  discard(): void {
    if (this.#status === 'open') this.#status = 'discarded';
    this.#cancel.abort();
    this.#committed.reject(this.#signal.reason);
  }

  async *#stream(event: MachineEvent): AsyncGenerator<StreamChunk, void> {
    const run = this.#run;
    let complete = false;
    try {
      this.#signal.throwIfAborted();
      try {
        for await (const text of run.words(event)) {
          this.#goOn();
          yield { type: 'text', text };
          this.#signal.throwIfAborted();
        }
      } catch (error) {
        const cutAfterItBegan = this.#signal.aborted && this.#status === 'committed';
        if (!cutAfterItBegan) throw error;
        run.cut();
      }
      this.#goOn();
      complete = true;
      yield { type: 'done', result: this.#result() };
    } finally {
      this.#cancel.abort();
      if (!complete && this.#status === 'committed') {
        run.cut();
        this.#tellHost();
      }
    }
  }

  /** A turn that was aborted before it began must not begin; of one that stands the host is told. */
  #goOn(): void {
    if (this.#status === 'committed') this.#tellHost();
    else this.#signal.throwIfAborted();
  }

  async #persist(): Promise<void> {
    this.#needsCommit.resolve();
    await this.#committed.promise;
    this.#tellHost();
    await this.#checkpoint();
  }

  #tellHost(): void {
    const { text, state } = this.#run;
    const user = this.#user === undefined ? [] : [this.#user];
    const reply = text === '' ? [] : [{ ...this.#reply, content: text }];
    this.#adopt({ state, messages: [...user, ...reply] });
  }

  #result(): TurnResult {
    const { state, text, moves, refused, toolCalls, candidates, hostEffects } = this.#run;
    const { modelCalls, malformed, error } = this.#run;
    const usage = totalUsage(modelCalls.flatMap((call) => call.usage ?? []));
    return {
      text,
      ...(text !== '' && { messageId: this.#reply.id }),
      toolCalls,
      moves,
      refused,
      ended: state.ended,
      ...(state.ended && state.outcome !== null && { outcome: state.outcome }),
      effects: hostEffects,
      metadata: {
        from: this.#before.node,
        to: state.node,
        slots: state.slots,
        modelCalls: modelCalls.length,
        calls: modelCalls.map(callOf),
        malformed,
        explain: explanationOf(this.#before, state, candidates),
        ...(usage !== undefined && { usage: { ...usage } }),
        ...(error !== undefined && { error }),
      },
    };
  }
}

function callOf(call: TurnModelCall): JsonObject {
  const { uri, cause, outcome, malformed, usage, estimated, error } = call;
  return {
    uri,
    cause,
    outcome,
    ...(malformed !== undefined && { malformed: [...malformed] }),
    ...(usage !== undefined && { usage: { ...usage } }),
    ...(estimated && { estimated }),
    ...(error !== undefined && { error }),
  };
}

function eventOf(input: TurnInput, atMs: number): MachineEvent {
  switch (input.kind) {
    case 'opened':
      return { type: 'opened', atMs };
    case 'text':
      return { type: 'said', text: input.text, atMs };
    case 'dtmf':
      return { type: 'dtmf', digits: input.digits, atMs };
    case 'silence':
      return { type: 'silence', count: input.count, atMs };
  }
}

/** What of an input the history shows; the opening and silences leave nothing in it. */
function userText(input: TurnInput): string | undefined {
  if (input.kind === 'text') return input.text;
  return input.kind === 'dtmf' ? `[keys ${input.digits}]` : undefined;
}
