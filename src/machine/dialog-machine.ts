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
import { DraftConflictError } from '../agent/draft-conflict.ts';
import { TurnDraft } from '../agent/turn-draft.ts';
import { committedStream, inputOf, resultOf } from '../agent/turns.ts';
import { SuperdialogError, UsageError } from '../errors.ts';
import { Flow } from '../flow/flow.ts';
import { FlowSet } from '../flow/flow-set.ts';
import type { JsonObject } from '../json.ts';
import { createModel, type ModelSpec } from '../llm/create-model.ts';
import type { LanguageModel } from '../llm/model.ts';
import { own } from '../record.ts';
import type { HttpPolicy } from '../tools/http-policy.ts';
import type { Tool, ToolResult } from '../tools/tool.ts';
import { advance } from './core/advance.ts';
import type { Advance } from './core/events.ts';
import { type FlowState, initialState } from './core/state.ts';
import { DraftAfter } from './draft-after.ts';
import { MachineTurn, type TurnOutcome } from './machine-turn.ts';
import { checkFlowState, readFlowState } from './state-file.ts';
import { Toolbox } from './toolbox.ts';
import type { RunEffect } from './turn-run.ts';

/** How a machine is made. */
export interface DialogMachineOptions {
  /** A loaded flow, the path of its file, or several flows to switch between. */
  flow: Flow | FlowSet | string;
  /**
   * A model, its URI or its settings; of a list the next is asked when one fails. Without one the
   * flow has to decide everything by itself.
   */
  llm?: ModelSpec | readonly ModelSpec[];
  /**
   * What the flow's tools run on, by the name that is their `handler_id` or id. Tools that the flow
   * does not name are on offer at every node where the model is asked.
   */
  tools?: readonly Tool[];
  /** Slots and data that are known from the start, as with `seed`: addresses of services, say. */
  seed?: JsonObject;
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

/** The policy where none is given. */
const PUBLIC_ADDRESSES: HttpPolicy = {};

/** Flows whose missing tools were told: once is enough for all the calls that follow one. */
const warnedOf = new WeakSet<Flow['tools']>();

/** A conversation on rails: a flow, its state and, where it needs one, a language model. */
export class DialogMachine implements Agent {
  readonly #options: DialogMachineOptions;
  readonly #flows: FlowSet;
  readonly #now: () => number;
  readonly #http: HttpPolicy;
  #llm: LanguageModel | undefined;
  #flow: Flow;
  #tools: Toolbox;
  #checkpoint: () => Promise<void> = async () => {};
  #state: FlowState;
  /** Counts what happened; a draft of an earlier moment can no longer be committed. */
  #revision = 0;
  /** Whispers that no committed turn has seen. */
  #whispers: readonly { text: string }[] = [];
  #chat = new ChatContext();
  /** The agent's last message: as long as it streams it grows, until `heard` has had the last word. */
  #lastReply: LastReply | undefined;
  /** Resolves when a write that has begun is done. */
  #writing: Promise<void> | undefined;

