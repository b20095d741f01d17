import { setTimeout as delay } from 'node:timers/promises';
import { type CallOptions, runCall } from '../../src/call/call.ts';
import type { CallEvent } from '../../src/call/events.ts';
import type { CallReport } from '../../src/call/report.ts';
import { SimulatedRoom } from '../../src/simulator/simulated-room.ts';
import type { ScriptedSession } from './scripted-session.ts';
import { ToneStt, ToneTts, ToneVad, tone, WORD_MS } from './tone-speech.ts';

/** A call in a simulated room, spoken in tones, with short waits. */
export class ToneCall {
  readonly room = new SimulatedRoom({ telephony: false });
  readonly stt = new ToneStt();
  readonly tts = new ToneTts();
  readonly events: CallEvent[] = [];
  readonly #report: Promise<CallReport>;

  constructor(handle: ScriptedSession, options: Partial<CallOptions> = {}) {
    this.#report = runCall({
      room: this.room,
      handle,
      speech: { stt: this.stt, tts: this.tts, vad: new ToneVad() },
      endpointing: { minMs: 150, maxMs: 250 },
      noInputMs: 60_000,
      interDigitMs: 150,
      recoveryLine: 'Sorry.',
      maxDurationMs: 20_000,
      ...options,
      onEvent: (event) => {
        if (event.type === 'started') this.room.start();
        this.events.push(event);
      },
    });
  }

  /** The caller speaks for as long as the words take, and is understood to have said them. */
  async say(text: string): Promise<void> {
    this.stt.hears.push(text);
    await this.room.say(tone(text.split(' ').length * WORD_MS));
  }

  /** Until the call has told `count` events of this kind. */
  async seen(type: CallEvent['type'], count = 1): Promise<void> {
    await this.until(() => this.events.filter((event) => event.type === type).length >= count);
  }

  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await delay(5);
  }

  async hangUp(): Promise<CallReport> {
    this.room.leave();
    return await this.end();
  }

  async end(): Promise<CallReport> {
    const report = await this.#report;
    await this.room.close();
    return report;
  }
}
