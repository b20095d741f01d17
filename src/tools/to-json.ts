import type { Json } from '../json.ts';

/** The value as JSON carries it; `undefined` is `null`. Throws if it cannot be written as JSON. */
export function toJson(value: unknown): Json {
  const text = JSON.stringify(value);
  return text === undefined ? null : JSON.parse(text);
}
