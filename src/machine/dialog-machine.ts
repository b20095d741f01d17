import { randomUUID } from 'node:crypto';
import type {
  Agent,
  Draft,
  StreamChunk,
  TurnInput,
  TurnOptions,
  TurnResult,
} from '../agent/agent.ts';
import { ChatContext } from '../agent/chat-context.ts';
import { committedStream, inputOf, resultOf } from '../agent/turns.ts';
import { SuperdialogError, UsageError } from '../errors.ts';
import { Flow } from '../flow/flow.ts';
import type { JsonObject } from '../json.ts';
import { createModel, type ModelSpec } from '../llm/create-model.ts';
import type { LanguageModel } from '../llm/model.ts';
import type { HttpPolicy } from '../tools/http-policy.ts';
import type { ToolResult } from '../tools/tool.ts';
import { advance } from './core/advance.ts';
import { type FlowState, initialState } from './core/state.ts';
import { type DraftOutcome, MachineDraft } from './draft.ts';
import { checkFlowState } from './state-file.ts';
import type { RunEffect } from './turn-run.ts';

export interface DialogMachineOptions {
  /** A loaded flow, or the path of its file. */
  flow: Flow | string;
  /**
   * A model, its URI or its settings; of a list the next is asked when one fails. Without one the
   * flow has to decide everything by itself.
   */
  llm?: ModelSpec | readonly ModelSpec[];
  /** What templates see as `call`: caller's number, headers, and the like. */
  call?: JsonObject;
  /** IANA time zone and ISO 3166 region, where the flow has none of its own. */
  timeZone?: string;
  region?: string;
  /**
   * Keeps the effects of this session apart from those of any other. Default: a new one; give none
   * that another conversation has had.
   */
  sessionId?: string;
  /** Where the actions of the flow may send requests to. Default: public addresses. */
  http?: HttpPolicy;
  /** The call's clock, in milliseconds since the epoch. */
  now?: () => number;
}

/** Two drafts were made of the same moment; the other one was committed. */
export class DraftConflictError extends SuperdialogError {
  constructor() {
    super('draft_conflict', 'another turn was committed since this draft was begun');
  }
}

/** A conversation on rails: a flow, its state and, where it needs one, a language model. */
export class DialogMachine implements Agent {
  readonly flow: Flow;
  readonly #llm: LanguageModel | undefined;
  readonly #now: () => number;
  readonly #http: HttpPolicy;
  #checkpoint: () => Promise<void> = async () => {};
  #state: FlowState;
  /** Counts what happened; a draft of an earlier moment can no longer be committed. */
  #revision = 0;
  /** Whispers that no committed turn has seen. */
  #whispers: readonly { text: string }[] = [];
  #chat = new ChatContext();
  /** The agent's last message: as long as it streams it grows, until `heard` has had the last word. */
  #lastReply: { id: string; text: string; final: boolean } | undefined;

  constructor(options: DialogMachineOptions) {
    const flow = typeof options.flow === 'string' ? Flow.load(options.flow) : options.flow;
    const timeZone = flow.timeZone ?? options.timeZone;
    const region = flow.region ?? options.region;
    this.flow = {
      ...flow,
      ...(timeZone !== undefined && { timeZone }),
      ...(region !== undefined && { region }),
    };
    this.#llm = options.llm === undefined ? undefined : createModel(options.llm);
    if (this.#llm === undefined) requireFixedWords(flow);
    this.#now = options.now ?? Date.now;
    this.#http = options.http ?? {};
    const state = initialState(flow, options.sessionId ?? randomUUID());
    this.#state =
      options.call === undefined ? state : { ...state, variables: { call: options.call } };
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
    const whispers = this.#whispers;
    let revision = this.#revision;
    return new MachineDraft(inputOf(input), {
      flow: this.flow,
      llm: this.#llm,
      now: this.#now,
      state: this.flowState,
      history: this.#chat.items,
      send: (run, signal) => this.#send(run, signal),
      checkpoint: () => this.#checkpoint(),
      ...(options.signal !== undefined && { signal: options.signal }),
      adopt: (outcome) => {
        if (this.#isHeard(outcome)) return;
        if (this.#revision !== revision) throw new DraftConflictError();
        this.#whispers = this.#whispers.filter((whisper) => !whispers.includes(whisper));
        this.#adopt(outcome);
        revision = this.#revision;
      },
    });
  }

  /** What was played of a message. Less than all of it marks the message interrupted. */
  heard(messageId: string, text: string): void {
    this.#chat.setHeard(messageId, text);
    const last = this.#lastReply;
    if (last?.id !== messageId) return;
    last.final = true;
    this.#revision += 1;
    if (this.#state.ended && text.trim() !== last.text.trim()) {
      this.#state = advance(this.flow, this.#state, { type: 'end_cut' }).state;
    }
  }

  /** Whispers to the model: it takes effect with the next turn that asks it. */
  assist(text: string): void {
    if (this.#llm === undefined) {
      throw new SuperdialogError(
        'assist_refused',
        'this agent has no model that could be whispered to',
      );
    }
    this.#whispers = [...this.#whispers, { text }];
  }

  checkpointBy(save: () => Promise<void>): void {
    this.#checkpoint = save;
  }

  get chatCtx(): ChatContext {
    return this.#chat;
  }

  loadChatCtx(ctx: ChatContext): void {
    this.#chat = ctx.copy();
    const last = ctx.items.findLast(({ role }) => role === 'assistant');
    this.#lastReply = last && { id: last.id, text: last.content, final: last.interrupted === true };
    this.#revision += 1;
  }

  /** Plain JSON; never changed in place. */
  get flowState(): FlowState {
    if (this.#whispers.length === 0) return this.#state;
    const whispers = [...this.#state.whispers, ...this.#whispers.map(({ text }) => text)];
    return { ...this.#state, whispers };
  }

  /** Goes on from a state saved earlier. Throws a SuperdialogError if it does not fit the flow. */
  loadFlowState(state: unknown): void {
    this.#state = checkFlowState(state, this.flow);
    this.#whispers = [];
    this.#revision += 1;
  }

  async #send(run: RunEffect, signal: AbortSignal): Promise<ToolResult> {
    const { sendHttp } = await import('../tools/http.ts');
    const { request, effect, idempotencyKey } = run;
    return sendHttp({ ...request, effect }, { signal, idempotencyKey, policy: this.#http });
  }

  /** What was heard of the draft's words is known: nothing that comes later was. */
  #isHeard({ messages }: DraftOutcome): boolean {
    return this.#lastReply?.final === true && messages.at(-1)?.id === this.#lastReply.id;
  }

  #adopt({ state, messages }: DraftOutcome): void {
    this.#state = state;
    this.#revision += 1;
    for (const message of messages) {
      this.#chat.put(message);
      if (message.role === 'assistant') {
        this.#lastReply = { id: message.id, text: message.content, final: false };
      }
    }
  }
}

/** Without a model nobody could put an instruction into words. */
function requireFixedWords(flow: Flow): void {
  const mute = [...flow.nodes.values()].filter(
    (node) =>
      node.type !== 'router' && node.instruction !== undefined && node.staticText.length === 0,
  );
  if (mute.length === 0) return;
  const names = mute.map((node) => `"${node.id}"`).join(', ');
  throw new UsageError(
    `${flow.file ?? `flow ${flow.name}`}: needs a model: only a model can put the instruction of node ${names} into words. Give one (--llm, or llm in agent.config.ts), or give the node a static_text`,
  );
}
