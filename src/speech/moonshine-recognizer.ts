import { ModelWorker } from './model-worker.ts';
import type { MoonshineSize } from './moonshine-size.ts';
import { packageFolder, requirePackages, sttPackages } from './packages.ts';

export interface MoonshineRequest {
  /** 16 kHz mono PCM16. */
  pcm: Int16Array;
}

export interface MoonshineReply {
  /** Empty if nothing was said. */
  text: string;
  /** 0..1: the geometric mean of the tokens' probabilities. */
  confidence: number;
  decodeMs: number;
}

/** Moonshine in a thread of its own, shared by all calls of the process. */
export class MoonshineRecognizer {
  readonly size: MoonshineSize;
  readonly #worker: ModelWorker<MoonshineRequest, MoonshineReply>;
  #interim: AbortController | undefined;

  private constructor(size: MoonshineSize) {
    this.size = size;
    this.#worker = new ModelWorker({
      name: `Moonshine ${size}`,
      entry: { path: './moonshine-worker', besides: import.meta.url },
      workerData: { size, packageFolder: packageFolder('@usefulsensors/moonshine-js') },
    });
  }

  static async load(size: MoonshineSize = 'base'): Promise<MoonshineRecognizer> {
    requirePackages(sttPackages);
    // Loaded on the main thread as well, or it could not be loaded again after its last thread ended.
    await import('onnxruntime-node');
    const recognizer = new MoonshineRecognizer(size);
    await recognizer.#worker.start();
    return recognizer;
  }

  /** `pcm`: 16 kHz mono PCM16, up to about 25 s. Rejects with `SpeechWorkerError`. */
  recognize(pcm: Int16Array, signal?: AbortSignal): Promise<MoonshineReply> {
    this.#interim?.abort();
    return this.#run(pcm, signal);
  }

  /** For unfinished speech: only if the model is idle, and given up for anyone's `recognize`. */
  async recognizeIfIdle(pcm: Int16Array): Promise<MoonshineReply | undefined> {
    if (!this.#worker.idle) return undefined;
    const controller = new AbortController();
    this.#interim = controller;
    try {
      return await this.#run(pcm, controller.signal);
    } catch (error) {
      if (controller.signal.aborted) return undefined;
      throw error;
    } finally {
      if (this.#interim === controller) this.#interim = undefined;
    }
  }

  async close(): Promise<void> {
    await this.#worker.close();
  }

  #run(pcm: Int16Array, signal: AbortSignal | undefined): Promise<MoonshineReply> {
    return this.#worker.run({ pcm }, signal);
  }
}
