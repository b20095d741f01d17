import { setTimeout as delay } from 'node:timers/promises';
import type { CallEvent } from '../call/events.ts';
import { ASSIST_TOPIC } from '../call/room.ts';
import type { PreparedStep } from './caller-audio.ts';
import { FRAME_MS } from './frame-clock.ts';
import type { SimulatedRoom } from './simulated-room.ts';

/** The identity under which the script's whispers arrive. */
export const SUPERVISOR = 'supervisor';

/** A polite caller answers so long after the agent has fallen silent. */
const ANSWER_AFTER_MS = 400;
/** A caller who gets no answer goes on after this. */
const PATIENCE_MS = 15_000;
/** Time between two tones of one input. */
const TONE_EVERY_MS = 200;
/** After the script's last step, the caller hangs up when nothing has happened for so long. */
const HANG_UP_AFTER_MS = 5_000;

/** An utterance of the script, in milliseconds from the call's start. */
export interface Utterance {
  /** `null` if the words are not known, as in a recording. */
  said: string | null;
  startedAtMs: number;
}

/**
 * Plays a scenario's steps in a room. A step without `atMs` waits until the agent has answered what
 * came before (a whole turn, not a gap between two sentences) and has been silent for 400 ms; if no
 * answer comes within 15 s it goes on all the same, and that is noted. `interrupt` waits for the
 * agent to speak instead. `wait` counts from the same moment as a `say` would begin. `noise` stays
 * under all that is said after it, and `whisper` and `noise` take no time. When the script is over
 * and nothing happens for 5 s, the caller hangs up.
 */
export class ScriptedCaller {
  readonly utterances: Utterance[] = [];
  readonly notes: string[] = [];
  readonly #room: SimulatedRoom;
  readonly #steps: readonly PreparedStep[];
  #noise: Int16Array | null = null;
  /** The answer to what happened at this time is waited for; `null` once it has come. */
  #unansweredSinceMs: number | null = 0;
  #lastEventAtMs = 0;

  constructor(room: SimulatedRoom, steps: readonly PreparedStep[]) {
    this.#room = room;
    this.#steps = steps;
  }

  onCallEvent(event: CallEvent): void {
    this.#lastEventAtMs = event.atMs;
    const since = this.#unansweredSinceMs;
    if (event.type === 'turn' && since !== null && event.decidedAtMs >= since) {
      this.#unansweredSinceMs = null;
    }
  }

  /** Resolves when the script is over or the call is. */
  async run(): Promise<void> {
    for (const [index, step] of this.#steps.entries()) {
      if (!this.#room.connected) return;
      await this.#untilDue(step, index);
      if (!this.#room.connected) return;
      await this.#do(step);
    }
    await this.#until(() => this.#idleMs >= HANG_UP_AFTER_MS);
    if (this.#room.connected) this.#room.leave();
  }

  async #untilDue({ step }: PreparedStep, index: number): Promise<void> {
    const { atMs } = step;
    if (atMs !== undefined) await this.#until(() => this.#room.elapsedMs >= atMs);
    else if (step.kind === 'interrupt') await this.#untilAgentHasSpoken(step.afterMs, index);
    else if (step.kind !== 'noise' && step.kind !== 'whisper') await this.#untilMyTurn(index);
  }

  async #do({ step, pcm, said }: PreparedStep): Promise<void> {
    if (step.kind === 'say' || step.kind === 'wav' || step.kind === 'interrupt') {
      this.utterances.push({ said, startedAtMs: this.#room.elapsedMs });
      await this.#room.say(pcm, this.#noise);
      this.#expectAnswer();
    } else if (step.kind === 'dtmf') {
      await this.#press(step.digits);
    } else if (step.kind === 'wait') {
      const endMs = this.#room.elapsedMs + step.ms;
      await this.#until(() => this.#room.elapsedMs >= endMs);
    } else if (step.kind === 'noise') {
      this.#noise = pcm;
    } else if (step.kind === 'whisper') {
      this.#room.sendData(ASSIST_TOPIC, step.text, SUPERVISOR);
    } else {
      this.#room.leave();
    }
  }

  async #press(digits: string): Promise<void> {
    for (const [index, digit] of [...digits].entries()) {
      if (index > 0) await delay(TONE_EVERY_MS);
      this.#room.press(digit);
    }
    this.#expectAnswer();
  }

  #expectAnswer(): void {
    this.#unansweredSinceMs = this.#room.elapsedMs;
  }

  async #untilMyTurn(index: number): Promise<void> {
    const patientUntilMs = this.#room.elapsedMs + PATIENCE_MS;
    await this.#until(() => {
      const { playing, silentSinceMs } = this.#room.agentSound;
      if (playing) return false;
      if (this.#unansweredSinceMs !== null) return this.#room.elapsedMs >= patientUntilMs;
      return this.#room.elapsedMs - silentSinceMs >= ANSWER_AFTER_MS;
    });
    if (this.#unansweredSinceMs !== null) this.#noteNoAnswer(index);
  }

  async #untilAgentHasSpoken(afterMs: number, index: number): Promise<void> {
    const patientUntilMs = this.#room.elapsedMs + PATIENCE_MS;
    await this.#until(() => {
      const { playing, startedAtMs } = this.#room.agentSound;
      const spoken = playing && this.#room.elapsedMs - startedAtMs >= afterMs;
      return spoken || (!playing && this.#room.elapsedMs >= patientUntilMs);
    });
    if (!this.#room.agentSound.playing) this.#noteNoAnswer(index);
  }

  #noteNoAnswer(index: number): void {
    if (!this.#room.connected) return;
    this.notes.push(`The agent did not speak before step ${index + 1} of the script.`);
    this.#unansweredSinceMs = null;
  }

  get #idleMs(): number {
    const { playing, silentSinceMs } = this.#room.agentSound;
    if (playing) return 0;
    const lastMs = Math.max(silentSinceMs, this.#lastEventAtMs, this.#unansweredSinceMs ?? 0);
    return this.#room.elapsedMs - lastMs;
  }

  async #until(isTrue: () => boolean): Promise<void> {
    while (this.#room.connected && !isTrue()) await delay(FRAME_MS / 2);
  }
}
