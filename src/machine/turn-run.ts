import type { HostEffect, Move, Refusal, ToolCall } from '../agent/agent.ts';
import type { ChatMessage } from '../agent/chat-context.ts';
import { type AnsweredCall, messagesOf, modelToolOf } from '../agent/tool-round.ts';
import type { Flow } from '../flow/types.ts';
import { ModelError } from '../llm/errors.ts';
import type { LanguageModel, ModelToolCall } from '../llm/model.ts';
import { settlesWithin } from '../tools/time-limit.ts';
import type { Tool, ToolResult } from '../tools/tool.ts';
import { advance } from './core/advance.ts';
import type { Candidate, Effect, MachineEvent } from './core/events.ts';
import { STAY } from './core/offers.ts';
import type { FlowState } from './core/state.ts';
import { nodeOf, Step } from './core/step.ts';
import { hasFixedWords, lineAt } from './core/words.ts';
import type { MalformedReason } from './decision-parser.ts';
import { type CallCause, ModelCallLog } from './model-call-log.ts';
import { DecisionReply, textsOf, wordsOnly } from './model-reply.ts';
import { decisionRequest, evidenceOf, type PromptSource, wordsRequest } from './prompt.ts';
import { type PlannedCall, planCall, runCalls, toolCallOf } from './tool-round.ts';
import type { Toolbox } from './toolbox.ts';

/** What a turn works with. */
export interface TurnRunOptions {
  flow: Flow;
  llm: LanguageModel | undefined;
  now: () => number;
  state: FlowState;
  /** The conversation, up to and with what the caller has just said. */
  history: readonly ChatMessage[];
  signal: AbortSignal;
  /** Sends the request of an action. Rejects only with the signal's reason. */
  send(run: RunEffect, signal: AbortSignal): Promise<ToolResult>;
  tools: Toolbox;
  /** Waits until the turn has happened, and saves what it has come to. */
  persist(): Promise<void>;
  /** Told of each write, with what resolves when its result is known to the machine. */
  writing(done: Promise<void>): void;
}

export type RunEffect = Extract<Effect, { type: 'run' }>;

/** How often a model may call tools before it has to answer the caller. */
const MAX_TOOL_ROUNDS = 4;

/** An action or a tool that takes longer is bridged with a holding line. */
const HOLD_AFTER_MS = 1000;

/** The shell around `advance`: carries out the effects of one turn, on a state of its own. */
export class TurnRun {
  state: FlowState;
  text = '';
  readonly moves: Move[] = [];
  readonly refused: Refusal[] = [];
  /** What the caller's words were compared with. */
  readonly candidates: Candidate[] = [];
  readonly hostEffects: HostEffect[] = [];
  readonly malformed: MalformedReason[] = [];
  readonly toolCalls: ToolCall[] = [];
  /** Every request to a model, also those that failed or were closed. */
  readonly modelCalls = new ModelCallLog();
  /** The error that a recovery line or a break in the words stands for. */
  error: { code: string; message: string } | undefined;
  readonly #options: TurnRunOptions;
  /** The running decision, whose words wait for the gate. */
  #reply: DecisionReply | undefined;
  /** Nodes for which its words are not to be spoken: the model was not told what to say there. */
  #untold: ReadonlySet<string> = new Set();
  /** What has happened in this turn, as far as it tells why a model is asked again. */
  #decided = false;
  #acted = false;
  /** The next words come from another source than those before. */
  #newPiece = false;
  /** A model that was to speak said nothing, and nothing was said since. */
  #owesWords = false;

  constructor(options: TurnRunOptions) {
    this.#options = options;
    this.state = options.state;
  }

