import type { HostEffect, TurnInput } from '../agent/agent.ts';
import { type AgentError, agentErrorOf } from '../agent/turns.ts';
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

/** One call: where it is, who talks, and within which bounds. */
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
  /** What the caller did in a turn that was cut before its first audio; it belongs to the next one. */
  #unanswered: TurnInput | undefined;
  #opened = false;
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
      this.#begin({ kind: 'opened' }, { decidedAtMs: performance.now() });
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
    this.#begin({ kind: 'text', text }, marks);
  }

  #onDigits(digits: string): void {
    this.#silence.reset();
    this.#emit({ type: 'dtmf', digits });
    this.#begin({ kind: 'dtmf', digits }, { decidedAtMs: performance.now() });
  }

  #onSilence(count: number): void {
    this.#emit({ type: 'silence', count });
    this.#begin({ kind: 'silence', count }, { decidedAtMs: performance.now() });
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

  #begin(event: TurnInput, marks: TurnMarks): void {
    if (this.#over) return;
    this.#silence.stop();
    const turn = new CallTurn({
      input: event,
      marks,
      handle: this.#options.handle,
      recoveryLine: this.#options.recoveryLine,
      previous: this.#lastSettled,
      complete: (input) => this.#completed(input),
      onError: (error) => this.#report('agent', error),
    });
    this.#current = turn;
    this.#lastSettled = turn.settled;
    void turn.settled.then(() => this.#onSettled(turn));
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

  /** Adds what was left unanswered. A caller who speaks before the opening is answered with it. */
  #completed(event: TurnInput): TurnInput {
    const before = this.#unanswered;
    this.#unanswered = undefined;
    if (!this.#opened && event.kind !== 'dtmf') return { kind: 'opened' };
    return joinInputs(before, event);
  }

  #onSettled(turn: CallTurn): void {
    if (turn.committed) {
      this.#opened = true;
      this.#record(turn);
    } else {
      this.#unanswered = joinInputs(this.#unanswered, turn.input);
    }
    if (this.#current !== turn) return;
    this.#current = undefined;
    if (turn.committed && !turn.interrupted && this.#comesToEnd(turn)) return;
    if (!this.#callerSpeaking && !this.#over) this.#silence.start();
  }

  #record(turn: CallTurn): void {
    const survived = turn.result && agentErrorOf(turn.result);
    if (survived !== undefined) this.#note('agent', survived);
    const report = reportTurn(this.#turns.length, turn);
    this.#turns.push(report);
    const decidedAtMs = this.#sinceStart(turn.marks.decidedAtMs ?? performance.now());
    this.#emit({ type: 'turn', turn: report, decidedAtMs });
  }

  /** Begins what was due once the words were heard; true if that ends the call. */
  #comesToEnd(turn: CallTurn): boolean {
    const { effects = [], ended = false, outcome = null } = turn.result ?? {};
    if (ended) {
      this.#ended = true;
      this.#outcome = outcome;
    }
    const last = ended || effects.some((effect) => effect.kind !== 'dtmf');
    if (last || effects.length > 0) void this.#carryOut(effects, last);
    return last;
  }

  async #carryOut(effects: readonly HostEffect[], last: boolean): Promise<void> {
    const transferred = await this.#apply(effects);
    if (transferred) this.#end('transfer');
    else if (this.#ended || effects.some((effect) => effect.kind === 'hang_up')) {
      await this.#attempt(() => this.#options.room.hangUp());
      this.#end('agent');
    } else if (last && !this.#over) {
      // The transfer failed: the caller is still there, and the flow has not ended.
      this.#silence.start();
    }
  }

  /** True if the caller was handed over. */
  async #apply(effects: readonly HostEffect[]): Promise<boolean> {
    const { room } = this.#options;
    for (const effect of effects) {
      if (effect.kind === 'dtmf') await this.#attempt(() => room.sendDtmf(effect.digits));
      if (effect.kind !== 'transfer') continue;
      if (await this.#attempt(() => room.transfer(effect.to, effect.mode))) return true;
    }
    return false;
  }

  async #attempt(effect: () => Promise<void>): Promise<boolean> {
    try {
      await effect();
      return true;
    } catch (error) {
      this.#report('call', error);
      return false;
    }
  }

  #end(by: CallEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#endedAtMs = performance.now();
    this.#silence.stop();
    this.#dtmf.stop();
    void this.#voice.stopSpeaking().then(() => this.#finished.resolve(by));
    if (by === 'max_duration') void this.#attempt(() => this.#options.room.hangUp());
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
    if (error instanceof SuperdialogError) return this.#note(stage, error);
    const message = error instanceof Error ? error.name : 'unknown error';
    this.#note(stage, { code: 'unexpected', message });
  }

  #note(stage: CallError['stage'], { code, message }: AgentError): void {
    const error = { stage, atMs: this.#sinceStart(performance.now()), code, message };
    this.#errors.push(error);
    this.#emit({ type: 'error', error });
  }

  #emit(event: DistributiveOmit<CallEvent, 'atMs'>): void {
    try {
      this.#options.onEvent?.({ atMs: this.#sinceStart(performance.now()), ...event });
    } catch {
      // Whoever watches a call must not be able to end it.
    }
  }

  #sinceStart(atMs: number): number {
    return Math.max(0, Math.round(atMs - this.#startedAtMs));
  }
}

function joinInputs(before: TurnInput | undefined, event: TurnInput): TurnInput {
  if (before?.kind === 'text' && event.kind === 'text') {
    return { kind: 'text', text: `${before.text} ${event.text}` };
  }
  if (before?.kind === 'dtmf' && event.kind === 'dtmf') {
    return { kind: 'dtmf', digits: before.digits + event.digits };
  }
  return event;
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
