import type { HostEffect, TurnInput } from '../agent/agent.ts';
import { SuperdialogError } from '../errors.ts';
import type { SessionHandle } from '../session/handle.ts';
import { DtmfCollector } from './dtmf-collector.ts';
import type { CallEvent, CallListener } from './events.ts';
import type { TurnMarks } from './latency.ts';
import {
  type CallEnd,
  type CallError,
  type CallReport,
  reportTurn,
  type TurnReport,
} from './report.ts';
import { ASSIST_TOPIC, type CallRoom, type RoomEvent } from './room.ts';
import { SilenceTimer } from './silence-timer.ts';
import { CallTurn, type Playback } from './turn.ts';
import { type CallSpeech, type Endpointing, VoiceSession } from './voice-session.ts';

export interface CallOptions {
  room: CallRoom;
  handle: SessionHandle;
  speech: CallSpeech;
  /** Name of the flow, for the report. */
  flow?: string;
  /** Default 450 and 650: people pause up to 500 ms inside a number. */
  endpointing?: Endpointing;
  /** Speech of the caller that stops the agent. Default 200. */
  bargeInMs?: number;
  /** The caller's silence, after the agent's words, that becomes a turn. Default 8000. */
  noInputMs?: number;
  /** Longest pause between two tones of one DTMF input. Default 600. */
  interDigitMs?: number;
  /** Default one hour. */
  maxDurationMs?: number;
  /** Spoken when the agent fails to find words. */
  recoveryLine?: string;
  /** Identities whose `superdialog.assist` messages are whispered to the agent. Default none. */
  supervisors?: readonly string[];
  onEvent?: CallListener;
}

const DEFAULTS = {
  endpointing: { minMs: 450, maxMs: 650 },
  bargeInMs: 200,
  noInputMs: 8000,
  interDigitMs: 600,
  maxDurationMs: 3_600_000,
  recoveryLine: 'Sorry, something went wrong. Could you say that again?',
};

/**
 * Holds one call in a room until it ends, and tells what happened. Rejects only if the speech
 * session cannot be started. The handle, the room and the speech models stay open: they belong to
 * who made them.
 */
export async function runCall(options: CallOptions): Promise<CallReport> {
  return new Call(options).run();
}

class Call {
  readonly #options: CallOptions & typeof DEFAULTS;
  readonly #voice: VoiceSession;
  readonly #silence: SilenceTimer;
  readonly #dtmf: DtmfCollector;
  readonly #turns: TurnReport[] = [];
  readonly #errors: CallError[] = [];
  readonly #finished = Promise.withResolvers<CallEnd>();
  #startedAtMs = performance.now();
  #endedAtMs = performance.now();
  #current: CallTurn | undefined;
  #lastSettled: Promise<void> = Promise.resolve();
  /** Marks of the caller's turn that is being heard. */
  #callerMarks: TurnMarks = {};
  #callerSpeaking = false;
  /** Words whose turn was cut before its first audio; they belong to the next one. */
  #unanswered = '';
  #outcome: string | null = null;
  #ended = false;
  #over = false;

