import type { Json } from '../json.ts';
import type { ModelMessage, ModelTool, ModelToolCall } from '../llm/model.ts';
import { ledgerKey } from '../tools/ledger.ts';
import { failed } from '../tools/result.ts';
import type { Tool, ToolResult } from '../tools/tool.ts';

/** A call of the model, and what the tool answered. */
export interface AnsweredCall {
  call: ModelToolCall;
  result: ToolResult;
}

/** The tools of one turn. What changes something is done once, however often it is asked for. */
export class TurnTools {
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #turnId: string;
  readonly #writes = new Map<string, Promise<ToolResult>>();

  /** `turnId` keeps the keys of effects apart from those of any other turn. */
  constructor(tools: ReadonlyMap<string, Tool>, turnId: string) {
    this.#tools = tools;
    this.#turnId = turnId;
  }

  /** Whether one of these calls would change something. */
  change(calls: readonly ModelToolCall[]): boolean {
    return calls.some(({ name }) => this.#tools.get(name)?.effect === 'write');
  }

  /** Runs the calls of one reply at the same time. Rejects with the signal's reason. */
  run(calls: readonly ModelToolCall[], signal: AbortSignal): Promise<AnsweredCall[]> {
    return Promise.all(
      calls.map(async (call) => ({ call, result: await this.#resultOf(call, signal) })),
    );
  }

  async #resultOf(call: ModelToolCall, signal: AbortSignal): Promise<ToolResult> {
    const tool = this.#tools.get(call.name);
    if (tool === undefined) {
      return failed(`there is no such tool; there are: ${[...this.#tools.keys()].join(', ')}`);
    }
    const args = call.arguments;
    if (args === null) return failed('the arguments are not a JSON object');
    if (tool.effect === 'read') return await tool.run(args, { signal });
    const key = ledgerKey({ session: this.#turnId, name: tool.name, args, visit: null });
    const begun = this.#writes.get(key);
    if (begun !== undefined) return await begun;
    const running = tool.run(args, { signal, idempotencyKey: key });
    this.#writes.set(key, running);
    return await running;
  }
}

/** A tool as a model sees it. */
export function modelToolOf({ name, description, inputSchema }: Tool): ModelTool {
  return { name, description, schema: inputSchema };
}

/** What a model is told of a tool's answer. */
export function answerOf({ success, data, status, error }: ToolResult): string {
  const shown: Json = success ? data : { error, status, data };
  return JSON.stringify(shown);
}

/** The messages that bring a model what its calls came to. */
export function messagesOf(words: string, answered: readonly AnsweredCall[]): ModelMessage[] {
  return [
    { role: 'assistant', content: words, toolCalls: answered.map(({ call }) => call) },
    ...answered.map(
      ({ call, result }): ModelMessage => ({
        role: 'tool',
        callId: call.id,
        content: answerOf(result),
        ...(!result.success && { failed: true }),
      }),
    ),
  ];
}
