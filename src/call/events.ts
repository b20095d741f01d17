import type { CallEnd, CallError, TurnReport } from './report.ts';

/** What a call tells while it unfolds. `atMs` counts from the call's start. */
export type CallEvent = { atMs: number } & (
  | { type: 'started' }
  /** The caller's turn was understood as this. */
  | { type: 'caller'; text: string }
  | { type: 'dtmf'; digits: string }
  | { type: 'silence'; count: number }
  | { type: 'whisper' }
  /** The agent's first words went out. */
  | { type: 'speaking' }
  /** A turn is over: its words were played, or cut, or there were none. */
  | { type: 'turn'; turn: TurnReport; decidedAtMs: number }
  | { type: 'error'; error: CallError }
  | { type: 'ended'; by: CallEnd }
);

/** Is told what happens in a call. What it throws is ignored. */
export type CallListener = (event: CallEvent) => void;
