import {
  type APIConnectOptions,
  type AudioBuffer,
  mergeFrames,
  normalizeLanguage,
  stt,
  type VAD,
} from '@livekit/agents';
import type { MoonshineRecognizer } from './moonshine-recognizer.ts';
import { MoonshineStream, sttSampleRate, type Utterance } from './moonshine-stream.ts';
import { resamplePcm } from './resample.ts';

export interface MoonshineSTTOptions {
  recognizer: MoonshineRecognizer;
  /** Its durations of speech and silence decide where segments begin and end. */
  vad: VAD;
  /** Called with every stretch of speech, also one in which no words were found. */
  onUtterance?: ((utterance: Utterance) => void) | undefined;
}

/** Moonshine as LiveKit's speech to text. One for each call; the recognizer is shared. */
export class MoonshineSTT extends stt.STT {
  readonly label = 'superdialog.MoonshineSTT';
  readonly #options: MoonshineSTTOptions;

  constructor(options: MoonshineSTTOptions) {
    super({ streaming: true, interimResults: true });
    this.#options = options;
  }

  override get model(): string {
    return `moonshine-${this.#options.recognizer.size}`;
  }

  override get provider(): string {
    return 'embedded';
  }

  override stream(options?: { connOptions?: APIConnectOptions }): MoonshineStream {
    return new MoonshineStream(this, this.#options, options?.connOptions);
  }

  /** Recognises a whole recording. */
  protected override async _recognize(
    audio: AudioBuffer,
    signal?: AbortSignal,
  ): Promise<stt.SpeechEvent> {
    const frame = mergeFrames(audio);
    const pcm = resamplePcm(frame.data, frame.sampleRate, sttSampleRate);
    const { text, confidence } = await this.#options.recognizer.recognize(pcm, signal);
    const language = normalizeLanguage('en');
    const endTime = pcm.length / sttSampleRate;
    return {
      type: stt.SpeechEventType.FINAL_TRANSCRIPT,
      alternatives: [{ language, text, confidence, startTime: 0, endTime }],
    };
  }
}
