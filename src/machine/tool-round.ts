import type { ToolCall } from '../agent/agent.ts';
import type { AnsweredCall } from '../agent/tool-round.ts';
import type { JsonObject } from '../json.ts';
import type { ModelToolCall } from '../llm/model.ts';
import { ledgerKey, lookUp } from '../tools/ledger.ts';
import { failed } from '../tools/result.ts';
import type { Tool, ToolResult } from '../tools/tool.ts';
import type { FlowState } from './core/state.ts';

/** One call of a model's reply, and what is to become of it. */
export type PlannedCall =
  | { do: 'run'; call: ModelToolCall; tool: Tool; args: JsonObject; key: string | null }
  /** Not to be run: it is no call that could be, or the ledger knows what came of it. */
  | { do: 'answer'; call: ModelToolCall; result: ToolResult };

/** Only what may change the world is looked up in the ledger and has a key (rule 17). */
export function planCall(
  call: ModelToolCall,
  tools: readonly Tool[],
  state: FlowState,
): PlannedCall {
  const tool = tools.find(({ name }) => name === call.name);
  if (tool === undefined) {
    const names = tools.map(({ name }) => name).join(', ');
    return answer(call, failed(`there is no such tool here; there are: ${names}`));
  }
  const args = call.arguments;
  if (args === null) return answer(call, failed('the arguments are not a JSON object'));
  if (tool.effect === 'read') return { do: 'run', call, tool, args, key: null };
  const { session, visit, ledger } = state;
  const key = ledgerKey({ session, name: tool.name, args, visit: visit.number });
  const known = lookUp(ledger, key);
  if (known === 'new') return { do: 'run', call, tool, args, key };
  if (known !== 'unknown') return answer(call, known);
  return answer(call, failed('it was begun before and its result was lost: do not repeat it'));
}

function answer(call: ModelToolCall, result: ToolResult): PlannedCall {
  return { do: 'answer', call, result };
}

/**
 * Runs the calls of one reply at the same time, an effect that is asked for twice only once. Rejects
 * with the signal's reason; what changes the world gets none, so that it comes to its end.
 */
export async function runCalls(
  planned: readonly PlannedCall[],
  signal: AbortSignal,
): Promise<AnsweredCall[]> {
  const running = new Map<string, Promise<ToolResult>>();
  const resultOf = (plan: PlannedCall): Promise<ToolResult> | ToolResult => {
    if (plan.do === 'answer') return plan.result;
    const { tool, args, key } = plan;
    if (key === null) return tool.run(args, { signal });
    const begun = running.get(key);
    if (begun !== undefined) return begun;
    const result = tool.run(args, { signal: NEVER, idempotencyKey: key });
    running.set(key, result);
    return result;
  };
  return await Promise.all(
    planned.map(async (plan) => ({ call: plan.call, result: await resultOf(plan) })),
  );
}

const NEVER = new AbortController().signal;

/** A call as the result of the turn shows it. */
export function toolCallOf({ call, result }: AnsweredCall): ToolCall {
  return { name: call.name, arguments: call.arguments ?? {}, result: { ...result } };
}
