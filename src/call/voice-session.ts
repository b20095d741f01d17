import { ReadableStream, TransformStream } from 'node:stream/web';
import { setTimeout as delay } from 'node:timers/promises';
import { llm, type stt, type tts, type VAD, voice } from '@livekit/agents';
import type { AudioFrame } from '@livekit/rtc-node';
import { prepareLiveKitLog } from './livekit-log.ts';
import { MachineLLM, type SpokenTurn } from './machine-llm.ts';
import type { CallMedia } from './room.ts';
import { SpokenAudio } from './spoken-audio.ts';
import type { Playback } from './turn.ts';
import { RuleTurnDetector } from './turn-detector.ts';

/** Ears and voice of one call. */
export interface CallSpeech {
  stt: stt.STT;
  tts: tts.TTS;
  vad: VAD;
}

export interface VoiceTurn extends SpokenTurn {
  audioStarted(): void;
  cut(): void;
  settle(playback: Playback | null): Promise<void>;
  readonly settled: Promise<void>;
}

export interface VoiceListener {
  callerStarted(): void;
  callerStopped(): void;
  /** One more final piece of what the caller says; a turn may have several. */
  transcript(text: string): void;
  /** The caller is done: `text` is the whole turn. */
  callerTurn(text: string): void;
  error(stage: 'stt' | 'tts' | 'agent', error: unknown): void;
  /** The session ended without being asked to. */
  failed(error: unknown): void;
}

/** How long the caller must be silent before it is the agent's turn, in milliseconds. */
export interface Endpointing {
  /** After words that sound complete. */
  minMs: number;
  /** After a digit, or in the middle of a sentence. */
  maxMs: number;
}

export interface VoiceSessionOptions {
  media: CallMedia;
  speech: CallSpeech;
  endpointing: Endpointing;
  /** Speech of the caller that makes the agent pause, in milliseconds. */
  bargeInMs: number;
  listener: VoiceListener;
}

/**
 * How long the agent stays paused after a sound that turned out to hold no words. It must leave
 * time for the recognition of a short word that began the pause.
 */
const FALSE_BARGE_IN_MS = 1200;

/** How long the end of a call waits for the last words' playback to be cut. */
const STOP_WAIT_MS = 500;

/**
 * The speech loop of one call: the only place that knows LiveKit's `AgentSession`. The session
 * recognises, speaks, pauses and cuts; whose turn it is and what is said is decided by the call,
 * which asks for each turn with `say`.
 */
export class VoiceSession {
  readonly #options: VoiceSessionOptions;
  readonly #llm = new MachineLLM();
  readonly #session: voice.AgentSession;
  #speaking: { turn: VoiceTurn; audio: SpokenAudio; started: boolean } | undefined;
  #closed = false;

