import type { JsonObject } from '../json.ts';
import type { ModelError, ModelErrorCode } from './errors.ts';
import type { ModelPrice } from './model-cost.ts';

/** One message of the conversation as a model gets it. */
export type ModelMessage =
  | { role: 'user'; content: string }
  | {
      role: 'assistant';
      /** May be empty where there are calls. */
      content: string;
      toolCalls?: ModelToolCall[];
    }
  /** What a tool answered. Every call has one such message, behind the turn that made it. */
  | { role: 'tool'; callId: string; content: string; failed?: boolean };

/** Something that the model may call. */
export interface ModelTool {
  /** Matches /^[\w-]{1,64}$/. */
  name: string;
  description: string;
  /** JSON Schema of the arguments: an object. A hint to the model; what comes has to be checked. */
  schema: JsonObject;
}

/** What a model thought, signed by its provider. Never for other eyes. */
export type ModelThought = { text: string; signature: string } | { redacted: string };

/** A call of a tool that a model made. */
export interface ModelToolCall {
  id: string;
  /** As the model wrote it; may be the name of no tool. */
  name: string;
  /** Null if what the model wrote is no JSON object: not to be run, but answered with a failure. */
  arguments: JsonObject | null;
  /** What led to the call. Goes back with it, unchanged: the provider refuses the result without. */
  thoughts?: ModelThought[];
}

/** One completion to stream. */
export interface ModelRequest {
  /** Instructions that stay the same over a call, so that providers can cache them. */
  system: string;
  /** The conversation so far, in order, and last the task of this turn. */
  messages: ModelMessage[];
  /**
   * JSON Schema the reply is held to, where the provider can. `name` matches /^[\w-]{1,64}$/.
   * A reply that calls tools need not hold the object.
   */
  schema?: { name: string; schema: JsonObject };
  /** Also needed where `messages` hold calls of earlier replies. */
  tools?: ModelTool[];
  /** `none`: the model must not call the tools this time. */
  toolChoice?: 'none';
  /** Upper bound of the reply, in tokens. */
  maxTokens?: number;
  /**
   * Where the conversation stands: the node's id and the caller's latest words, bare of any prompt.
   * For models that are not one (`scripted/…`); never sent to a provider.
   */
  about?: { node: string; words: string };
}

/** What a reply used, in tokens. */
export interface ModelUsage {
  inputTokens: number;
  outputTokens: number;
  /** Part of `inputTokens` that the provider had cached. */
  cachedTokens: number;
  /** Part of `inputTokens` that was put into a cache; absent where the provider does not tell. */
  cacheWrittenTokens?: number;
  /** In the currency of the prices that were given; absent where there are none for the model. */
  cost?: number;
}

/** One request to one provider. */
export interface ModelCall {
  uri: string;
  /** `lost`: closed before its end, because another was faster or its words were not wanted. */
  outcome: 'answered' | 'failed' | 'lost';
  /** Absent where the provider told none. */
  usage?: ModelUsage;
  /**
   * No provider tells what a closed call used. `usage` is then its prompt, as the model that
   * answered counted it, with nothing cached and nothing written.
   */
  estimated?: true;
  /** Why it failed. */
  error?: ModelErrorCode;
}

/** A piece of a reply. */
export type ModelDelta =
  | { type: 'text'; text: string }
  /** A complete call. A reply may hold several, before and behind its words. */
  | ({ type: 'tool_call' } & ModelToolCall)
  | {
      type: 'done';
      /** Of all `calls` together. */
      usage?: ModelUsage;
      stop: 'end' | 'length' | 'refusal';
      /** Every request that this reply took, where there may be more than one. */
      calls?: ModelCall[];
    };

/** What came of warming one model. */
export interface WarmReport {
  uri: string;
  durationMs: number;
  usage?: ModelUsage;
  error?: ModelError;
}

/** Of one request. */
export interface StreamOptions {
  /** Aborting closes the connection at once and throws its reason. */
  signal?: AbortSignal;
}

/** A language model behind one interface. Errors are `ModelError`s. */
export interface LanguageModel {
  /** The URI it was made from, without secrets: `openai/gpt-5.1`. */
  readonly uri: string;
  /** Whether the provider holds the reply to `ModelRequest.schema`. Otherwise it is left out. */
  readonly structured: boolean;
  readonly price?: ModelPrice;
  /** Asks for one reply; it is asked for when the stream is first read. */
  stream(request: ModelRequest, options?: StreamOptions): AsyncIterable<ModelDelta>;
  /**
   * Asks for a reply of a few tokens, so that the provider has compiled the schema and cached the
   * prompt when callers come. Errors are reported, one report a model; only an abort is thrown.
   */
  warm?(request: ModelRequest, options?: StreamOptions): Promise<WarmReport[]>;
}
