import { USERDATA_TIMED_TRANSCRIPT, voice } from '@livekit/agents';
import type { AudioFrame } from '@livekit/rtc-node';
import { heardText, type SpokenPiece } from './heard-text.ts';

/**
 * What one utterance's audio says and where: fed with the text that goes into speech synthesis and
 * the frames that come out, asked afterwards for the words of its first milliseconds.
 */
export class SpokenAudio {
  readonly #pieces: SpokenPiece[] = [];
  #text = '';
  #durationMs = 0;

  addText(text: string): void {
    this.#text += text;
  }

  addFrame(frame: AudioFrame): void {
    for (const timed of timedStrings(frame)) {
      this.#endPiece();
      this.#pieces.push({
        text: timed.text,
        startMs: inMs(timed.startTime) ?? this.#durationMs,
        endMs: inMs(timed.endTime),
      });
    }
    this.#durationMs += (frame.samplesPerChannel / frame.sampleRate) * 1000;
  }

  /** Tells that no more frames come. */
  finish(): void {
    this.#endPiece();
  }

  heard(playedMs: number): string {
    if (this.#pieces.length > 0) return heardText(this.#pieces, playedMs);
    return heardText([{ text: this.#text, startMs: 0, endMs: this.#durationMs }], playedMs);
  }

  #endPiece(): void {
    const last = this.#pieces.at(-1);
    if (last !== undefined) last.endMs ??= this.#durationMs;
  }
}

/** The texts whose audio begins with this frame, where the speech synthesis says so. */
function timedStrings(frame: AudioFrame): voice.TimedString[] {
  const timed = frame.userdata[USERDATA_TIMED_TRANSCRIPT];
  return Array.isArray(timed) ? timed.filter(voice.isTimedString) : [];
}

function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}
