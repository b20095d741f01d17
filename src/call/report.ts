import type { Move, Refusal, TurnInput } from '../agent/agent.ts';
import type { Json, JsonObject } from '../json.ts';
import { latencyOf, type TurnLatency } from './latency.ts';
import type { CallTurn } from './turn.ts';

/** One turn as the report tells it. */
export interface TurnReport {
  index: number;
  /** What the agent answered to. */
  input: TurnInput['kind'];
  /** What was recognised, or the digits pressed; `null` where the caller said nothing. */
  user: string | null;
  /** What the caller really said, where a script knows it. */
  said: string | null;
  /** What the agent meant to say. */
  text: string;
  /** What was played of it. */
  heardText: string;
  interrupted: boolean;
  from: string | null;
  to: string | null;
  moves: Move[];
  refused: Refusal[];
  slots: JsonObject;
  modelCalls: number;
  latency: TurnLatency;
}

/** What went wrong without ending the call. No words of the caller are in it. */
export interface CallError {
  stage: 'agent' | 'stt' | 'tts' | 'call';
  /** Milliseconds from the call's start. */
  atMs: number;
  /** Stable, as in `SuperdialogError.code`; `unexpected` for an error that is not ours. */
  code: string;
  message: string;
}

/** Who or what ended a call. */
export type CallEnd = 'agent' | 'transfer' | 'caller' | 'max_duration' | 'failed';

/** A call that is over. */
export interface CallReport {
  flow: string | null;
  outcome: string | null;
  /** True if the flow came to its end, and its last words were heard. */
  ended: boolean;
  /** Who or what ended the call. */
  endedBy: CallEnd;
  durationMs: number;
  /** 0 to 1, over what a script knows was said; `null` where nobody knows. */
  wordErrorRate: number | null;
  errors: CallError[];
  turns: TurnReport[];
}

/** What a report needs to know of a turn, spoken or typed. */
export type ReportedTurn = Pick<
  CallTurn,
  'input' | 'result' | 'text' | 'heardText' | 'interrupted' | 'marks'
>;

/** `from`, `to`, `slots` and `modelCalls` are in the result of a machine; other agents have none. */
export function reportTurn(index: number, turn: ReportedTurn): TurnReport {
  const result = turn.result;
  const metadata = result?.metadata ?? {};
  return {
    index,
    input: turn.input.kind,
    user: userText(turn.input),
    said: null,
    text: turn.text.trim(),
    heardText: turn.heardText.trim(),
    interrupted: turn.interrupted,
    from: stringOrNull(metadata.from),
    to: stringOrNull(metadata.to),
    moves: result?.moves ?? [],
    refused: result?.refused ?? [],
    slots: objectOrEmpty(metadata.slots),
    modelCalls: typeof metadata.modelCalls === 'number' ? metadata.modelCalls : 0,
    latency: latencyOf(turn.marks),
  };
}

function userText(input: TurnInput): string | null {
  if (input.kind === 'text') return input.text;
  return input.kind === 'dtmf' ? input.digits : null;
}

function stringOrNull(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function objectOrEmpty(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
