import type { HostEffect, Move, Refusal } from '../agent/agent.ts';
import type { ChatMessage } from '../agent/chat-context.ts';
import type { Flow } from '../flow/types.ts';
import { ModelError } from '../llm/errors.ts';
import type { LanguageModel, ModelCall, ModelRequest } from '../llm/model.ts';
import { callsOfError, callsOfReply } from '../llm/model-calls.ts';
import type { ToolResult } from '../tools/tool.ts';
import { advance } from './core/advance.ts';
import type { Candidate, Effect, MachineEvent } from './core/events.ts';
import type { FlowState } from './core/state.ts';
import { Step } from './core/step.ts';
import { lineAt } from './core/words.ts';
import type { MalformedReason } from './decision-parser.ts';
import { DecisionReply, wordsOnly } from './model-reply.ts';
import { decisionRequest, evidenceOf, type PromptSource, wordsRequest } from './prompt.ts';

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
  /** Waits until the turn has happened, and saves what it has come to. */
  persist(): Promise<void>;
}

export type RunEffect = Extract<Effect, { type: 'run' }>;

/** An action that takes longer is bridged with a holding line. */
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
  /** Every request to a model, also those that failed or were closed. */
  readonly modelCalls: ModelCall[] = [];
  /** The error that a recovery line or a break in the words stands for. */
  error: { code: string; message: string } | undefined;
  readonly #options: TurnRunOptions;
  /** The running decision, whose words wait for the gate. */
  #reply: DecisionReply | undefined;
  /** The next words come from another source than those before. */
  #newPiece = false;

  constructor(options: TurnRunOptions) {
    this.#options = options;
    this.state = options.state;
  }

  /** Works the turn out and yields its words as they come. */
  async *words(event: MachineEvent): AsyncGenerator<string, void> {
    try {
      for await (const text of this.#carryOut(this.#fold(event))) yield this.#append(text);
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
          yield* this.#compose(effect.node, effect.notes);
          break;
      }
    }
  }

  /** One completion decides and speaks; the gate sees the decision before a word is let out. */
  async *#ask(): AsyncGenerator<string, void> {
    const { llm, now, signal } = this.#options;
    if (llm === undefined) {
      yield* this.#carryOut(this.#fold({ type: 'undecided', atMs: now() }));
      return;
    }
    const request = decisionRequest(this.#source(), llm.structured);
    this.#useWhispers();
    const reply = new DecisionReply(llm, request, signal);
    this.#reply = reply;
    try {
      const decision = await reply.decision();
      const evidence = evidenceOf(this.#source());
      const effects = this.#fold({ type: 'decided', decision, evidence, atMs: now() });
      if (!effects.some((effect) => effect.type === 'pass_words')) reply.cancel();
      yield* this.#carryOut(effects);
    } finally {
      reply.cancel();
      this.malformed.push(...reply.malformed);
      this.modelCalls.push(...reply.calls);
    }
  }

  async *#passWords(bridging: boolean): AsyncGenerator<string, void> {
    let begun = false;
    for await (const text of this.#reply?.words() ?? []) {
      begun ||= text.trim() !== '';
      if (begun) yield text;
    }
    if (!begun && !bridging) yield* this.#compose(this.state.node, []);
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
    if (!isWrite && (await isSlow(running))) yield this.#line('hold');
    const effects = this.#fold({ type: 'action_done', result: await running, atMs: now() });
    if (isWrite) await persist();
    yield* this.#carryOut(effects);
  }

  /** A line of the flow, another one each turn. */
  #line(name: 'hold' | 'recovery'): string {
    const { flow, state, now, history } = this.#options;
    const turn = history.filter(({ role }) => role === 'user').length;
    return lineAt(new Step(flow, state, now()), name, turn);
  }

  async *#compose(node: string, notes: readonly string[]): AsyncGenerator<string, void> {
    const { llm } = this.#options;
    if (llm === undefined) {
      yield this.#line('recovery');
      return;
    }
    const request = wordsRequest(this.#source(), node, notes);
    this.#useWhispers();
    yield* wordsOnly(this.#texts(llm, request));
  }

  async *#texts(llm: LanguageModel, request: ModelRequest): AsyncGenerator<string, void> {
    let calls: readonly ModelCall[] = [{ uri: llm.uri, outcome: 'lost' }];
    try {
      for await (const delta of llm.stream(request, { signal: this.#options.signal })) {
        if (delta.type === 'text') yield delta.text;
        else if (delta.type === 'done') calls = callsOfReply(llm, delta);
      }
    } catch (error) {
      if (error instanceof ModelError) calls = callsOfError(llm, error);
      throw error;
    } finally {
      this.modelCalls.push(...calls);
    }
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
    const { flow, now, history } = this.#options;
    return { flow, state: this.state, nowMs: now(), history };
  }
}

/** True if it has not come to its end after a while. */
async function isSlow(running: Promise<unknown>): Promise<boolean> {
  const slow = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => slow.resolve(true), HOLD_AFTER_MS);
  try {
    return await Promise.race([slow.promise, running.then(() => false)]);
  } finally {
    clearTimeout(timer);
  }
}
