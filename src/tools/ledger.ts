import { createHash } from 'node:crypto';
import type { Json, JsonObject } from '../json.ts';
import { own } from '../record.ts';
import type { ToolResult } from './tool.ts';

/*
 * What has been done, so that it is done once. An entry is `null` from the intent to the result, and
 * then the result. Entries are never taken out: a forgotten one would be done again.
 */

/** How much all results may take, in characters of JSON. Beyond it the oldest lose their `data`. */
const MAX_LEDGER_LENGTH = 256 * 1024;

export interface LedgerEffect {
  session: string;
  /** Action or tool. */
  name: string;
  args: Json;
  /** The node visit it belongs to; `null` for what runs once in a session. */
  visit: number | null;
}

/** The same for the same effect, in whatever order its arguments stand. */
export function ledgerKey({ session, name, args, visit }: LedgerEffect): string {
  return createHash('sha256')
    .update(canonical([session, name, visit, args]))
    .digest('base64url');
}

/** Notes the intent. What is known already stays. */
export function begin(ledger: JsonObject, key: string): JsonObject {
  return Object.hasOwn(ledger, key) ? ledger : { ...ledger, [key]: null };
}

/** Notes the result. */
export function settle(ledger: JsonObject, key: string, result: ToolResult): JsonObject {
  return bounded({ ...ledger, [key]: { ...result } }, key);
}

/** `unknown`: it was begun, and what came of it was lost. */
export function lookUp(ledger: JsonObject, key: string): 'new' | 'unknown' | ToolResult {
  const entry = own(ledger, key);
  if (entry === undefined) return 'new';
  return isResult(entry) ? entry : 'unknown';
}

function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name] ?? null)}`).join()}}`;
}

function bounded(ledger: JsonObject, latest: string): JsonObject {
  let length = JSON.stringify(ledger).length;
  const entries = Object.entries(ledger).map(([key, entry]) => {
    if (length <= MAX_LEDGER_LENGTH || key === latest || !isResult(entry)) return [key, entry];
    length -= JSON.stringify(entry.data).length;
    return [key, { ...entry, data: null }];
  });
  return Object.fromEntries(entries);
}

function isResult(entry: Json): entry is JsonObject & ToolResult {
  return (
    entry !== null &&
    typeof entry === 'object' &&
    !Array.isArray(entry) &&
    typeof entry.success === 'boolean' &&
    Object.hasOwn(entry, 'data')
  );
}