  constructor(options: DialogMachineOptions) {
    this.#options = options;
    this.#flows = flowSetOf(options.flow);
    this.#llm = options.llm === undefined ? undefined : createModel(options.llm);
    if (this.#llm === undefined) {
      for (const name of this.#flows.names) requireFixedWords(this.#flows.get(name));
    }
    this.#now = options.now ?? Date.now;
    this.#http = options.http ?? PUBLIC_ADDRESSES;
    const [first = ''] = this.#flows.names;
    this.#flow = this.#localised(first);
    this.#tools = this.#toolsOf(this.#flow);
    this.#state = this.#stateOf(this.#flow, options.sessionId);
    if (options.seed !== undefined) this.seed(options.seed);
  }

  /** The flow that the conversation follows now. */
  get flow(): Flow {
    return this.#flow;
  }

  /** Does one turn and tells what it came to. */
  turn(input: string | TurnInput, options?: TurnOptions & { stream?: false }): Promise<TurnResult>;
  /** Does one turn and streams its words; the result comes last. */
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

  /** A turn that can still be thrown away. */
  draft(input: string | TurnInput, options: TurnOptions = {}): Draft {
    const writing = this.#writing;
    const begin = () => this.#draft(input, options);
    return writing === undefined ? begin() : new DraftAfter(writing, begin, options.signal);
  }

  #draft(input: string | TurnInput, options: TurnOptions): Draft {
    const whispers = this.#whispers;
    let revision = this.#revision;
    const turnOptions = {
      flow: this.#flow,
      tools: this.#tools,
      llm: this.#llm,
      now: this.#now,
      state: this.flowState,
      history: this.#chat.items,
      send: (run: RunEffect, signal: AbortSignal) => this.#send(run, signal),
      checkpoint: () => this.#checkpoint(),
      writing: (done: Promise<void>) => this.#waitFor(done),
      adopt: (outcome: TurnOutcome) => {
        if (this.#isHeard(outcome)) return this.#adoptUnheard(outcome);
        if (this.#revision !== revision) throw new DraftConflictError();
        this.#whispers = this.#whispers.filter((whisper) => !whispers.includes(whisper));
        this.#adopt(outcome);
        revision = this.#revision;
      },
    };
    return new TurnDraft(
      (context) => new MachineTurn(inputOf(input), turnOptions, context),
      options.signal,
    );
  }

  /** What was played of a message. Less than all of it marks the message interrupted. */
  heard(messageId: string, text: string): void {
    this.#chat.setHeard(messageId, text);
    const last = this.#lastReply;
    if (last?.id !== messageId) return;
    last.final = true;
    this.#revision += 1;
    last.heardAt = this.#revision;
    if (this.#state.ended && text.trim() !== last.text.trim()) {
      this.#state = advance(this.#flow, this.#state, { type: 'end_cut' }).state;
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

  /** Gives the machine a way to have its session saved in the middle of a turn. */
  checkpointBy(save: () => Promise<void>): void {
    this.#checkpoint = save;
  }

  /** The history. */
  get chatCtx(): ChatContext {
    return this.#chat;
  }

  /** Goes on from another history, which is copied. */
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
    const saved = readFlowState(state);
    const { name } = saved.flow;
    const flow = this.#flows.has(name) ? this.#localised(name) : this.#flow;
    this.#state = checkFlowState(saved, flow);
    this.#follow(flow);
    this.#whispers = [];
  }

  /**
   * Gives values before the caller does: slots, which then count as confirmed, and data for
   * templates and guards. Throws a UsageError for a value that its slot cannot hold, and takes none.
   */
  seed(values: JsonObject): void {
    const { state, effects } = this.#seeded(values);
    for (const effect of effects) {
      if (effect.type !== 'refused') continue;
      throw new UsageError(`seed: slot "${effect.refusal.slot}": ${effect.refusal.reason}`);
    }
    this.#state = state;
    this.#revision += 1;
  }

  /** Forgets the conversation: the next turn begins a new one, in the first flow. */
  reset(): void {
    const [first = ''] = this.#flows.names;
    this.#beginAnew(this.#localised(first));
    this.#forget();
  }

  /**
   * Goes to the beginning of another flow of the set; the next turn happens there. The conversation
   * so far is forgotten unless `preserveMemory`, which keeps the history, the data and the slots; a
   * slot that the other flow does not have is plain data there. Throws a UsageError if there is no such flow.
   */
  switchFlow(name: string, { preserveMemory = false }: { preserveMemory?: boolean } = {}): void {
    const flow = this.#localised(name);
    const { slots, slotInfo, variables } = this.#state;
    this.#beginAnew(flow);
    if (!preserveMemory) return this.#forget();
    const kept = Object.entries(slots).filter(([slot]) => own(slotInfo, slot)?.confirmed === true);
    this.#state = this.#seeded({ ...variables, ...Object.fromEntries(kept) }).state;
  }

  /**
   * A human speaks in the agent's place: turns say nothing and move nothing, but what the caller says
   * is in the history. Cut off a turn that is running before.
   */
  takeOver(): void {
    this.#state = advance(this.#flow, this.#state, { type: 'taken_over' }).state;
    this.#revision += 1;
  }

  /** Notes what the human said to the caller. Throws a UsageError if nobody has taken over. */
  humanSaid(text: string): void {
    if (!this.#state.takenOver) {
      throw new UsageError('humanSaid: nobody has taken over; call takeOver first');
    }
    this.#chat.add({ role: 'assistant', content: text, human: true, createdAt: this.#now() });
    this.#revision += 1;
  }

  /** The agent speaks again. An `opened` turn asks the question of its node once more. */
  handBack(): void {
    this.#state = advance(this.#flow, this.#state, { type: 'handed_back' }).state;
    this.#revision += 1;
  }

  /** Asks another model from the next turn on. */
  setModel(llm: ModelSpec | readonly ModelSpec[]): void {
    this.#llm = createModel(llm);
  }

  #seeded(values: JsonObject): Advance {
    return advance(this.#flow, this.#state, { type: 'seeded', values, atMs: this.#now() });
  }

  #localised(name: string): Flow {
    const flow = this.#flows.get(name);
    const timeZone = flow.timeZone ?? this.#options.timeZone;
    const region = flow.region ?? this.#options.region;
    return {
      ...flow,
      ...(timeZone !== undefined && { timeZone }),
      ...(region !== undefined && { region }),
    };
  }

  #toolsOf(flow: Flow): Toolbox {
    const tools = new Toolbox(flow, this.#options.tools ?? [], this.#http);
    if (this.#llm !== undefined && tools.missing.length > 0 && !warnedOf.has(flow.tools)) {
      warnedOf.add(flow.tools);
      const names = tools.missing.join(', ');
      process.emitWarning(
        `flow "${flow.name}" has tools that nothing runs, so they are not offered: ${names}. Give functions of these names in tools.`,
        { code: 'SUPERDIALOG_TOOL_MISSING' },
      );
    }
    return tools;
  }

  #stateOf(flow: Flow, session: string = randomUUID()): FlowState {
    const { call } = this.#options;
    const state = initialState(flow, session);
    return call === undefined ? state : { ...state, variables: { call } };
  }

  #follow(flow: Flow): void {
    if (flow.name !== this.#flow.name) this.#tools = this.#toolsOf(flow);
    this.#flow = flow;
    this.#revision += 1;
  }

  /** Effects of a conversation that begins anew are not those of the one before. */
  #beginAnew(flow: Flow): void {
    this.#follow(flow);
    this.#state = this.#stateOf(flow);
    if (this.#options.seed !== undefined) this.seed(this.#options.seed);
  }

  #forget(): void {
    this.#chat = new ChatContext();
    this.#whispers = [];
    this.#lastReply = undefined;
  }

