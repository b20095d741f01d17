import { randomUUID } from 'node:crypto';
import { UsageError } from '../errors.ts';
import { createModel, type ModelSpec } from '../llm/create-model.ts';
import { ModelError } from '../llm/errors.ts';
import type {
  LanguageModel,
  ModelCall,
  ModelDelta,
  ModelRequest,
  ModelToolCall,
} from '../llm/model.ts';
import { callsOfError, callsOfReply } from '../llm/model-calls.ts';
import { totalUsage } from '../llm/model-cost.ts';
import { settlesWithin } from '../tools/time-limit.ts';
import type { Tool } from '../tools/tool.ts';
import { ChatAgent, type ChatAgentOptions } from './chat-agent.ts';
import type { ChatTurn } from './chat-turn.ts';
import { instructionsOf, modelMessages } from './model-messages.ts';
import { type AnsweredCall, answerOf, messagesOf, modelToolOf, TurnTools } from './tool-round.ts';

/** How an `LLMAgent` is made. */
export interface LLMAgentOptions extends ChatAgentOptions {
  /** A model, its URI or its settings; of a list the next is asked when one fails. */
  llm: ModelSpec | readonly ModelSpec[];
  /** Instructions of the whole conversation. */
  systemPrompt: string;
  /** What the model may call. */
  tools?: readonly Tool[];
  /** Said while tools run, where the model has said nothing yet. */
  holdLine?: string;
}

/** So often the model may call tools in one turn; then it has to speak. */
const MAX_TOOL_ROUNDS = 5;

/** Tools that take longer are bridged with the holding line. */
const HOLD_AFTER_MS = 1000;

/**
 * A model with instructions and tools, and no flow.
 *
 * Tools that read run at once, also in a turn that may still be thrown away. As soon as one of the
 * calls of a reply may change something (`effect: 'write'`, the default), all of them wait until the
 * turn has happened: where the model has said nothing yet, the holding line is said, which makes it
 * happen. Within one turn the same change is made once. What was called and answered stays in the
 * history. There is no ledger beyond the turn: what must happen once even across a crash belongs into
 * a flow.
 */
export class LLMAgent extends ChatAgent {
  readonly #llm: LanguageModel;
  readonly #systemPrompt: string;
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #holdLine: string;

  /** Throws a UsageError for a model or tools that cannot be used. */
  constructor({
    llm,
    systemPrompt,
    tools = [],
    holdLine = 'One moment, please.',
    ...options
  }: LLMAgentOptions) {
    super(options);
    this.#llm = createModel(llm);
    this.#systemPrompt = systemPrompt;
    this.#tools = new Map(tools.map((tool) => [tool.name, tool]));
    this.#holdLine = holdLine;
    requireOwnNames(tools);
  }

  protected override async *reply(turn: ChatTurn): AsyncGenerator<string, void> {
    const request = this.#requestOf(turn);
    const tools = new TurnTools(this.#tools, randomUUID());
    const calls: ModelCall[] = [];
    try {
      for (let round = 0; round <= MAX_TOOL_ROUNDS; round += 1) {
        const last = round === MAX_TOOL_ROUNDS || this.#tools.size === 0;
        const asked = last ? { ...request, toolChoice: 'none' as const } : request;
        const { words, toolCalls } = yield* this.#ask(asked, turn.signal, calls);
        if (toolCalls.length === 0 || last) return;
        const answered = yield* this.#runTools(turn, tools, toolCalls);
        request.messages.push(...messagesOf(words, answered));
      }
    } finally {
      const usage = totalUsage(calls.flatMap((call) => call.usage ?? []));
      turn.metadata.modelCalls = calls.length;
      if (usage !== undefined) turn.metadata.usage = { ...usage };
    }
  }

  #requestOf({ history, whispers }: ChatTurn): ModelRequest {
    const tools = [...this.#tools.values()].map(modelToolOf);
    return {
      system: instructionsOf(this.#systemPrompt, history, whispers),
      messages: modelMessages(history, (name) => this.#tools.has(name)),
      ...(tools.length > 0 && { tools }),
    };
  }

  /** One completion: its words as they come, and in the end all of it. */
  async *#ask(
    request: ModelRequest,
    signal: AbortSignal,
    made: ModelCall[],
  ): AsyncGenerator<string, { words: string; toolCalls: ModelToolCall[] }> {
    let words = '';
    const toolCalls: ModelToolCall[] = [];
    let calls: readonly ModelCall[] = [{ uri: this.#llm.uri, outcome: 'lost' }];
    try {
      for await (const delta of this.#llm.stream(request, { signal })) {
        if (delta.type === 'text') {
          words += delta.text;
          yield delta.text;
        } else if (delta.type === 'tool_call') toolCalls.push(callOf(delta));
        else calls = callsOfReply(this.#llm, delta);
      }
    } catch (error) {
      if (error instanceof ModelError) calls = callsOfError(this.#llm, error);
      throw error;
    } finally {
      made.push(...calls);
    }
    return { words, toolCalls };
  }

  async *#runTools(
    turn: ChatTurn,
    tools: TurnTools,
    calls: readonly ModelToolCall[],
  ): AsyncGenerator<string, AnsweredCall[]> {
    const changes = tools.change(calls);
    if (changes) {
      if (!turn.hasWords) yield this.#holdLine;
      await turn.committed;
    }
    // What has begun to change something comes to its end, whatever becomes of the turn.
    const signal = changes ? new AbortController().signal : turn.signal;
    const running = tools.run(calls, signal);
    if (!turn.hasWords && !(await settlesWithin(HOLD_AFTER_MS, running))) yield this.#holdLine;
    const answered = await running;
    for (const { call, result } of answered) {
      const { id, name } = call;
      const made = { id, name, arguments: call.arguments ?? {} };
      turn.noteTool(result.success ? made : { ...made, failed: true }, {
        content: answerOf(result),
        result: { ...result },
      });
    }
    turn.newSentence();
    return answered;
  }
}

function requireOwnNames(tools: readonly Tool[]): void {
  const names = tools.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice === undefined) return;
  throw new UsageError(`two tools are called "${twice}": give each its own name`);
}

function callOf({ type: _, ...call }: Extract<ModelDelta, { type: 'tool_call' }>): ModelToolCall {
  return call;
}
