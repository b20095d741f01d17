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

/** What decided a move: see `docs/flows.md` for each. */
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

/** What one turn came to. */
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

/** A piece of a streamed turn: words as they come, and last the result. */
export type StreamChunk = { type: 'text'; text: string } | { type: 'done'; result: TurnResult };

/** What an agent of one's own has to tell of a turn: `text`. A session fills up the rest. */
export type OwnTurnResult = Pick<TurnResult, 'text'> & Partial<TurnResult>;

/** A piece of a turn that an agent of one's own streams. */
export type OwnStreamChunk =
  | { type: 'text'; text: string }
  | { type: 'done'; result: OwnTurnResult };

/** Of every turn. */
export interface TurnOptions {
  /** Aborting before the first chunk leaves no trace; aborting later ends the words, and the turn stands. */
  signal?: AbortSignal;
}

/** A conversation partner. `DialogMachine`, `LLMAgent` and a user's own class speak this protocol. */
export interface Agent {
  /** Does one turn and tells what it came to. */
  turn(
    input: string | TurnInput,
    options?: TurnOptions & { stream?: false },
  ): Promise<OwnTurnResult>;
  /** Does one turn and streams its words; the result comes last. */
  turn(
    input: string | TurnInput,
    options: TurnOptions & { stream: true },
  ): AsyncIterable<OwnStreamChunk>;
  /** Whispers guidance to the agent; it takes effect with the next turn and is never spoken. */
  assist(text: string): void;
  /** The history. */
  readonly chatCtx: ChatContext;
  /** Goes on from another history, which is copied. */
  loadChatCtx(ctx: ChatContext): void;
}

/**
 * A turn that was worked out but may still not happen. Reading `stream` does the work; nothing
 * outside changes until `commit()`. After `discard()` it is as if the turn had never been tried.
 */
export interface Draft {
  readonly stream: AsyncIterable<StreamChunk>;
  /**
   * Resolves when the draft cannot go on before it is committed: a write comes next. A draft with it
   * may be read to its end first, so that a turn happens as a whole.
   */
  readonly needsCommit?: Promise<void>;
  /** The turn happens. Throws a SuperdialogError if it was discarded, or cannot happen any more. */
  commit(): void;
  /** The turn is over: it never happened, or ends here if it was committed. */
  discard(): void;
}

/** What an agent may offer beyond the protocol. What one does not offer, its caller does without. */
export interface AgentFeatures {
  /**
   * A turn that can still be thrown away: it may be started early. `undefined` for an input that the
   * agent has no answer of its own to, such as an opening or a silence: the host then does what it
   * does for an agent without drafts.
   */
  draft(input: string | TurnInput, options?: TurnOptions): Draft | undefined;
  /** Takes what was played of a message; its history then holds that. */
  heard(messageId: string, text: string): void;
  /** Plain JSON that `loadFlowState` of another instance goes on from. */
  readonly flowState: object;
  /** Goes on from a state saved earlier. Throws a SuperdialogError for one that does not fit. */
  loadFlowState(state: unknown): void;
  /** Gives the agent a way to have its session saved in the middle of a turn. */
  checkpointBy(save: () => Promise<void>): void;
}
