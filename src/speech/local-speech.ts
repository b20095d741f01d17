import { initializeLogger, loggerOptions, type VAD } from '@livekit/agents';
import { FliteSynthesizer, type FliteVoice, type SynthesizeOptions } from './flite-synthesizer.ts';
import { FliteTTS } from './flite-tts.ts';
import { MoonshineRecognizer } from './moonshine-recognizer.ts';
import type { MoonshineSize } from './moonshine-size.ts';
import type { Utterance } from './moonshine-stream.ts';
import { MoonshineSTT } from './moonshine-stt.ts';
import { requirePackages, sttPackages, ttsPackages } from './packages.ts';
import { createVad } from './vad.ts';

/** Which of the embedded models are loaded. */
export interface LocalSpeechOptions {
  /** `base` understands better, `tiny` needs half the computing. */
  stt?: MoonshineSize;
  /** The agent's voice. */
  voice?: FliteVoice;
}

/** The embedded models, loaded once for a process. Each call takes its own objects from it. */
export interface LocalSpeech {
  /** A recogniser for one call. */
  createStt(options?: { onUtterance?: (utterance: Utterance) => void }): MoonshineSTT;
  /** A voice for one call. */
  createTts(): FliteTTS;
  /** A detector of speech for one call. */
  createVad(): VAD;
  /** 16 kHz mono PCM16 with hardly any silence at its ends. */
  synthesize(text: string, options: SynthesizeOptions): Promise<Int16Array>;
  /** Ends the models' threads. */
  close(): Promise<void>;
}

/** Throws `SpeechPackagesMissingError` if the optional packages are not installed. */
export async function loadLocalSpeech(options: LocalSpeechOptions = {}): Promise<LocalSpeech> {
  requirePackages([...sttPackages, ...ttsPackages]);
  const { stt: size = 'base', voice = 'slt' } = options;
  // LiveKit's classes refuse to work before somebody has chosen how to log.
  if (loggerOptions() === undefined) initializeLogger({ pretty: false, level: 'warn' });
  const [recognizer, synthesizer] = await Promise.all([
    MoonshineRecognizer.load(size),
    FliteSynthesizer.load(),
  ]);
  return {
    createStt: ({ onUtterance } = {}) =>
      new MoonshineSTT({ recognizer, vad: createVad(), onUtterance }),
    createTts: () => new FliteTTS({ synthesizer, voice }),
    createVad,
    synthesize: (text, synthesis) => synthesizer.synthesize(text, synthesis),
    close: async () => {
      await Promise.all([recognizer.close(), synthesizer.close()]);
    },
  };
}
