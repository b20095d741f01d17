import { describe, expect, it } from 'vitest';
import { latencyOf } from '../../src/call/latency.ts';

describe('the latency of a turn', () => {
  it('counts from the end of the caller’s speech, and from step to step after the decision', () => {
    expect(
      latencyOf({
        speechEndedAtMs: 1000,
        transcriptAtMs: 1350.4,
        decidedAtMs: 1550,
        firstChunkAtMs: 1700,
        firstAudioAtMs: 1760.6,
      }),
    ).toEqual({
      endpointMs: 550,
      sttMs: 350,
      firstChunkMs: 150,
      ttsFirstAudioMs: 61,
      voiceToVoiceMs: 761,
    });
  });

  it('is null where a turn has no such step', () => {
    expect(latencyOf({ decidedAtMs: 10, firstChunkAtMs: 20 })).toEqual({
      endpointMs: null,
      sttMs: null,
      firstChunkMs: 10,
      ttsFirstAudioMs: null,
      voiceToVoiceMs: null,
    });
  });
});
