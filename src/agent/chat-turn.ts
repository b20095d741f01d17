import { randomUUID } from 'node:crypto';
import { SuperdialogError, UsageError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { ToolCall, TurnResult } from './agent.ts';
import type { AnsweredToolCall, ChatMessage } from './chat-context.ts';
import type { DraftContext, TurnWork } from './turn-draft.ts';

/** One turn, for whoever finds its words. */
export interface ChatTurn {
  /** What the caller said; of pressed keys the digits. */
  readonly text: string;
  /** The conversation, up to and with what the caller has just said. */
  readonly history: readonly ChatMessage[];
  /** Guidance for this turn alone. Never to be spoken. */
  readonly whispers: readonly string[];
  /** Aborted when nobody wants the words any more. */
  readonly signal: AbortSignal;
  /** Some of the turn's words were yielded already. */
  readonly hasWords: boolean;
  /**
   * Resolves when the turn happens, and rejects if it never will. It happens when its first words go
   * out: yield some before you wait for it. Until then nothing outside may be changed.
   */
  readonly committed: Promise<void>;
  /** Goes into the turn's result. */
  readonly metadata: JsonObject;
  /** The words that come next are a sentence of their own. */
  newSentence(): void;
  /** Notes a tool's answer: it stands in the history and in the turn's result. */
  noteTool(call: AnsweredToolCall, answer: { content: string; result: JsonObject }): void;
}

/** What a turn starts from and where its outcome goes. */
export interface ChatTurnOptions extends DraftContext {
  text: string;
  history: readonly ChatMessage[];
  whispers: readonly string[];
  recoveryLine: string;
  now: () => number;
  /** Finds the words. */
  reply(turn: ChatTurn): AsyncIterable<string>;
  /** Takes the messages of the turn, the reply last if there is one. */
  adopt(messages: readonly ChatMessage[]): void;
}

/** The work of one turn of an agent that has no flow. */
export class ChatTurnWork implements ChatTurn, TurnWork {
  readonly text: string;
  readonly history: readonly ChatMessage[];
  readonly whispers: readonly string[];
  readonly signal: AbortSignal;
  readonly metadata: JsonObject = {};
  readonly #options: ChatTurnOptions;
  readonly #user: ChatMessage;
  readonly #reply: ChatMessage;
  readonly #toolMessages: ChatMessage[] = [];
  readonly #toolCalls: ToolCall[] = [];
  #words = '';
  #apart = false;

  constructor(options: ChatTurnOptions) {
    const { text, history, whispers, signal, now } = options;
    const createdAt = now();
    this.#options = options;
    this.#user = { role: 'user', content: text, id: randomUUID(), createdAt };
    this.#reply = { role: 'assistant', content: '', id: randomUUID(), createdAt };
    this.text = text;
    this.history = [...history, this.#user];
    this.whispers = whispers;
    this.signal = signal;
  }

  get committed(): Promise<void> {
    return this.#options.committed();
  }

  get hasWords(): boolean {
    return this.#words !== '';
  }

  newSentence(): void {
    this.#apart = true;
  }

  noteTool(
    call: AnsweredToolCall,
    { content, result }: { content: string; result: JsonObject },
  ): void {
    const createdAt = this.#options.now();
    this.#toolMessages.push({ role: 'tool', content, id: randomUUID(), createdAt, call });
    this.#toolCalls.push({ name: call.name, arguments: call.arguments, result });
  }

  /** An error that can be survived becomes the recovery line, unless words of it were said. */
  async *words(): AsyncGenerator<string, void> {
    try {
      for await (const text of this.#options.reply(this)) {
        const chunk = this.#append(text);
        if (chunk !== '') yield chunk;
      }
      if (!this.hasWords) throw new SuperdialogError('no_words', 'the agent found no words');
    } catch (error) {
      if (this.signal.aborted || !isSurvivable(error)) throw error;
      this.metadata.error = { code: error.code, message: error.message };
      // A caller who was promised more must not wait for words that never begin.
      if (!this.hasWords || this.#apart) yield this.#append(this.#options.recoveryLine);
    }
  }

  adopt(): void {
    const reply = this.hasWords ? [{ ...this.#reply, content: this.#words }] : [];
    this.#options.adopt([this.#user, ...this.#toolMessages, ...reply]);
  }

  result(): TurnResult {
    return {
      text: this.#words,
      ...(this.hasWords && { messageId: this.#reply.id }),
      toolCalls: this.#toolCalls,
      moves: [],
      refused: [],
      ended: false,
      effects: [],
      metadata: this.metadata,
    };
  }

  #append(text: string): string {
    const begun = this.hasWords && !this.#apart ? text : text.trimStart();
    if (begun === '') return '';
    const space = this.#apart && this.hasWords && !/\s$/.test(this.#words) ? ' ' : '';
    this.#apart = false;
    this.#words += space + begun;
    return space + begun;
  }
}

/** Errors of the world outside. Wrong use and faults of a program are for who wrote it. */
function isSurvivable(error: unknown): error is SuperdialogError {
  return error instanceof SuperdialogError && !(error instanceof UsageError);
}
