import { once } from 'node:events';
import {
  type APIConnectOptions,
  normalizeLanguage,
  stt,
  type VAD,
  type VADEvent,
  VADEventType,
  type VADStream,
} from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';
import { withRestart } from './model-worker.ts';
import type { MoonshineRecognizer, MoonshineReply } from './moonshine-recognizer.ts';
import { SegmentAudio } from './segment-audio.ts';

export const sttSampleRate = 16_000;
const samplesPerMs = sttSampleRate / 1000;

/** Audio kept from before the VAD noticed speech, or first consonants are lost. */
const preRollMs = 500;
/** After so much silence the segment is decoded, in the hope that speech is over. */
const pauseMs = 90;
/** How much new speech there is between two interim transcripts. */
const interimEveryMs = 600;
/** Moonshine was made for short segments: longer ones are cut at their quietest place. */
const longestSegmentMs = 20_000;
const searchCutFromMs = 14_000;
/** Silence that is added at the end of the input, so that its last words get their final. */
const closingSilenceMs = 400;

/** A stretch of speech, for the report of a call. */
export interface Utterance {
  /** What was recognised; empty if no words were found. */
  text: string;
  /** 0..1. */
  confidence: number;
  /** Where speech began and ended, counted from the first sample of this stream. */
  startMs: number;
  endMs: number;
  /** When speech ended and when its transcript was there, by the wall clock (`Date.now()`). */
  endedAtMs: number;
  finalAtMs: number;
  /** Time the model computed. */
  decodeMs: number;
}

interface StreamOptions {
  recognizer: MoonshineRecognizer;
  vad: VAD;
  onUtterance?: ((utterance: Utterance) => void) | undefined;
}

interface Decoding {
  controller: AbortController;
  reply: Promise<MoonshineReply>;
}

interface Cut {
  probability: number;
  position: number;
}

/**
 * Segments the audio by its own run of the VAD. A segment is decoded as soon as a pause begins; if
 * the VAD then confirms the end, the transcript is final, and if speech goes on, it is dropped.
 */
export class MoonshineStream extends stt.SpeechStream {
  readonly label = 'superdialog.MoonshineStream';
  readonly #stt: stt.STT;
  readonly #options: StreamOptions;
  readonly #audio = new SegmentAudio(preRollMs * samplesPerMs);
  /** Where the audio ends once the input has ended. */
  #inputEnd = Number.POSITIVE_INFINITY;
  #speaking = false;
  #speechStart = 0;
  #pause: Decoding | undefined;
  #nextInterimAt = 0;
  #quietest: Cut | undefined;
  /** Finals leave in the order of speech. */
  #finals: Promise<void> = Promise.resolve();

  constructor(owner: stt.STT, options: StreamOptions, connOptions?: APIConnectOptions) {
    super(owner, sttSampleRate, connOptions);
    this.#stt = owner;
    this.#options = options;
  }

