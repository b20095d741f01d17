import type { Answer } from './walks.ts';

/** How fast a provider streams. */
export interface Latency {
  /** From the request's arrival. */
  firstTokenMs: number;
  msPerToken: number;
}

/** What the benchmark tells the process that plays the provider. */
export type ToProvider =
  /** Another call begins; its decisions are these. */
  | { type: 'begin'; answers: readonly Answer[]; latency: Latency }
  /** `count`: tell what was asked, whose tokens take a while to count. */
  | { type: 'end'; count: boolean };

/** A request as the provider saw it, in tokens of Llama 2's vocabulary. */
export interface SeenRequest {
  promptTokens: number;
  /** Part of `promptTokens`: the system prompt, the same all through a call. */
  systemTokens: number;
  /** Zero where only words were asked for. */
  schemaTokens: number;
}

export type FromProvider =
  | { type: 'ready'; url: string; serviceUrl: string }
  | { type: 'begun' }
  /** `requests`: empty unless they were to be counted. `unused`: answers that nobody asked for. `faults`: questions without a fitting answer. */
  | { type: 'ended'; requests: SeenRequest[]; unused: number; faults: string[] };

/** Header of a baseline's request: a body that was sent before, to be answered as it was then. */
export const AGAIN = 'x-again';
