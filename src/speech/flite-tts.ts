import { randomUUID } from 'node:crypto';
import { type APIConnectOptions, createTimedString, tokenize, tts } from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';
import { type FliteSynthesizer, type FliteVoice, fliteSampleRate } from './flite-synthesizer.ts';
import { withRestart } from './model-worker.ts';
import { timeWords } from './word-timing.ts';

const frameSamples = fliteSampleRate / 50;
/** Breath between two sentences. */
const gapMs = 180;
/** A complete sentence that nothing follows for so long is spoken. */
const quietMs = 150;

export interface FliteTTSOptions {
  synthesizer: FliteSynthesizer;
  voice: FliteVoice;
}

/** flite as LiveKit's text to speech. One for each call; the synthesizer is shared. */
export class FliteTTS extends tts.TTS {
  readonly label = 'superdialog.FliteTTS';
  readonly #options: FliteTTSOptions;

  constructor(options: FliteTTSOptions) {
    super(fliteSampleRate, 1, { streaming: true, alignedTranscript: true });
    this.#options = options;
  }

  override get model(): string {
    return `flite-${this.#options.voice}`;
  }

  override get provider(): string {
    return 'embedded';
  }

  override synthesize(
    text: string,
    connOptions?: APIConnectOptions,
    abortSignal?: AbortSignal,
  ): tts.ChunkedStream {
    return new FliteChunkedStream(text, this, this.#options, connOptions, abortSignal);
  }

  override stream(options?: { connOptions?: APIConnectOptions }): tts.SynthesizeStream {
    return new FliteSynthesizeStream(this, this.#options, options?.connOptions);
  }
}

class FliteChunkedStream extends tts.ChunkedStream {
  readonly label = 'superdialog.FliteChunkedStream';
  readonly #options: FliteTTSOptions;

  constructor(
    text: string,
    owner: FliteTTS,
    options: FliteTTSOptions,
    connOptions?: APIConnectOptions,
    abortSignal?: AbortSignal,
  ) {
    super(text, owner, connOptions, abortSignal);
    this.#options = options;
  }

  protected override async run(): Promise<void> {
    const id = randomUUID();
    const pcm = await speak(this.inputText, this.#options, this.abortSignal);
    for (const frame of framesOf(pcm ?? new Int16Array(0))) {
      if (this.queue.closed) return;
      this.queue.put({ requestId: id, segmentId: id, frame, final: false });
    }
  }
}

/** Says each sentence as soon as its text is complete, while the next is being written. */
class FliteSynthesizeStream extends tts.SynthesizeStream {
  readonly label = 'superdialog.FliteSynthesizeStream';
  readonly #id = randomUUID();
  readonly #options: FliteTTSOptions;
  /** Of the audio given out so far. */
  #spokenMs = 0;

  constructor(owner: FliteTTS, options: FliteTTSOptions, connOptions?: APIConnectOptions) {
    super(owner, connOptions);
    this.#options = options;
  }

  protected override async run(): Promise<void> {
    const sentences = new tokenize.basic.SentenceTokenizer({
      minSentenceLength: 1,
      streamContextLength: 1,
    }).stream();
    await Promise.all([this.#read(sentences), this.#speak(sentences)]);
  }

  /**
   * The tokenizer holds a sentence back until the next one begins. An agent that says "One moment,
   * please." and waits until it is heard would wait for ever.
   */
  async #read(sentences: tokenize.SentenceStream): Promise<void> {
    let end = '';
    let quiet: NodeJS.Timeout | undefined;
    try {
      for await (const part of this.input) {
        clearTimeout(quiet);
        if (typeof part !== 'string') {
          sentences.flush();
          continue;
        }
        sentences.pushText(part);
        end = (end + part).trimEnd().slice(-2);
        if (/[.!?…]["')\]]?$/.test(end)) quiet = setTimeout(() => sentences.flush(), quietMs);
      }
    } finally {
      clearTimeout(quiet);
    }
    sentences.endInput();
  }

  async #speak(sentences: tokenize.SentenceStream): Promise<void> {
    for await (const { token: sentence } of sentences) {
      this.markStarted();
      const pcm = await speak(sentence, this.#options, this.abortSignal);
      if (pcm === undefined) return;
      this.#emit(sentence, pcm);
    }
    if (!this.queue.closed) this.queue.put(tts.SynthesizeStream.END_OF_STREAM);
  }

  #emit(sentence: string, pcm: Int16Array): void {
    if (pcm.length === 0 || this.queue.closed) return;
    const words = timeWords(sentence, msOf(pcm.length)).map(({ text, startMs, endMs }) =>
      createTimedString({
        text,
        startTime: (this.#spokenMs + startMs) / 1000,
        endTime: (this.#spokenMs + endMs) / 1000,
      }),
    );
    const breath = new Int16Array((gapMs * fliteSampleRate) / 1000);
    for (const [index, frame] of [...framesOf(pcm), ...framesOf(breath)].entries()) {
      const packet = { requestId: this.#id, segmentId: this.#id, frame, final: false };
      this.queue.put(index === 0 ? { ...packet, timedTranscripts: words } : packet);
    }
    this.#spokenMs += msOf(pcm.length + breath.length);
  }
}

/** Frames of 20 ms; the last may be shorter. */
function framesOf(pcm: Int16Array): AudioFrame[] {
  const frames: AudioFrame[] = [];
  for (let start = 0; start < pcm.length; start += frameSamples) {
    const data = pcm.slice(start, start + frameSamples);
    frames.push(new AudioFrame(data, fliteSampleRate, 1, data.length));
  }
  return frames;
}

function msOf(samples: number): number {
  return (samples * 1000) / fliteSampleRate;
}

/** `undefined` once the signal is aborted: nobody wants the result. */
async function speak(
  text: string,
  { synthesizer, voice }: FliteTTSOptions,
  signal: AbortSignal,
): Promise<Int16Array | undefined> {
  try {
    return await withRestart(() => synthesizer.synthesize(text, { voice, signal }));
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
