/** Where a turn's time went, in whole milliseconds; `null` where the turn has no such step. */
export interface TurnLatency {
  /** End of the caller's speech to the decision that it is the agent's turn. */
  endpointMs: number | null;
  /** End of the caller's speech to the last final transcript of the turn. */
  sttMs: number | null;
  /** The decision to the agent's first words. */
  firstChunkMs: number | null;
  /** The agent's first words to the first audio frame of them. */
  ttsFirstAudioMs: number | null;
  /** End of the caller's speech to the agent's first audio. */
  voiceToVoiceMs: number | null;
}

/** The moments of one turn, in milliseconds of `performance.now()`. */
export interface TurnMarks {
  speechEndedAtMs?: number | undefined;
  transcriptAtMs?: number | undefined;
  decidedAtMs?: number | undefined;
  firstChunkAtMs?: number | undefined;
  firstAudioAtMs?: number | undefined;
}

export function latencyOf(marks: TurnMarks): TurnLatency {
  return {
    endpointMs: span(marks.speechEndedAtMs, marks.decidedAtMs),
    sttMs: span(marks.speechEndedAtMs, marks.transcriptAtMs),
    firstChunkMs: span(marks.decidedAtMs, marks.firstChunkAtMs),
    ttsFirstAudioMs: span(marks.firstChunkAtMs, marks.firstAudioAtMs),
    voiceToVoiceMs: span(marks.speechEndedAtMs, marks.firstAudioAtMs),
  };
}

function span(from: number | undefined, to: number | undefined): number | null {
  if (from === undefined || to === undefined) return null;
  return Math.max(0, Math.round(to - from));
}
