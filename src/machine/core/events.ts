import type { HostEffect, Move, MoveReason, Refusal } from '../../agent/agent.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { ToolEffect, ToolResult } from '../../tools/tool.ts';
import type { FlowState } from './state.ts';

/** What happens to a machine. `atMs` is the call's clock, in milliseconds since the epoch. */
export type MachineEvent =
  | { type: 'opened'; atMs: number }
  | { type: 'said'; text: string; atMs: number }
  | { type: 'dtmf'; digits: string; atMs: number }
  | { type: 'silence'; count: number; atMs: number }
  /** The model's proposal; `evidence` is all that values may be grounded in. */
  | { type: 'decided'; decision: Decision; evidence: readonly string[]; atMs: number }
  /** The running action has come to its end; if the turn was `cut`, the next one goes on from there. */
  | { type: 'action_done'; result: ToolResult; cut?: boolean; atMs: number }
  /** Tools that may change the world are about to begin; `keys` are their effects' in the ledger. */
  | { type: 'tools_begun'; keys: readonly string[]; atMs: number }
  /** A tool that the model called has answered. `key` is null for one that only reads. */
  | { type: 'tool_done'; tool: string; key: string | null; result: ToolResult; atMs: number }
  /** The model stays and said nothing. */
  | { type: 'wordless'; atMs: number }
  /** There is no model to ask. */
  | { type: 'undecided'; atMs: number }
  /** The host knows something before the caller says it. */
  | { type: 'seeded'; values: JsonObject; atMs: number }
  /** A human speaks in the agent's place from now on; or no longer. */
  | { type: 'taken_over' }
  | { type: 'handed_back' }
  /** The farewell was cut off by the caller. */
  | { type: 'end_cut' };

/** An HTTP request as it goes out. */
export interface ActionRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: Json;
  timeoutMs: number;
  /** Fields of a JSON body that stay texts though they look like numbers. */
  stringFields: string[];
  /** The server does the effect of one key once, so that it may be sent again. */
  idempotent: boolean;
}

/** An edge that the caller's words were compared with, and why it did or did not decide. */
export interface Candidate {
  edge: string;
  /** 0 to 1. */
  score: number;
  by: MoveReason;
  verdict: 'decides' | 'below_threshold' | 'too_close' | 'leaves_words' | 'not_asked';
  /** The edge that came too close. */
  rival?: string;
}

export interface Decision {
  go: string;
  set: readonly { slot: string; value: Json }[];
}

/** What is to be done, in this order. Described here, carried out by the shell. */
export type Effect =
  /** Say fixed words. */
  | { type: 'speak'; text: string }
  /**
   * Let the words of the running decision through. If it has none, compose them, unless they only
   * bridge the time of an action.
   */
  | { type: 'pass_words'; bridging?: true }
  /** Run an action and answer with `action_done`. A write waits until the turn has happened. */
  | {
      type: 'run';
      action: string;
      effect: ToolEffect;
      idempotencyKey: string;
      request: ActionRequest;
    }
  /** Ask the model what the caller meant, and for the words. Answered by `decided` or `undecided`. */
  | { type: 'ask' }
  /** Ask the model for words alone. */
  | { type: 'compose'; node: string; notes: readonly string[] }
  | { type: 'moved'; move: Move }
  | { type: 'refused'; refusal: Refusal }
  /** What the caller's words were compared with, best first. */
  | { type: 'considered'; candidates: readonly Candidate[] }
  /** For the host, once the words were heard. */
  | { type: 'host'; effect: HostEffect };

export interface Advance {
  state: FlowState;
  effects: readonly Effect[];
}
