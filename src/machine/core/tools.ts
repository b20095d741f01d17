import type { JsonObject } from '../../json.ts';
import { without } from '../../record.ts';
import { begin, settle } from '../../tools/ledger.ts';
import type { ToolResult } from '../../tools/tool.ts';
import type { Step } from './step.ts';

/** Enters what tools are about to change in the ledger, before they do (rule 17). */
export function toolsBegun(step: Step, keys: readonly string[]): void {
  step.update({ ledger: keys.reduce<JsonObject>(begin, step.state.ledger) });
}

/** What a tool answered is data for templates and guards, under the tool's id. */
export function toolDone(step: Step, tool: string, key: string | null, result: ToolResult): void {
  const { ledger, variables } = step.state;
  step.update({
    variables: { ...variables, [tool]: { ...result } },
    ...(key !== null && { ledger: ledgerAfter(ledger, key, result) }),
  });
}

/** A server that said no did nothing: the model may try again with the same arguments. */
function ledgerAfter(ledger: JsonObject, key: string, result: ToolResult): JsonObject {
  const refused = !result.success && result.status !== null;
  return refused ? without(ledger, (other) => other === key) : settle(ledger, key, result);
}
