import { randomUUID } from 'node:crypto';
import type { Json, JsonObject } from '../json.ts';
import type { ModelDelta, ModelRequest, ModelThought } from './model.ts';

/** A call whose arguments are still being written. */
export interface OpenCall {
  id: string;
  name: string;
  /** The arguments as far as they are written: JSON, if all is well. */
  text: string;
}

export function completeCall({ id, name, text }: OpenCall, thoughts?: ModelThought[]): ModelDelta {
  const call = { id, name, arguments: readArguments(text) };
  return { type: 'tool_call', ...call, ...(thoughts && thoughts.length > 0 && { thoughts }) };
}

/** `null` for what is no JSON object. Models write nothing at all for a tool that takes nothing. */
export function readArguments(text: string): JsonObject | null {
  if (text.trim() === '') return {};
  try {
    const value: Json = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** What OpenAI and its likes send of a call in one piece of the stream. */
interface CallPart {
  index: number;
  id?: string;
  function?: { name?: string; arguments?: string };
}

/** Puts the calls of one reply together. Their pieces may come mixed. */
export class CallCollector {
  readonly #calls: (OpenCall & { index: number })[] = [];

  add({ index, id, function: written }: CallPart): void {
    let call = this.#calls.findLast((open) => open.index === index);
    // Some servers leave the index at 0 and tell calls apart by their ids alone.
    if (call === undefined || (id && id !== call.id)) {
      call = { index, id: id || randomUUID(), name: '', text: '' };
      this.#calls.push(call);
    }
    if (call.name === '') call.name = written?.name ?? '';
    call.text += written?.arguments ?? '';
  }

  take(): ModelDelta[] {
    return this.#calls.splice(0).map((call) => completeCall(call));
  }
}

export function mayCallTools({ tools, toolChoice }: ModelRequest): boolean {
  return tools !== undefined && tools.length > 0 && toolChoice !== 'none';
}

/**
 * Names and ids go back with the conversation, and a provider refuses the whole request for one that
 * a model has made up, or another provider has given. OpenAI takes ids of up to 40 characters.
 */
export function toCallName(name: string): string {
  return toIdentifier(name, 64);
}

export function toCallId(id: string): string {
  return toIdentifier(id, 40);
}

function toIdentifier(text: string, maxLength: number): string {
  return text.replace(/[^\w-]/g, '_').slice(0, maxLength) || '_';
}