  async #send(run: RunEffect, signal: AbortSignal): Promise<ToolResult> {
    const { sendHttp } = await import('../tools/http.ts');
    const { request, effect, idempotencyKey } = run;
    return sendHttp({ ...request, effect }, { signal, idempotencyKey, policy: this.#http });
  }

  /** The next turn begins where the write that is under way leads. */
  #waitFor(done: Promise<void>): void {
    this.#writing = done;
    void done.then(() => {
      if (this.#writing === done) this.#writing = undefined;
    });
  }

  /** What came of a turn that was cut off is kept, unless something else has happened since. */
  #adoptUnheard({ state }: TurnOutcome): void {
    if (this.#lastReply?.heardAt === this.#revision) this.#state = state;
  }

  /** What was heard of the draft's words is known: nothing that comes later was. */
  #isHeard({ messages }: TurnOutcome): boolean {
    return this.#lastReply?.final === true && messages.at(-1)?.id === this.#lastReply.id;
  }

  #adopt({ state, messages }: TurnOutcome): void {
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

interface LastReply {
  id: string;
  text: string;
  /** `heard` has had the last word, and made this revision. */
  final: boolean;
  heardAt?: number;
}

/** A flow on its own goes under the name it has. */
function flowSetOf(flow: Flow | FlowSet | string): FlowSet {
  if (flow instanceof FlowSet) return flow;
  const loaded = typeof flow === 'string' ? Flow.load(flow) : flow;
  return new FlowSet({ [loaded.name]: loaded });
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
