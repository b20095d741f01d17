import { UsageError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { own, without } from '../record.ts';
import {
  type ArgumentCheck,
  type ArgumentSchema,
  isStandard,
  jsonCheck,
  modelSchema,
  standardCheck,
} from './arguments.ts';
import { type HttpPolicy, sendHttp } from './http.ts';
import { effectOf, type HttpRequest } from './http-request.ts';
import { failed } from './result.ts';
import { DEFAULT_TIMEOUT_MS } from './time-limit.ts';
import { toJson } from './to-json.ts';
import type { Tool, ToolEffect } from './tool.ts';
import { checkToolName } from './tool-name.ts';
import { isUrlWithPlaces, PLACE, URL_EXPECTED } from './url-places.ts';

/** A request, and what a model has to know to make it. */
export interface HttpToolDefinition {
  name: string;
  description: string;
  schema: ArgumentSchema;
  /** JSON Schema for the model, where the schema's library cannot write it. */
  inputSchema?: JsonObject;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /**
   * `{name}` in path or query takes that argument. The others go into the query of a GET or DELETE,
   * into the JSON body of anything else.
   */
  url: string;
  /** Also for `httpAuth.bearer(…)`, `.basic(…)` and `.header(…)`. */
  headers?: Readonly<Record<string, string>>;
  /** Default 10,000. */
  timeoutMs?: number;
  /** Default `read` for GET, else `write`. */
  effect?: ToolEffect;
  /** The server does the effect of one `Idempotency-Key` once, so that it may be sent again. */
  idempotent?: boolean;
  policy?: HttpPolicy;
}

/** A request as a tool. Throws a UsageError for a bad definition. */
export function httpTool(definition: HttpToolDefinition): Tool {
  const { name, description, schema, policy = {} } = definition;
  checkToolName(name);
  if (!isUrlWithPlaces(definition.url)) throw new UsageError(`tool "${name}": ${URL_EXPECTED}`);
  const check: ArgumentCheck<unknown> = isStandard(schema)
    ? standardCheck(schema)
    : jsonCheck(name, schema);
  return {
    name,
    description,
    inputSchema: definition.inputSchema ?? modelSchema(name, schema),
    effect: effectOf(definition),
    async run(args, context) {
      const checked = await check(args);
      if ('problem' in checked) return failed(`wrong arguments: ${checked.problem}`);
      const request = requestOf(definition, toJson(checked.value));
      if (request === undefined) return failed('wrong arguments: one does not fit into the URL');
      return await sendHttp(request, { ...context, policy });
    },
  };
}

/** `undefined` if an argument would lead to another place than the definition means. */
function requestOf(definition: HttpToolDefinition, args: Json): HttpRequest | undefined {
  const { method, headers, timeoutMs = DEFAULT_TIMEOUT_MS, effect, idempotent } = definition;
  const named = args !== null && typeof args === 'object' && !Array.isArray(args) ? args : {};
  const placed = new Set<string>();
  let fits = true;
  const filled = definition.url.replaceAll(PLACE, (_, name: string) => {
    placed.add(name);
    const value = textOf(own(named, name));
    if (value === '' || value === '.' || value === '..') fits = false;
    return encodeURIComponent(value.toWellFormed());
  });
  if (!fits) return undefined;
  const url = new URL(filled);
  const rest = without(named, (name) => placed.has(name));
  const inQuery = method === 'GET' || method === 'DELETE';
  if (inQuery) {
    for (const [name, value] of Object.entries(rest)) url.searchParams.append(name, textOf(value));
  }
  return {
    method,
    url: url.href,
    timeoutMs,
    ...(!inQuery && { body: rest }),
    ...(headers !== undefined && { headers }),
    ...(effect !== undefined && { effect }),
    ...(idempotent !== undefined && { idempotent }),
  };
}

function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
