import type { CallReport, TurnReport } from '../../src/call/report.ts';

export function turn(values: Partial<TurnReport> = {}): TurnReport {
  return {
    index: 0,
    input: 'text',
    user: null,
    said: null,
    text: '',
    heardText: '',
    interrupted: false,
    from: null,
    to: null,
    moves: [],
    refused: [],
    slots: {},
    modelCalls: 0,
    latency: {
      endpointMs: null,
      sttMs: null,
      firstChunkMs: null,
      ttsFirstAudioMs: null,
      voiceToVoiceMs: null,
    },
    ...values,
  };
}

export function report(turns: TurnReport[], values: Partial<CallReport> = {}): CallReport {
  return {
    flow: 'demo',
    outcome: null,
    ended: false,
    endedBy: 'caller',
    durationMs: 1000,
    wordErrorRate: null,
    errors: [],
    turns,
    ...values,
  };
}
