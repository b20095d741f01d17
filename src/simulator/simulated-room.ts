import { voice } from '@livekit/agents';
import { prepareLiveKitLog } from '../call/livekit-log.ts';
import type { CallRoom, RoomEvent } from '../call/room.ts';
import { TelephoneLine } from '../speech/telephony.ts';
import { FRAME_MS, FrameClock } from './frame-clock.ts';
import { Microphone } from './microphone.ts';
import { FRAME_SAMPLES, Playout, ROOM_SAMPLE_RATE } from './playout.ts';
import { Recording } from './recording.ts';

/** Quieter samples are not heard as speech; about -36 dB of full scale. */
const AUDIBLE = 500;

const SILENCE = new Int16Array(FRAME_SAMPLES);

interface Utterance {
  /** The voice alone, and with the noise around it. */
  speech: Int16Array;
  pcm: Int16Array;
  done: () => void;
}

/** What the agent's loudspeaker does, in milliseconds from the call's start. */
export interface AgentSound {
  playing: boolean;
  startedAtMs: number;
  silentSinceMs: number;
}

/**
 * A room without LiveKit. Caller audio enters in real time in 20 ms frames, the agent's audio leaves
 * at the pace of a loudspeaker, and both are recorded frame by frame from the call's start. With
 * `telephony` both sides go through G.711 mu-law at 8 kHz.
 */
export class SimulatedRoom implements CallRoom {
  readonly recording = new Recording();
  readonly media: { input: Microphone; output: Playout };
  readonly #clock = new FrameClock(() => this.#onFrame());
  readonly #listeners = new Set<(event: RoomEvent) => void>();
  readonly #lines: { caller: TelephoneLine; agent: TelephoneLine } | undefined;
  readonly #utterances: Utterance[] = [];
  #position = 0;
  /** The caller's frame is over when it is sent; the agent's begins then, and sounds until the next. */
  #sounding: Int16Array = SILENCE;
  #speechEndedAtMs: number | null = null;
  #agentStartedAtMs = 0;
  #agentSilentSinceMs = 0;
  #connected = true;

  constructor(options: { telephony: boolean }) {
    prepareLiveKitLog();
    this.media = { input: new Microphone(), output: new Playout() };
    if (options.telephony) {
      this.#lines = { caller: new TelephoneLine(), agent: new TelephoneLine() };
    }
    this.media.output.on(voice.AudioOutput.EVENT_PLAYBACK_STARTED, () => {
      this.#agentStartedAtMs = this.elapsedMs + FRAME_MS;
    });
    this.media.output.on(voice.AudioOutput.EVENT_PLAYBACK_FINISHED, () => {
      this.#agentSilentSinceMs = this.elapsedMs + FRAME_MS;
    });
  }

  /** Milliseconds from the call's start. */
  get elapsedMs(): number {
    return this.#clock.elapsedMs;
  }

  get connected(): boolean {
    return this.#connected;
  }

  get agentSound(): AgentSound {
    return {
      playing: this.media.output.playing,
      startedAtMs: this.#agentStartedAtMs,
      silentSinceMs: this.#agentSilentSinceMs,
    };
  }

  /** The caller is connected: time begins. */
  start(): void {
    this.#clock.start();
  }

  async close(): Promise<void> {
    this.#disconnect();
    await this.media.input.close();
  }

  /**
   * The caller speaks, after what is still being said. `speech` (16 kHz) is mixed with `noise`,
   * repeated as often as it takes. Resolves when the last frame was sent or the call is over.
   */
  say(speech: Int16Array, noise: Int16Array | null = null): Promise<void> {
    if (!this.#connected) return Promise.resolve();
    const pcm = noise === null ? speech : mix(speech, noise);
    return new Promise((done) => {
      this.#utterances.push({ speech, pcm, done });
    });
  }

  press(digit: string): void {
    this.#tell({ kind: 'dtmf', digit });
  }

  sendData(topic: string, text: string, from: string): void {
    this.#tell({ kind: 'data', topic, text, from });
  }

  /** The caller hangs up. */
  leave(): void {
    this.#disconnect();
    this.#tell({ kind: 'caller_left' });
  }

  subscribe(listener: (event: RoomEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async hangUp(): Promise<void> {
    this.#disconnect();
  }

  /** Where the caller was handed over to is told by the turn's effects; nobody answers here. */
  async transfer(): Promise<void> {
    this.#disconnect();
  }

  async sendDtmf(): Promise<void> {}

  callerSpeechEndedAtMs(): number | null {
    return this.#speechEndedAtMs;
  }

  #disconnect(): void {
    this.#connected = false;
    this.#clock.stop();
    for (const utterance of this.#utterances.splice(0)) utterance.done();
  }

  #onFrame(): void {
    const said = this.#nextCallerFrame();
    const heard = this.#lines?.caller.pass(said) ?? said;
    this.media.input.push(heard);
    this.recording.addFrame(heard, this.#lines?.agent.pass(this.#sounding) ?? this.#sounding);
    this.#sounding = this.media.output.pull() ?? SILENCE;
  }

  #nextCallerFrame(): Int16Array {
    const frame = new Int16Array(FRAME_SAMPLES);
    const utterance = this.#utterances[0];
    if (utterance === undefined) return frame;
    const end = this.#position + FRAME_SAMPLES;
    frame.set(utterance.pcm.subarray(this.#position, end));
    this.#noteSpeechEnd(utterance.speech.subarray(this.#position, end));
    this.#position = end;
    if (this.#position >= utterance.pcm.length) {
      this.#position = 0;
      this.#utterances.shift();
      utterance.done();
    }
    return frame;
  }

  #noteSpeechEnd(speech: Int16Array): void {
    const samples = speech.findLastIndex((sample) => Math.abs(sample) > AUDIBLE) + 1;
    if (samples === 0) return;
    const offsetMs = (samples * 1000) / ROOM_SAMPLE_RATE;
    this.#speechEndedAtMs = this.#clock.wallMs(this.elapsedMs + offsetMs);
  }

  #tell(event: RoomEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

function mix(speech: Int16Array, noise: Int16Array): Int16Array {
  if (noise.length === 0) return speech;
  return speech.map((sample, index) => {
    const sum = sample + (noise[index % noise.length] ?? 0);
    return Math.max(-32_768, Math.min(32_767, sum));
  });
}
