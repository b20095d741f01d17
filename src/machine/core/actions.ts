import type { Action } from '../../flow/types.ts';
import type { Json, JsonObject } from '../../json.ts';
import { own, without } from '../../record.ts';
import { begin, ledgerKey, lookUp, settle } from '../../tools/ledger.ts';
import type { ToolResult } from '../../tools/tool.ts';
import type { ActionRequest } from './events.ts';
import { type Step, templateData } from './step.ts';

/**
 * Starts an action, unless its condition or the ledger has answered it already (rule 17). What can
 * change the world is entered in the ledger before it is begun.
 */
export function runAction(step: Step, id: string): void {
  const action = step.flow.actions.get(id);
  if (action === undefined || isSkipped(step, action)) return;
  const request = requestOf(step, action);
  if (request === undefined) {
    return store(step, action, failed('the request could not be made: a template failed'));
  }
  const key = keyOf(step, action, request);
  const known =
    action.runOnce || action.effect === 'write' ? lookUp(step.state.ledger, key) : 'new';
  if (typeof known === 'object') return store(step, action, known);
  if (known === 'unknown' && action.effect === 'write' && !action.idempotent) {
    return store(step, action, failed('it was begun before and its result was lost'));
  }
  if (action.runOnce || action.effect === 'write') {
    step.update({ ledger: begin(step.state.ledger, key) });
  }
  step.update({ running: { action: id, key } });
  step.effects.push({
    type: 'run',
    action: id,
    effect: action.effect,
    idempotencyKey: key,
    request,
  });
}

/** Takes the result of the running action. What fails is data for the flow. */
export function actionDone(step: Step, result: ToolResult): void {
  const { running } = step.state;
  const action = running === null ? undefined : step.flow.actions.get(running.action);
  if (running === null || action === undefined) return;
  step.update({ running: null, ledger: ledgerAfter(step, action, running.key, result) });
  store(step, action, result);
}

/** A server that said no did nothing: what runs once in a session may then be tried again. */
function ledgerAfter(step: Step, action: Action, key: string, result: ToolResult): JsonObject {
  const { ledger } = step.state;
  const refused = !result.success && result.status !== null;
  if (action.runOnce && refused) return without(ledger, (other) => other === key);
  return action.runOnce || action.effect === 'write' ? settle(ledger, key, result) : ledger;
}

function isSkipped(step: Step, { condition }: Action): boolean {
  return condition !== undefined && step.render(condition).trim() === '';
}

function requestOf(step: Step, action: Action): ActionRequest | undefined {
  const data = templateData(step.flow, step.state);
  try {
    return {
      method: action.method,
      url: action.url.render(data),
      headers: Object.fromEntries(
        action.headers.map(({ name, value }) => [name, value.render(data)]),
      ),
      timeoutMs: action.timeoutMs,
      stringFields: [...action.stringFields],
      idempotent: action.idempotent,
      ...(action.body !== undefined && { body: action.body(data) }),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    step.refused({ rule: 'template', reason: `action "${action.id}": ${reason}` });
    return undefined;
  }
}

function keyOf({ state }: Step, action: Action, { url, body = null }: ActionRequest): string {
  return ledgerKey({
    session: state.session,
    name: action.id,
    args: action.runOnce ? {} : { url, body },
    visit: action.runOnce ? null : state.visit.number,
  });
}

function store(step: Step, action: Action, result: ToolResult): void {
  const data: JsonObject = { ...result };
  const updates = action.envUpdates.flatMap(({ name, path }) => {
    const value = valueAt(data, path);
    return value === undefined ? [] : [[name, value] as const];
  });
  step.update({
    variables: {
      ...step.state.variables,
      ...Object.fromEntries(updates),
      ...(action.storeAs !== undefined && { [action.storeAs]: data }),
    },
  });
}

function valueAt(data: Json, path: string): Json | undefined {
  return path
    .split('.')
    .reduce<Json | undefined>(
      (value, key) =>
        typeof value === 'object' && value !== null
          ? own(value as Readonly<Record<string, Json>>, key)
          : undefined,
      data,
    );
}

function failed(error: string): ToolResult {
  return { success: false, status: null, data: null, error };
}
