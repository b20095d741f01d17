import type { Draft, TurnInput, TurnResult } from '../agent/agent.ts';
import type { SessionHandle } from '../session/handle.ts';
import type { TurnMarks } from './latency.ts';

/** What was played of a turn's words. */
export interface Playback {
  heardText: string;
  interrupted: boolean;
}

export interface TurnOptions {
  input: TurnInput;
  handle: SessionHandle;
  marks: TurnMarks;
  /** Spoken in place of words that the agent failed to find. */
  recoveryLine: string;
  /** Resolves when the turn before has put what was heard of it into the history. */
  previous: Promise<void>;
  /** Asked once `previous` is over: what the turn answers to, with what that one left unanswered. */
  complete(input: TurnInput): TurnInput;
  onError(error: unknown): void;
}

/**
 * How long a turn may take to tell its result once its words are over; then the call goes on without
 * it. An agent that stalls must not keep the caller waiting.
 */
const RESULT_WAIT_MS = 250;

/**
 * One turn of the agent in a call, from draft to what was heard of it. It is drafted when speech is
 * asked for, committed when its first audio goes out (or at its end, if it has no words), and
 * discarded if it is cut before that.
 */
export class CallTurn {
  input: TurnInput;
  readonly marks: TurnMarks;
  /** All the words the agent found, played or not. */
  text = '';
  heardText = '';
  interrupted = false;
  result: TurnResult | undefined;
  /** True once the turn happened; a turn that was cut before its first audio never did. */
  committed = false;
  readonly settled: Promise<void>;
  readonly #options: TurnOptions;
  readonly #cutting = new AbortController();
  readonly #markSettled: () => void;
  readonly #markRead: () => void;
  readonly #read: Promise<void>;
  #draft: Draft | undefined;
  #messageIdBefore: string | undefined;
  #settling = false;

  constructor(options: TurnOptions) {
    this.#options = options;
    this.input = options.input;
    this.marks = options.marks;
    const settled = Promise.withResolvers<void>();
    const read = Promise.withResolvers<void>();
    this.settled = settled.promise;
    this.#markSettled = settled.resolve;
    this.#read = read.promise;
    this.#markRead = read.resolve;
  }

  /** Works the turn out and hands its words to `say` as they come. Never rejects. */
  async speak(say: (text: string) => void): Promise<void> {
    await this.#options.previous;
    this.input = this.#options.complete(this.input);
    if (this.#cutting.signal.aborted) {
      this.#markRead();
      return;
    }
    await Promise.race([this.#readDraft(say), aborted(this.#cutting.signal)]);
  }

  /** The first audio of the words went out: the turn happens. */
  audioStarted(): void {
    this.marks.firstAudioAtMs ??= performance.now();
    this.#commit();
  }

  /** The caller cut in: no more words, whatever the agent is doing. */
  cut(): void {
    this.#cutting.abort();
  }

  /**
   * Brings the turn to its end. `playback` is `null` if no audio of it went out. The first call
   * counts.
   */
  async settle(playback: Playback | null): Promise<void> {
    if (this.#settling) return;
    this.#settling = true;
    try {
      if (playback === null) this.#settleUnheard();
      else await this.#settleHeard(playback);
    } catch (error) {
      this.#options.onError(error);
    }
    this.#markSettled();
  }

  async #readDraft(say: (text: string) => void): Promise<void> {
    const { signal } = this.#cutting;
    try {
      this.#messageIdBefore = lastMessageId(this.#options.handle);
      this.#draft = this.#options.handle.draft(this.input, { signal });
      for await (const chunk of this.#draft.stream) {
        if (chunk.type === 'done') this.result = chunk.result;
        else if (!signal.aborted && chunk.text !== '') this.#say(chunk.text, say);
      }
      if (this.text === '' && !signal.aborted) this.#commit();
    } catch (error) {
      if (!signal.aborted) this.#recover(error, say);
    } finally {
      this.#markRead();
    }
  }

  #say(text: string, say: (text: string) => void): void {
    this.marks.firstChunkAtMs ??= performance.now();
    this.text += text;
    say(text);
  }

  #recover(error: unknown, say: (text: string) => void): void {
    this.#options.onError(error);
    const separator = this.text === '' || /\s$/.test(this.text) ? '' : ' ';
    this.#say(separator + this.#options.recoveryLine, say);
  }

  #commit(): void {
    if (this.committed) return;
    this.committed = true;
    try {
      this.#draft?.commit();
    } catch (error) {
      this.#options.onError(error);
    }
  }

  #settleUnheard(): void {
    if (this.committed) return;
    this.cut();
    this.#draft?.discard();
  }

  async #settleHeard(playback: Playback): Promise<void> {
    if (playback.interrupted) this.cut();
    await Promise.race([this.#read, delay(RESULT_WAIT_MS)]);
    this.cut();
    this.interrupted = playback.interrupted;
    this.heardText = playback.interrupted ? playback.heardText : this.text;
    const messageId = this.result === undefined ? this.#newMessageId() : this.result.messageId;
    if (messageId !== undefined) this.#options.handle.heard(messageId, this.heardText);
  }

  /** An agent that stalled never tells which message is its own: it is the one that is new. */
  #newMessageId(): string | undefined {
    const id = lastMessageId(this.#options.handle);
    return id === this.#messageIdBefore ? undefined : id;
  }
}

function lastMessageId(handle: SessionHandle): string | undefined {
  return handle.chatCtx.items.findLast((item) => item.role === 'assistant')?.id;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