  constructor(options: CallOptions) {
    this.#options = { ...DEFAULTS, ...options };
    this.#silence = new SilenceTimer(this.#options.noInputMs, (count) => this.#onSilence(count));
    this.#dtmf = new DtmfCollector(this.#options.interDigitMs, (digits) => this.#onDigits(digits));
    this.#voice = new VoiceSession({
      media: options.room.media,
      speech: options.speech,
      endpointing: this.#options.endpointing,
      bargeInMs: this.#options.bargeInMs,
      listener: {
        callerStarted: () => this.#onCallerStarted(),
        callerStopped: () => this.#onCallerStopped(),
        transcript: () => {
          this.#callerMarks.transcriptAtMs = performance.now();
        },
        callerTurn: (text) => this.#onCallerTurn(text),
        error: (stage, error) => this.#report(stage, error),
        failed: (error) => {
          this.#report('call', error);
          this.#end('failed');
        },
      },
    });
  }

  async run(): Promise<CallReport> {
    const unsubscribe = this.#options.room.subscribe((event) => this.#onRoomEvent(event));
    const limit = setTimeout(() => this.#end('max_duration'), this.#options.maxDurationMs);
    try {
      await this.#voice.start();
      this.#startedAtMs = performance.now();
      this.#emit({ type: 'started' });
      this.#begin({ kind: 'opened' }, null, { decidedAtMs: performance.now() });
      await this.#finished.promise;
    } finally {
      this.#over = true;
      clearTimeout(limit);
      this.#silence.stop();
      this.#dtmf.stop();
      unsubscribe();
      await this.#voice.close();
      await this.#current?.settle(null);
    }
    const endedBy = await this.#finished.promise;
    this.#emit({ type: 'ended', by: endedBy });
    return this.#makeReport(endedBy);
  }

  // What the caller does

  #onCallerStarted(): void {
    this.#callerSpeaking = true;
    this.#silence.stop();
  }

  #onCallerStopped(): void {
    this.#callerSpeaking = false;
    const { room, speech } = this.#options;
    const noticedEndMs = performance.now() - (speech.vad.minSilenceDuration ?? 0);
    this.#callerMarks.speechEndedAtMs = room.callerSpeechEndedAtMs?.() ?? noticedEndMs;
    if (this.#current === undefined) this.#silence.start();
  }

  #onCallerTurn(text: string): void {
    const marks = { ...this.#callerMarks, decidedAtMs: performance.now() };
    this.#callerMarks = {};
    this.#silence.reset();
    this.#emit({ type: 'caller', text });
    const whole = `${this.#unanswered} ${text}`.trim();
    this.#unanswered = '';
    this.#begin({ kind: 'text', text: whole }, whole, marks);
  }

  #onDigits(digits: string): void {
    this.#silence.reset();
    this.#emit({ type: 'dtmf', digits });
    this.#begin({ kind: 'dtmf', digits }, digits, { decidedAtMs: performance.now() });
  }

  #onSilence(count: number): void {
    this.#emit({ type: 'silence', count });
    this.#begin({ kind: 'silence', count }, null, { decidedAtMs: performance.now() });
  }

  #onRoomEvent(event: RoomEvent): void {
    if (this.#over) return;
    if (event.kind === 'caller_left') this.#end('caller');
    else if (event.kind === 'dtmf') this.#onTone(event.digit);
    else this.#onData(event);
  }

  #onTone(digit: string): void {
    this.#silence.stop();
    this.#callerMarks = {};
    this.#voice.cutBoth();
    this.#dtmf.push(digit);
  }

  #onData(event: RoomEvent & { kind: 'data' }): void {
    const supervisors = this.#options.supervisors ?? [];
    if (event.topic !== ASSIST_TOPIC || !supervisors.includes(event.from)) return;
    try {
      this.#options.handle.assist(event.text);
      this.#emit({ type: 'whisper' });
    } catch (error) {
      this.#report('agent', error);
    }
  }

  // What the agent does

  #begin(input: TurnInput, userText: string | null, marks: TurnMarks): void {
    if (this.#over) return;
    this.#silence.stop();
    const turn = new CallTurn({
      input,
      marks,
      handle: this.#options.handle,
      recoveryLine: this.#options.recoveryLine,
      previous: this.#lastSettled,
      onError: (error) => this.#report('agent', error),
    });
    this.#current = turn;
    this.#lastSettled = turn.settled;
    void turn.settled.then(() => this.#onSettled(turn, userText));
    this.#voice.say({
      speak: (say) => turn.speak(say),
      audioStarted: () => {
        turn.audioStarted();
        this.#emit({ type: 'speaking' });
      },
      cut: () => turn.cut(),
      settle: (playback: Playback | null) => turn.settle(playback),
      settled: turn.settled,
    });
  }

  #onSettled(turn: CallTurn, userText: string | null): void {
    if (turn.committed) this.#record(turn, userText);
    else if (turn.input.kind === 'text') this.#unanswered = turn.input.text;
    if (this.#current !== turn) return;
    this.#current = undefined;
    if (turn.committed && !turn.interrupted && this.#comesToEnd(turn)) return;
    if (!this.#callerSpeaking && !this.#over) this.#silence.start();
  }

  #record(turn: CallTurn, userText: string | null): void {
    const report = reportTurn(this.#turns.length, turn, userText);
    this.#turns.push(report);
    const decidedAtMs = this.#sinceStart(turn.marks.decidedAtMs ?? performance.now());
    this.#emit({ type: 'turn', turn: report, decidedAtMs });
  }

  /** Carries out what was due once the words were heard; true if that is the end of the call. */
  #comesToEnd(turn: CallTurn): boolean {
    const effects = turn.result?.effects ?? [];
    const ended = turn.result?.ended ?? false;
    if (ended) {
      this.#ended = true;
      this.#outcome = turn.result?.outcome ?? null;
    }
    const last = ended || effects.some((effect) => effect.kind !== 'dtmf');
    if (!last && effects.length === 0) return false;
    void this.#carryOut(effects, last);
    return last;
  }

  async #carryOut(effects: readonly HostEffect[], last: boolean): Promise<void> {
    const { room } = this.#options;
    let transferred = false;
    try {
      for (const effect of effects) {
        if (effect.kind === 'dtmf') await room.sendDtmf(effect.digits);
        if (effect.kind === 'transfer') {
          await room.transfer(effect.to, effect.mode);
          transferred = true;
        }
      }
      if (last && !transferred) await room.hangUp();
    } catch (error) {
      this.#report('call', error);
    }
    if (last) this.#end(transferred ? 'transfer' : 'agent');
  }

  #end(by: CallEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#endedAtMs = performance.now();
    this.#silence.stop();
    this.#dtmf.stop();
    void this.#voice.stopSpeaking().then(() => this.#finished.resolve(by));
    if (by === 'max_duration') void this.#options.room.hangUp().catch(() => undefined);
  }

  // What is told of it

  #makeReport(endedBy: CallEnd): CallReport {
    return {
      flow: this.#options.flow ?? null,
      outcome: this.#outcome,
      ended: this.#ended,
      endedBy,
      durationMs: this.#sinceStart(this.#endedAtMs),
      wordErrorRate: null,
      errors: this.#errors,
      turns: this.#turns,
    };
  }

  /** Messages of errors that are not ours may quote the caller: only their names are kept. */
  #report(stage: CallError['stage'], error: unknown): void {
    const message =
      error instanceof SuperdialogError
        ? error.message
        : error instanceof Error
          ? error.name
          : 'unknown error';
    const reported = { stage, atMs: this.#sinceStart(performance.now()), message };
    this.#errors.push(reported);
    this.#emit({ type: 'error', error: reported });
  }

  #emit(event: DistributiveOmit<CallEvent, 'atMs'>): void {
    this.#options.onEvent?.({ atMs: this.#sinceStart(performance.now()), ...event });
  }

  #sinceStart(atMs: number): number {
    return Math.max(0, Math.round(atMs - this.#startedAtMs));
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