  constructor(options: VoiceSessionOptions) {
    prepareLiveKitLog();
    this.#options = options;
    this.#session = new voice.AgentSession({
      ...options.speech,
      llm: this.#llm,
      // Echo is the room's affair; the default would ignore the caller for the first 3 s.
      aecWarmupDuration: null,
      // The call counts silence by itself.
      userAwayTimeout: null,
      // In 1.9.0 a cut while speech is still being synthesised leaves this stream open, and the next
      // answer waits 4 s for it. Which words were played is read from the audio frames instead.
      useTtsAlignedTranscript: false,
      // What is in the history must be what was spoken.
      ttsTextTransforms: null,
      turnHandling: {
        turnDetection: new RuleTurnDetector(),
        preemptiveGeneration: { enabled: false },
        endpointing: {
          mode: 'fixed',
          minDelay: options.endpointing.minMs,
          maxDelay: options.endpointing.maxMs,
        },
        interruption: {
          enabled: true,
          // Left open, LIVEKIT_DEV_MODE would choose a cloud model.
          mode: 'vad',
          minDuration: options.bargeInMs,
          minWords: 0,
          falseInterruptionTimeout: FALSE_BARGE_IN_MS,
          resumeFalseInterruption: true,
        },
      },
    });
  }

  async start(): Promise<void> {
    this.#listen();
    const agent = new SpeakingAgent({
      callerTurn: (text) => {
        if (!this.#closed) this.#options.listener.callerTurn(text);
      },
      spokenAudio: () => this.#speaking?.audio,
    });
    const { media } = this.#options;
    if ('room' in media) {
      await this.#session.start({ agent, room: media.room, record: false });
    } else {
      this.#session.input.audio = media.input;
      this.#session.output.audio = media.output;
      await this.#session.start({ agent, record: false });
    }
    this.#followPlayout(this.#session.output.audio);
  }

  /** Begins a turn; `turn` is told what becomes of it and is settled in the end, whatever happens. */
  say(turn: VoiceTurn): void {
    const message = llm.ChatMessage.create({ role: 'user', content: '' });
    this.#llm.expect(message.id, {
      speak: (say) =>
        turn.speak((text) => {
          if (this.#speaking?.turn !== turn) {
            this.#speaking = { turn, audio: new SpokenAudio(), started: false };
          }
          say(text);
        }),
    });
    const speech = this.#session.generateReply({ userInput: message, inputModality: 'audio' });
    void speech.waitIfNotInterrupted([speech.waitForPlayout()]).then(() => {
      if (speech.interrupted) turn.cut();
    });
    speech.addDoneCallback(() => {
      this.#llm.forget(message.id);
      void turn.settle(null);
    });
  }

  /** Cuts what the agent says, and forgets what the caller has begun to say. */
  cutBoth(): void {
    this.#session.interrupt();
    this.#session.clearUserTurn();
  }

  /** Cuts what the agent says, and waits until it is known what was played of it. */
  async stopSpeaking(): Promise<void> {
    const { turn } = this.#speaking ?? {};
    if (this.#closed || turn === undefined) return;
    this.#session.interrupt();
    await Promise.race([turn.settled, delay(STOP_WAIT_MS)]);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#session.close();
    await this.#llm.aclose();
    this.#session.removeAllListeners();
  }

  #listen(): void {
    const { listener } = this.#options;
    const events = voice.AgentSessionEventTypes;
    this.#session.on(events.UserStateChanged, ({ newState }) => {
      if (newState === 'speaking') listener.callerStarted();
      if (newState === 'listening') listener.callerStopped();
    });
    this.#session.on(events.UserInputTranscribed, ({ transcript, isFinal }) => {
      if (isFinal) listener.transcript(transcript);
    });
    this.#session.on(events.Error, ({ error }) => {
      if (!this.#closed) listener.error(stageOf(error), errorOf(error));
    });
    this.#session.on(events.Close, ({ error }) => {
      if (!this.#closed) listener.failed(errorOf(error));
    });
  }

  #followPlayout(output: voice.AudioOutput | null): void {
    output?.on(voice.AudioOutput.EVENT_PLAYBACK_STARTED, () => {
      if (this.#speaking === undefined) return;
      this.#speaking.started = true;
      this.#speaking.turn.audioStarted();
    });
    output?.on(
      voice.AudioOutput.EVENT_PLAYBACK_FINISHED,
      ({ playbackPosition, interrupted }: voice.PlaybackFinishedEvent) => {
        const speaking = this.#speaking;
        this.#speaking = undefined;
        if (speaking === undefined) return;
        if (!speaking.started) {
          // Its audio was cleared while it was held back by a pause: nobody heard of it.
          void speaking.turn.settle(null);
          return;
        }
        const heardText = speaking.audio.heard(playbackPosition * 1000);
        void speaking.turn.settle({ heardText, interrupted });
      },
    );
  }
}

interface SpeakingAgentHooks {
  callerTurn(text: string): void;
  spokenAudio(): SpokenAudio | undefined;
}

class SpeakingAgent extends voice.Agent {
  readonly #hooks: SpeakingAgentHooks;

  constructor(hooks: SpeakingAgentHooks) {
    super({ instructions: '' });
    this.#hooks = hooks;
  }

  /** The call answers through `say`; the session must not answer by itself. */
  override async onUserTurnCompleted(
    _chatCtx: llm.ChatContext,
    message: llm.ChatMessage,
  ): Promise<void> {
    this.#hooks.callerTurn(message.textContent ?? '');
    throw new voice.StopResponse();
  }

  override async ttsNode(
    text: Parameters<voice.Agent['ttsNode']>[0],
    settings: voice.ModelSettings,
  ): Promise<ReadableStream<AudioFrame> | null> {
    const spoken = this.#hooks.spokenAudio();
    if (spoken === undefined) return super.ttsNode(text, settings);
    const frames = await super.ttsNode(noteText(text, spoken), settings);
    return frames?.pipeThrough(noteFrames(spoken)) ?? null;
  }
}

function noteText(text: Parameters<voice.Agent['ttsNode']>[0], spoken: SpokenAudio) {
  return ReadableStream.from(
    (async function* () {
      for await (const chunk of text) {
        spoken.addText(chunk);
        yield chunk;
      }
    })(),
  );
}

function noteFrames(spoken: SpokenAudio): TransformStream<AudioFrame, AudioFrame> {
  return new TransformStream({
    transform(frame, controller) {
      spoken.addFrame(frame);
      controller.enqueue(frame);
    },
    flush: () => spoken.finish(),
  });
}

function stageOf(error: unknown): 'stt' | 'tts' | 'agent' {
  const type = isRecord(error) ? error.type : undefined;
  if (type === 'stt_error') return 'stt';
  return type === 'tts_error' ? 'tts' : 'agent';
}

/** LiveKit's error events wrap the error that was thrown. */
function errorOf(error: unknown): unknown {
  return isRecord(error) && 'error' in error ? error.error : error;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
