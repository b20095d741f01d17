import { randomUUID } from 'node:crypto';
import type { TurnInput, TurnResult } from '../agent/agent.ts';
import type { ChatMessage } from '../agent/chat-context.ts';
import type { DraftContext, TurnWork } from '../agent/turn-draft.ts';
import type { JsonObject } from '../json.ts';
import { totalUsage } from '../llm/model-cost.ts';
import type { MachineEvent } from './core/events.ts';
import type { FlowState } from './core/state.ts';
import { explanationOf } from './explanation.ts';
import type { TurnModelCall } from './model-call-log.ts';
import { TurnRun, type TurnRunOptions } from './turn-run.ts';

/** What a turn has come to so far, for the machine to take over. */
export interface TurnOutcome {
  state: FlowState;
  /** The caller's message, if there is one, and the agent's as far as it was said. */
  messages: readonly ChatMessage[];
}

export interface MachineTurnOptions extends Omit<TurnRunOptions, 'signal' | 'persist'> {
  /** Saves the session, so that what was begun is known after a crash. */
  checkpoint(): Promise<void>;
  /** Called at the commit and again for all that a committed turn comes to later. */
  adopt(outcome: TurnOutcome): void;
}

/** The work of one turn of a machine: its messages, and what `TurnRun` makes of the event. */
export class MachineTurn implements TurnWork {
  readonly #run: TurnRun;
  readonly #event: MachineEvent;
  readonly #adopt: MachineTurnOptions['adopt'];
  readonly #user: ChatMessage | undefined;
  readonly #reply: ChatMessage;
  readonly #before: FlowState;

  constructor(
    input: TurnInput,
    { adopt, checkpoint, history, ...options }: MachineTurnOptions,
    { signal, committed }: DraftContext,
  ) {
    const atMs = options.now();
    const content = userText(input);
    this.#event = eventOf(input, atMs);
    this.#user =
      content === undefined
        ? undefined
        : { role: 'user', content, id: randomUUID(), createdAt: atMs };
    this.#reply = { role: 'assistant', content: '', id: randomUUID(), createdAt: atMs };
    this.#adopt = adopt;
    this.#before = options.state;
    this.#run = new TurnRun({
      ...options,
      history: this.#user === undefined ? history : [...history, this.#user],
      signal,
      persist: async () => {
        await committed();
        this.adopt();
        await checkpoint();
      },
    });
  }

  words(): AsyncIterable<string> {
    return this.#run.words(this.#event);
  }

  cut(): void {
    this.#run.cut();
  }

  adopt(): void {
    const { text, state } = this.#run;
    const user = this.#user === undefined ? [] : [this.#user];
    const reply = text === '' ? [] : [{ ...this.#reply, content: text }];
    this.#adopt({ state, messages: [...user, ...reply] });
  }

  result(): TurnResult {
    const { state, text, moves, refused, toolCalls, candidates, hostEffects } = this.#run;
    const { malformed, error } = this.#run;
    const modelCalls = this.#run.modelCalls.items;
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
