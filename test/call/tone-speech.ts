import {
  createTimedString,
  stt,
  tts,
  VAD,
  type VADEvent,
  VADEventType,
  VADStream,
} from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';

/**
 * Speech made of tones, for tests of turn-taking: a word is 100 ms of tone, and what the caller says
 * is told to the recogniser beforehand. Everything else is real.
 */
export const WORD_MS = 100;
const sampleRate = 16_000;
const frameSamples = sampleRate / 50;

/** PCM16 at 16 kHz, as many tones as the text has words. */
export function tone(durationMs: number): Int16Array {
  return Int16Array.from({ length: (durationMs * sampleRate) / 1000 }, (_, index) =>
    Math.round(8000 * Math.sin((2 * Math.PI * 440 * index) / sampleRate)),
  );
}

/** Takes every frame that is not silent for speech. */
export class ToneVad extends VAD {
  label = 'test.ToneVad';

  constructor() {
    super({ updateInterval: 20 });
  }

  override get minSilenceDuration(): number {
    return 60;
  }

  stream(): VADStream {
    return new ToneVadStream(this);
  }
}

class ToneVadStream extends VADStream {
  constructor(vad: VAD) {
    super(vad);
    void this.#run();
  }

  async #run(): Promise<void> {
    let speechMs = 0;
    let silenceMs = 0;
    let frames: AudioFrame[] = [];
    for (;;) {
      const { done, value } = await this.inputReader.read();
      if (done || this.closed) return;
      if (!(value instanceof AudioFrame)) continue;
      const loud = value.data.some((sample) => Math.abs(sample) > 1000);
      const speaking = speechMs > 0;
      silenceMs = loud ? 0 : silenceMs + 20;
      if (loud || speaking) {
        speechMs += 20;
        frames.push(value);
      }
      const send = (type: VADEventType) =>
        this.sendVADEvent(event(type, speechMs, silenceMs, frames));
      if (loud && !speaking) send(VADEventType.START_OF_SPEECH);
      send(VADEventType.INFERENCE_DONE);
      if (speaking && silenceMs >= 60) {
        send(VADEventType.END_OF_SPEECH);
        speechMs = 0;
        frames = [];
      }
    }
  }
}

function event(
  type: VADEventType,
  speechMs: number,
  silenceMs: number,
  frames: AudioFrame[],
): VADEvent {
  return {
    type,
    samplesIndex: 0,
    timestamp: Date.now(),
    speechDuration: speechMs,
    silenceDuration: silenceMs,
    frames,
    probability: 0,
    inferenceDuration: 0,
    speaking: speechMs > 0,
    rawAccumulatedSilence: silenceMs,
    rawAccumulatedSpeech: silenceMs > 0 ? 0 : speechMs,
  };
}

/** Understands what `hears` says next. */
export class ToneStt extends stt.STT {
  label = 'test.ToneStt';
  readonly hears: string[] = [];

  constructor() {
    super({ streaming: false, interimResults: false });
  }

  protected override async _recognize(): Promise<stt.SpeechEvent> {
    const text = this.hears.shift() ?? '';
    const alternatives = [{ language: 'en', text, startTime: 0, endTime: 0, confidence: 1 }];
    return { type: stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives } as stt.SpeechEvent;
  }

  stream(): never {
    throw new Error('the session wraps recognisers that do not stream');
  }
}

/** Says each word as a tone of 100 ms, and tells where it lies. */
export class ToneTts extends tts.TTS {
  label = 'test.ToneTts';
  /** Audio waits for it. */
  gate: Promise<void> = Promise.resolve();

  constructor() {
    super(sampleRate, 1, { streaming: true, alignedTranscript: true });
  }

  synthesize(): never {
    throw new Error('the session streams');
  }

  stream(): tts.SynthesizeStream {
    return new ToneTtsStream(this);
  }
}

class ToneTtsStream extends tts.SynthesizeStream {
  label = 'test.ToneTtsStream';
  readonly #owner: ToneTts;
  #spokenMs = 0;

  constructor(owner: ToneTts) {
    super(owner);
    this.#owner = owner;
  }

  protected override async run(): Promise<void> {
    this.markStarted();
    for await (const part of this.input) {
      if (typeof part !== 'string') continue;
      await this.#owner.gate;
      for (const word of part.split(/\s+/).filter((each) => each !== '')) this.#say(word);
    }
    if (!this.queue.closed) this.queue.put(tts.SynthesizeStream.END_OF_STREAM);
  }

  #say(word: string): void {
    const pcm = tone(WORD_MS);
    const timed = createTimedString({
      text: `${word} `,
      startTime: this.#spokenMs / 1000,
      endTime: (this.#spokenMs + WORD_MS) / 1000,
    });
    for (let at = 0; at < pcm.length; at += frameSamples) {
      if (this.queue.closed) return;
      const frame = new AudioFrame(pcm.slice(at, at + frameSamples), sampleRate, 1, frameSamples);
      const packet = { requestId: 'tone', segmentId: 'tone', frame, final: false };
      this.queue.put(at === 0 ? { ...packet, timedTranscripts: [timed] } : packet);
    }
    this.#spokenMs += WORD_MS;
  }
}
