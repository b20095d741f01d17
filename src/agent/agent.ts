import type { JsonObject } from '../json.ts';
import type { ChatContext } from './chat-context.ts';

/** What a caller did. A plain string stands for `{ kind: 'text', text }`. */
export type TurnInput =
  | { kind: 'opened' }
  | { kind: 'text'; text: string }
  | { kind: 'dtmf'; digits: string }
  | { kind: 'silence'; count: number };

/** One step along an edge of the flow, and who proposed it. */
export interface Move {
  edge: string;
  from: string;
  to: string;
  by: MoveReason;
}

export type MoveReason =
  | 'guard'
  | 'dtmf'
  | 'pattern'
  | 'example'
  | 'intent'
  | 'collected'
  | 'always'
  | 'silence'
  | 'model'
  | 'fallback'
  | 'max_turns'
  | 'return'
  | 'supervisor';

/** A proposed move or value that was not accepted; `rule` names the check that refused it. */
export interface Refusal {
  rule: string;
  reason: string;
  edge?: string;
  slot?: string;
}

/** What only the host of the conversation (a call, a service) can do. Due once the turn's words were heard. */
export type HostEffect =
  | { kind: 'transfer'; to: string; mode: 'cold' | 'warm' }
  | { kind: 'hang_up' }
  | { kind: 'dtmf'; digits: string };

/** A tool that the model called in this turn. */
export interface ToolCall {
  name: string;
  arguments: JsonObject;
  result: JsonObject;
}

/** What one turn came to. Of a user's own agent only `text` is required. */
export interface TurnResult {
  text: string;
  /** Id of the assistant's message in the history; absent where nothing was said. */
  messageId?: string;
  toolCalls: ToolCall[];
  moves: Move[];
  refused: Refusal[];
  ended: boolean;
  outcome?: string;
  effects: HostEffect[];
  metadata: JsonObject;
}

export type StreamChunk = { type: 'text'; text: string } | { type: 'done'; result: TurnResult };

export interface TurnOptions {
  /** Aborting before the first chunk leaves no trace; aborting later ends the words, and the turn stands. */
  signal?: AbortSignal;
}

/** A conversation partner. `DialogMachine`, `LLMAgent` and a user's own class speak this protocol. */
export interface Agent {
  turn(input: string | TurnInput, options?: TurnOptions & { stream?: false }): Promise<TurnResult>;
  turn(
    input: string | TurnInput,
    options: TurnOptions & { stream: true },
  ): AsyncIterable<StreamChunk>;
  /** Whispers guidance to the agent; it takes effect with the next turn and is never spoken. */
  assist(text: string): void;
  readonly chatCtx: ChatContext;
  loadChatCtx(ctx: ChatContext): void;
}

/**
 * A turn that was worked out but may still not happen. Reading `stream` does the work; nothing
 * outside changes until `commit()`. After `discard()` it is as if the turn had never been tried.
 */
export interface Draft {
  readonly stream: AsyncIterable<StreamChunk>;
  commit(): void;
  discard(): void;
}

/** What an agent may offer beyond the protocol. What one does not offer, its caller does without. */
export interface AgentFeatures {
  /** A turn that can still be thrown away: it may be started early. */
  draft(input: string | TurnInput, options?: TurnOptions): Draft;
  /** Takes what was played of a message; its history then holds that. */
  heard(messageId: string, text: string): void;
  /** Plain JSON that `loadFlowState` of another instance goes on from. */
  readonly flowState: object;
  loadFlowState(state: unknown): void;
  /** Gives the agent a way to have its session saved in the middle of a turn. */
  checkpointBy(save: () => Promise<void>): void;
}
