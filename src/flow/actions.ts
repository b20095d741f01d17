import type { Json } from '../json.ts';
import type { Compile } from './compile.ts';
import type { FlowPlace } from './errors.ts';
import type { ActionFile, ActionTriggerFile, FlowFile } from './schema.ts';
import type { TemplateData } from './template.ts';
import type { Action } from './types.ts';
import type { UrlNames } from './url-template.ts';

const DEFAULT_TIMEOUT_S = 30;
const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The HTTP actions of a flow, by id. */
export function actionsOf(file: FlowFile, compile: Compile, names: UrlNames): Map<string, Action> {
  const actions = file.actions ?? file.global_actions ?? [];
  return new Map(actions.map((action) => [action.id, actionOf(action, compile, names)]));
}

/** The ids of the actions that a trigger fires; an edge's fire whatever their trigger says. */
export function triggered(
  triggers: readonly ActionTriggerFile[] | null | undefined,
  when?: ActionTriggerFile['trigger'],
): string[] {
  return (triggers ?? [])
    .filter(({ trigger }) => when === undefined || trigger === when)
    .map(({ action_id }) => action_id);
}

function actionOf(action: ActionFile, compile: Compile, names: UrlNames): Action {
  const place = (field: string): FlowPlace => ({ field: `actions.${action.id}.${field}` });
  const headers = Array.isArray(action.headers)
    ? action.headers.map(({ key, value }) => [key, value] as const)
    : Object.entries(action.headers ?? {});
  const body = action.body === '' || action.body === null ? undefined : action.body;
  return {
    id: action.id,
    name: action.name ?? action.id,
    method: action.method,
    url: compile.url(action.url, place('url'), names),
    headers: headers.map(([name, value]) => ({
      name,
      value: compile.template(String(value), place(`headers.${name}`)),
    })),
    timeoutMs: (action.timeout ?? DEFAULT_TIMEOUT_S) * 1000,
    envUpdates: (action.env_updates ?? []).map(({ env_key, result_path }) => ({
      name: env_key,
      path: result_path,
    })),
    runOnce: action.run_once ?? false,
    stringFields: action.string_fields ?? [],
    idempotent: action.idempotent ?? false,
    effect: action.effect ?? (READING.has(action.method) ? 'read' : 'write'),
    ...(body !== undefined && { body: bodyOf(body, place('body'), compile) }),
    ...(action.store_response_as && { storeAs: action.store_response_as }),
    ...(action.condition && { condition: compile.template(action.condition, place('condition')) }),
  };
}

/** Texts anywhere in a body are templates. */
function bodyOf(body: Json, place: FlowPlace, compile: Compile): (data: TemplateData) => Json {
  if (typeof body === 'string') {
    const template = compile.body(body, place);
    return (data) => template.render(data);
  }
  if (Array.isArray(body)) {
    const items = body.map((item) => bodyOf(item, place, compile));
    return (data) => items.map((item) => item(data));
  }
  if (body === null || typeof body !== 'object') return () => body;
  const fields = Object.entries(body).map(
    ([name, value]) => [name, bodyOf(value, place, compile)] as const,
  );
  return (data) => Object.fromEntries(fields.map(([name, value]) => [name, value(data)]));
}
