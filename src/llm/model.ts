import type { JsonObject } from '../json.ts';

export interface ModelMessage {
  role: 'user' | 'assistant';
  content: string;
}

/** One completion to stream. */
export interface ModelRequest {
  /** Instructions that stay the same over a call, so that providers can cache them. */
  system: string;
  /** The conversation so far, in order, and last the task of this turn. */
  messages: ModelMessage[];
  /** JSON Schema the reply is held to, where the provider can. `name` matches /^[\w-]{1,64}$/. */
  schema?: { name: string; schema: JsonObject };
  /** Upper bound of the reply, in tokens. */
  maxTokens?: number;
  /**
   * Where the conversation stands: the node's id and the caller's latest words, bare of any prompt.
   * For models that are not one (`scripted/…`); never sent to a provider.
   */
  about?: { node: string; words: string };
}

export interface ModelUsage {
  inputTokens: number;
  outputTokens: number;
  /** Part of `inputTokens` that the provider had cached. */
  cachedTokens: number;
}

export type ModelDelta =
  | { type: 'text'; text: string }
  | { type: 'done'; usage?: ModelUsage; stop: 'end' | 'length' | 'refusal' };

/** A language model behind one interface. Errors are `ModelError`s. */
export interface LanguageModel {
  /** The URI it was made from, without secrets: `openai/gpt-5.1`. */
  readonly uri: string;
  /** Whether the provider holds the reply to `ModelRequest.schema`. */
  readonly structured: boolean;
  stream(request: ModelRequest, options?: { signal?: AbortSignal }): AsyncIterable<ModelDelta>;
}
