import { inference, type VAD } from '@livekit/agents';

/**
 * The voice activity detector of `@livekit/agents` for calls. A pause of 250 ms ends speech (the
 * library's turn detector needs as much), and 96 ms of sound begin it, so that clicks do not.
 */
export function createVad(): VAD {
  return new inference.VAD({
    minSpeechDuration: 96,
    minSilenceDuration: 250,
    prefixPaddingDuration: 300,
  });
}