  protected override async run(): Promise<void> {
    if (this.abortSignal.aborted) return;
    const vad = this.#options.vad.stream();
    const closed = once(this.abortSignal, 'abort');
    try {
      await Promise.race([Promise.all([this.#feed(vad), this.#listen(vad)]), closed]);
      await this.#finals;
    } finally {
      this.#pause?.controller.abort();
      vad.close();
    }
  }

  async #feed(vad: VADStream): Promise<void> {
    let fed = 0;
    const push = (frame: AudioFrame) => {
      fed += frame.samplesPerChannel;
      vad.pushFrame(frame);
    };
    for await (const frame of this.input) {
      // A flush asks for nothing here: segments end by silence alone.
      if (frame instanceof AudioFrame) push(frame);
    }
    if (this.abortSignal.aborted) return;
    const silence = new Int16Array(closingSilenceMs * samplesPerMs);
    push(new AudioFrame(silence, sttSampleRate, 1, silence.length));
    // The VAD's own endInput() fails: it closes a stream that it has locked itself.
    this.#inputEnd = fed;
  }

  async #listen(vad: VADStream): Promise<void> {
    for await (const event of vad) {
      if (event.type === VADEventType.INFERENCE_DONE) this.#onWindow(event);
      else if (event.type === VADEventType.START_OF_SPEECH) this.#onSpeechStart(event);
      else this.#onSpeechEnd(event);
      const nextWindowEnd = this.#audio.end + (event.frames[0]?.samplesPerChannel ?? 0);
      if (event.type === VADEventType.INFERENCE_DONE && nextWindowEnd > this.#inputEnd) break;
    }
  }

  #onWindow(event: VADEvent): void {
    for (const frame of event.frames) this.#audio.append(frame.data.slice());
    if (!this.#speaking) {
      this.#audio.trimToPreRoll();
      return;
    }
    this.#noteQuietPlace(event.probability);
    if (this.#heldMs > longestSegmentMs) this.#cut();
    // The count does not yet hold this window, so it is zero when speech has gone on.
    if (event.rawAccumulatedSilence >= pauseMs) this.#pause ??= this.#decodePause();
    else if (event.rawAccumulatedSilence === 0) this.#resume();
    if (this.#pause === undefined && this.#audio.end >= this.#nextInterimAt) this.#interim();
  }

  #onSpeechStart(event: VADEvent): void {
    this.#speaking = true;
    this.#speechStart = this.#audio.end - event.speechDuration * samplesPerMs;
    this.#nextInterimAt = this.#audio.end + interimEveryMs * samplesPerMs;
    this.#send({ type: stt.SpeechEventType.START_OF_SPEECH });
  }

  #onSpeechEnd(event: VADEvent): void {
    const endedAtMs = Date.now() - event.silenceDuration;
    const decoding = this.#pause ?? this.#decodePause();
    const speechEnd = this.#audio.end - event.silenceDuration * samplesPerMs;
    this.#send({ type: stt.SpeechEventType.END_OF_SPEECH, speechEndTime: endedAtMs });
    this.#final(decoding, speechEnd, endedAtMs);
    this.#speaking = false;
    this.#pause = undefined;
    this.#quietest = undefined;
    this.#audio.trimToPreRoll();
  }

  get #heldMs(): number {
    return (this.#audio.end - this.#audio.start) / samplesPerMs;
  }

  #noteQuietPlace(probability: number): void {
    if (this.#heldMs < searchCutFromMs) return;
    if (this.#quietest !== undefined && this.#quietest.probability < probability) return;
    this.#quietest = { probability, position: this.#audio.end };
  }

  #cut(): void {
    const position = this.#quietest?.position ?? this.#audio.end;
    const endedAtMs = Date.now() - (this.#audio.end - position) / samplesPerMs;
    this.#pause?.controller.abort();
    this.#pause = undefined;
    this.#quietest = undefined;
    this.#final(this.#decode(this.#audio.copy(position)), position, endedAtMs);
    this.#audio.dropBefore(position);
    this.#speechStart = position;
  }

  #decodePause(): Decoding {
    return this.#decode(this.#audio.copy());
  }

  #decode(audio: Int16Array): Decoding {
    const controller = new AbortController();
    const { recognizer } = this.#options;
    const reply = withRestart(() => recognizer.recognize(audio, controller.signal));
    // Whoever waits for it sees the error; one that was given up is waited for by nobody.
    reply.catch(() => undefined);
    return { controller, reply };
  }

  #resume(): void {
    this.#pause?.controller.abort();
    this.#pause = undefined;
  }

  #interim(): void {
    this.#nextInterimAt = this.#audio.end + interimEveryMs * samplesPerMs;
    const speechStart = this.#speechStart;
    const position = this.#audio.end;
    this.#options.recognizer
      .recognizeIfIdle(this.#audio.copy())
      .then((reply) => {
        const stale = !this.#speaking || speechStart !== this.#speechStart;
        if (reply === undefined || reply.text === '' || stale) return;
        this.#sendTranscript(stt.SpeechEventType.INTERIM_TRANSCRIPT, reply, speechStart, position);
      })
      // An interim transcript is a courtesy; the final will report what is wrong.
      .catch(() => undefined);
  }

  #final({ reply }: Decoding, speechEnd: number, endedAtMs: number): void {
    const speechStart = this.#speechStart;
    this.#finals = this.#finals.then(async () => {
      try {
        const result = await reply;
        const { text, confidence, decodeMs } = result;
        const startMs = Math.round(speechStart / samplesPerMs);
        const endMs = Math.round(speechEnd / samplesPerMs);
        const finalAtMs = Date.now();
        const times = { startMs, endMs, endedAtMs, finalAtMs, decodeMs };
        this.#options.onUtterance?.({ text, confidence, ...times });
        if (text === '') return;
        this.#sendTranscript(stt.SpeechEventType.FINAL_TRANSCRIPT, result, speechStart, speechEnd);
      } catch (error) {
        this.#report(error);
      }
    });
  }

  #sendTranscript(
    type: stt.SpeechEventType,
    { text, confidence }: MoonshineReply,
    start: number,
    end: number,
  ): void {
    const startTime = this.startTimeOffset + start / sttSampleRate;
    const endTime = this.startTimeOffset + end / sttSampleRate;
    const language = normalizeLanguage('en');
    this.#send({ type, alternatives: [{ language, text, confidence, startTime, endTime }] });
  }

  #send(event: stt.SpeechEvent): void {
    if (!this.queue.closed) this.queue.put(event);
  }

  /** One utterance is lost; the stream goes on with the next. */
  #report(cause: unknown): void {
    // Node throws an error event that nobody listens to.
    if (this.abortSignal.aborted || this.#stt.listenerCount('error') === 0) return;
    const error = cause instanceof Error ? cause : new Error(String(cause));
    this.#stt.emit('error', {
      type: 'stt_error',
      timestamp: Date.now(),
      label: this.label,
      error,
      recoverable: true,
    });
  }
}