  /** Works the turn out and yields its words as they come. */
  async *words(event: MachineEvent): AsyncGenerator<string, void> {
    try {
      for await (const text of this.#carryOut(this.#fold(event))) yield this.#append(text);
      if (this.#owesWords) yield this.#append(this.#line('recovery'));
    } catch (error) {
      if (this.#options.signal.aborted || !(error instanceof ModelError)) throw error;
      this.error = { code: error.code, message: error.message };
      if (this.text === '') yield this.#append(this.#recover());
      // What was said before stands, but the caller must not wait for words that never begin.
      else if (this.#newPiece) yield this.#append(this.#line('recovery'));
    }
  }

  /** The words were cut off: nothing that waits for their end comes about. */
  cut(): void {
    this.hostEffects.length = 0;
    if (this.state.ended) this.#fold({ type: 'end_cut' });
  }

  #append(text: string): string {
    const apart = this.#newPiece && this.text !== '' && !/\s$/.test(this.text) && !/^\s/.test(text);
    this.#newPiece = false;
    this.#owesWords = false;
    const chunk = apart ? ` ${text}` : text;
    this.text += chunk;
    return chunk;
  }

  async *#carryOut(effects: readonly Effect[]): AsyncGenerator<string, void> {
    for (const effect of effects) {
      this.#newPiece = true;
      switch (effect.type) {
        case 'speak':
          yield effect.text;
          break;
        case 'moved':
          this.moves.push(effect.move);
          break;
        case 'refused':
          this.refused.push(effect.refusal);
          break;
        case 'considered':
          this.candidates.push(...effect.candidates);
          break;
        case 'host':
          this.hostEffects.push(effect.effect);
          break;
        case 'ask':
          yield* this.#ask();
          break;
        case 'pass_words':
          yield* this.#passWords(effect.bridging === true);
          break;
        case 'run':
          yield* this.#runAction(effect);
          break;
        case 'compose':
          yield* this.#compose(effect.node, effect.notes, this.#causeOfWords(effect.notes));
          break;
      }
    }
  }

  /**
   * One completion decides and speaks; the gate sees the decision before a word is let out. Where it
   * calls tools instead, the next one answers the caller.
   */
  async *#ask(): AsyncGenerator<string, void> {
    const { llm, now, tools } = this.#options;
    if (llm === undefined) {
      yield* this.#carryOut(this.#fold({ type: 'undecided', atMs: now() }));
      return;
    }
    const node = nodeOf(this.#options.flow, this.state.node);
    const offered = tools.at(node);
    let request = decisionRequest(this.#source(), llm.structured);
    this.#untold = request.untold;
    if (offered.length > 0) request = { ...request, tools: offered.map(modelToolOf) };
    const onTheWay = node.type === 'router' || this.#decided || this.#acted;
    let cause: CallCause = onTheWay ? 'router' : 'decision';
    this.#useWhispers();
    for (let round = 0; ; round += 1) {
      if (round === MAX_TOOL_ROUNDS) request = { ...request, toolChoice: 'none' };
      const reply = new DecisionReply(llm, request, this.#options.signal);
      yield* this.#decide(reply, cause);
      if (reply.toolCalls.length === 0) return;
      const answered = yield* this.#useTools(reply.toolCalls, offered);
      const { messages } = request;
      request = { ...request, messages: [...messages, ...messagesOf(reply.text, answered)] };
      cause = 'tool_answer';
    }
  }

  /** Does what the reply decides. If it calls tools, what it said so far only bridges their time. */
  async *#decide(reply: DecisionReply, cause: CallCause): AsyncGenerator<string, void> {
    const before = this.state;
    const place = this.modelCalls.begin();
    this.#reply = reply;
    try {
      const decision = await reply.decision();
      if (decision === undefined) return;
      const evidence = evidenceOf(this.#source());
      const effects = this.#fold({
        type: 'decided',
        decision,
        evidence,
        atMs: this.#options.now(),
      });
      this.#decided = true;
      if (!effects.some((effect) => effect.type === 'pass_words')) reply.cancel();
      yield* this.#carryOut(effects);
      if (reply.toolCalls.length === 0) return;
      if (decision.go === STAY && this.state.node === before.node) this.state = before;
      else reply.dropToolCalls();
    } finally {
      reply.cancel();
      this.malformed.push(...reply.malformed);
      this.modelCalls.add(reply.calls, cause, { place, malformed: reply.malformed });
    }
  }

  /**
   * Runs the tools that a reply calls, all at the same time. What may change the world begins when the
   * turn has happened and its intent is saved, and is not cancelled then, whatever becomes of the turn.
   */
  async *#useTools(
    calls: readonly ModelToolCall[],
    offered: readonly Tool[],
  ): AsyncGenerator<string, AnsweredCall[]> {
    const { persist, signal, now } = this.#options;
    const planned = calls.map((call) => planCall(call, offered, this.state));
    const keys = planned.flatMap((plan) => keyOf(plan) ?? []);
    this.#newPiece = true;
    if (keys.length > 0) {
      this.#fold({ type: 'tools_begun', keys, atMs: now() });
      if (this.text === '') yield this.#line('hold');
      await persist();
    }
    const written = keys.length > 0 ? this.#beginWrite() : undefined;
    try {
      const answered = yield* this.#answersOf(runCalls(planned, signal));
      this.#takeAnswers(planned, answered);
      if (keys.length > 0) await persist();
      this.#newPiece = true;
      return answered;
    } finally {
      written?.();
    }
  }

  async *#answersOf(running: Promise<AnsweredCall[]>): AsyncGenerator<string, AnsweredCall[]> {
    // A turn that is cut while it waits no longer looks at it.
    running.catch(() => {});
    if (this.text === '' && !(await settlesWithin(HOLD_AFTER_MS, running)))
      yield this.#line('hold');
    return await running;
  }

