import { voice } from '@livekit/agents';
import type { AudioFrame } from '@livekit/rtc-node';

/** Sample rate of the simulated room, in and out. */
export const ROOM_SAMPLE_RATE = 16_000;
export const FRAME_SAMPLES = ROOM_SAMPLE_RATE / 50;

/**
 * The agent's loudspeaker: frames arrive faster than real time and are taken one every 20 ms by the
 * room's clock. A segment lasts from its first frame to `flush()` played out, or to `clearBuffer()`.
 */
export class Playout extends voice.AudioOutput {
  #queue: Int16Array[] = [];
  #queuedSamples = 0;
  #playedSamples = 0;
  #segmentOpen = false;
  #started = false;
  #flushed = false;
  #paused = false;

  constructor() {
    super(ROOM_SAMPLE_RATE, undefined, { pause: true });
  }

  /** Whether a segment has begun to sound and is not over; a paused one counts. */
  get playing(): boolean {
    return this.#started;
  }

  override async captureFrame(frame: AudioFrame): Promise<void> {
    await super.captureFrame(frame);
    this.#segmentOpen = true;
    this.#flushed = false;
    this.#queue.push(frame.data.slice());
    this.#queuedSamples += frame.data.length;
  }

  override flush(): void {
    super.flush();
    this.#flushed = this.#segmentOpen;
  }

  override clearBuffer(): void {
    super.flush();
    if (this.#segmentOpen) this.#finish(true);
  }

  override pause(): void {
    this.#paused = true;
  }

  override resume(): void {
    this.#paused = false;
  }

  /** The next 20 ms that sound, or `null` for silence. */
  pull(): Int16Array | null {
    if (this.#paused || !this.#segmentOpen) return null;
    if (this.#queuedSamples === 0) {
      if (this.#flushed) this.#finish(false);
      return null;
    }
    if (this.#queuedSamples < FRAME_SAMPLES && !this.#flushed) return null;
    const frame = this.#take();
    if (!this.#started) {
      this.#started = true;
      this.onPlaybackStarted(Date.now());
    }
    return frame;
  }

  #take(): Int16Array {
    const frame = new Int16Array(FRAME_SAMPLES);
    let filled = 0;
    while (filled < FRAME_SAMPLES) {
      const chunk = this.#queue[0];
      if (chunk === undefined) break;
      const part = chunk.subarray(0, FRAME_SAMPLES - filled);
      frame.set(part, filled);
      filled += part.length;
      if (part.length === chunk.length) this.#queue.shift();
      else this.#queue[0] = chunk.subarray(part.length);
    }
    this.#queuedSamples -= filled;
    this.#playedSamples += filled;
    return frame;
  }

  #finish(interrupted: boolean): void {
    const playbackPosition = this.#playedSamples / ROOM_SAMPLE_RATE;
    this.#queue = [];
    this.#queuedSamples = 0;
    this.#playedSamples = 0;
    this.#segmentOpen = false;
    this.#started = false;
    this.#flushed = false;
    this.onPlaybackFinished({ playbackPosition, interrupted });
  }
}
