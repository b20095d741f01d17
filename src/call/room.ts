import type { voice } from '@livekit/agents';
import type { Room } from '@livekit/rtc-node';

/**
 * Where a call's audio comes from and goes to: a pair of streams, or a LiveKit room that the
 * speech session joins by itself.
 */
export type CallMedia = { input: voice.AudioInput; output: voice.AudioOutput } | { room: Room };

/** What happens in a room besides audio. */
export type RoomEvent =
  | { kind: 'dtmf'; digit: string }
  | { kind: 'data'; topic: string; text: string; from: string }
  | { kind: 'caller_left' };

/** All that a call knows of the place where it happens. */
export interface CallRoom {
  readonly media: CallMedia;
  /** Returns the function that ends the subscription. */
  subscribe(listener: (event: RoomEvent) => void): () => void;
  /** Ends the caller's connection. */
  hangUp(): Promise<void>;
  /** Hands the caller over; rejects if the other side does not take the call. */
  transfer(to: string, mode: 'cold' | 'warm'): Promise<void>;
  /** Plays tones to the caller's side. */
  sendDtmf(digits: string): Promise<void>;
  /**
   * When the caller's last audible sample was over, in milliseconds of `performance.now()`, for
   * rooms that know it better than voice activity detection; `null` while nothing was said.
   */
  callerSpeechEndedAtMs?(): number | null;
}

/** The topic of a supervisor's message to the agent; its text is whispered. */
export const ASSIST_TOPIC = 'superdialog.assist';
