import { prepareLiveKitLog } from '../call/livekit-log.ts';
import type { CallSpeech } from '../call/voice-session.ts';
import type { AgentConfig } from '../config.ts';
import { UsageError } from '../errors.ts';
import type { FliteVoice } from '../speech/flite-synthesizer.ts';
import { loadLocalSpeech } from '../speech/local-speech.ts';
import type { SpeakText } from './caller-audio.ts';

/** Speech for simulated calls: the agent's, new for each call, and the caller's voice. */
export interface SimulationSpeech {
  forCall(): CallSpeech;
  /** The caller's voice by name; `undefined` is the usual one. Throws `UsageError` if unknown. */
  callerVoice(name: string | undefined): SpeakText;
  close(): Promise<void>;
}

const callerVoices: readonly FliteVoice[] = ['rms', 'slt'];

/** The embedded models, loaded once for all calls. */
export async function loadLocalVoices(
  config: AgentConfig['speech'] = {},
): Promise<SimulationSpeech> {
  prepareLiveKitLog();
  const speech = await loadLocalSpeech({
    stt: config.stt === 'local/tiny' ? 'tiny' : 'base',
    voice: config.tts === 'local/rms' ? 'rms' : 'slt',
  });
  return {
    forCall: () => ({ stt: speech.createStt(), tts: speech.createTts(), vad: speech.createVad() }),
    callerVoice: (name = 'rms') => {
      const voice = callerVoices.find((each) => each === name);
      if (voice === undefined) {
        throw new UsageError(
          `caller.voice: expected one of ${callerVoices.join(', ')}, not "${name}".`,
        );
      }
      return (text) => speech.synthesize(text, { voice });
    },
    close: () => speech.close(),
  };
}