  #takeAnswers(planned: readonly PlannedCall[], answered: readonly AnsweredCall[]): void {
    for (const [index, { call, result }] of answered.entries()) {
      this.toolCalls.push(toolCallOf({ call, result }));
      const plan = planned[index];
      if (plan?.do !== 'run') continue;
      this.#fold({
        type: 'tool_done',
        tool: plan.tool.name,
        key: plan.key,
        result,
        atMs: this.#options.now(),
      });
    }
  }

  async *#passWords(bridging: boolean): AsyncGenerator<string, void> {
    if (!bridging && this.#untold.has(this.state.node)) {
      this.#reply?.cancel();
      yield* this.#compose(this.state.node, [], 'beyond_budget');
      return;
    }
    let begun = false;
    for await (const text of this.#reply?.words() ?? []) {
      begun ||= text.trim() !== '';
      if (begun) yield text;
    }
    if (begun || bridging || (this.#reply?.toolCalls ?? []).length > 0) return;
    if (hasFixedWords(nodeOf(this.#options.flow, this.state.node))) {
      yield* this.#carryOut(this.#fold({ type: 'wordless', atMs: this.#options.now() }));
    } else {
      yield* this.#compose(this.state.node, [], 'missing_words');
    }
  }

  /**
   * Runs an action and goes on with the chain behind it. A write begins when the turn has happened
   * and its intent is saved; once begun it is not cancelled, whatever becomes of the turn.
   */
  async *#runAction(run: RunEffect): AsyncGenerator<string, void> {
    const { send, persist, signal, now } = this.#options;
    const isWrite = run.effect === 'write';
    if (isWrite) {
      if (this.text === '') yield this.#line('hold');
      await persist();
    }
    const running = send(run, isWrite ? new AbortController().signal : signal);
    const written = isWrite ? this.#beginWrite() : undefined;
    // A turn that is cut while it waits no longer looks at it.
    running.catch(() => {});
    try {
      if (!isWrite && !(await settlesWithin(HOLD_AFTER_MS, running))) yield this.#line('hold');
      const result = await running;
      const cut = signal.aborted;
      const effects = this.#fold({ type: 'action_done', result, cut, atMs: now() });
      this.#acted = true;
      if (isWrite) await persist();
      written?.();
      yield* this.#carryOut(effects);
    } finally {
      written?.();
    }
  }

  /** Whoever comes next waits until what was begun is written down. */
  #beginWrite(): () => void {
    const done = Promise.withResolvers<void>();
    this.#options.writing(done.promise);
    return done.resolve;
  }

  /** A line of the flow, another one each turn. */
  #line(name: 'hold' | 'recovery'): string {
    const { flow, state, now, history } = this.#options;
    const turn = history.filter(({ role }) => role === 'user').length;
    return lineAt(new Step(flow, state, now()), name, turn);
  }

  #causeOfWords(notes: readonly string[]): CallCause {
    if (notes.length > 0) return 'refused';
    if (this.#acted) return 'action_answer';
    return this.#decided ? 'landed_elsewhere' : 'words';
  }

  async *#compose(
    node: string,
    notes: readonly string[],
    cause: CallCause,
  ): AsyncGenerator<string, void> {
    const { llm } = this.#options;
    if (llm === undefined) {
      yield this.#line('recovery');
      return;
    }
    const request = wordsRequest(this.#source(), node, notes);
    this.#useWhispers();
    this.#owesWords = true;
    const texts = textsOf(llm, request, this.#options.signal, (calls) => {
      this.modelCalls.add(calls, cause);
    });
    yield* wordsOnly(texts);
  }

  /** A whisper stands in one prompt. */
  #useWhispers(): void {
    if (this.state.whispers.length > 0) this.state = { ...this.state, whispers: [] };
  }

  /** Nothing of a turn whose model failed holds, but that it failed (rule 18). */
  #recover(): string {
    this.moves.length = 0;
    this.refused.length = 0;
    this.candidates.length = 0;
    this.hostEffects.length = 0;
    this.state = this.#options.state;
    return this.#line('recovery');
  }

  #fold(event: MachineEvent): readonly Effect[] {
    const { state, effects } = advance(this.#options.flow, this.state, event);
    this.state = state;
    return effects;
  }

  #source(): PromptSource {
    const { flow, now, history, tools } = this.#options;
    const names = tools.at(nodeOf(flow, this.state.node)).map(({ name }) => name);
    return { flow, state: this.state, nowMs: now(), history, tools: names };
  }
}

/** The effect's name in the ledger, where there is one to begin. */
function keyOf(plan: PlannedCall): string | undefined {
  return plan.do === 'run' ? (plan.key ?? undefined) : undefined;
}
