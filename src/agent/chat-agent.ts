import type { Agent, Draft, StreamChunk, TurnInput, TurnOptions, TurnResult } from './agent.ts';
import { ChatContext, type ChatMessage } from './chat-context.ts';
import { type ChatTurn, ChatTurnWork } from './chat-turn.ts';
import { DraftConflictError } from './draft-conflict.ts';
import { TurnDraft } from './turn-draft.ts';
import { committedStream, emptyDraft, inputOf, resultOf } from './turns.ts';

/** What every agent without a flow can be told. */
export interface ChatAgentOptions {
  /** Spoken in place of words that could not be found. */
  recoveryLine?: string;
  /** The call's clock, in milliseconds since the epoch. */
  now?: () => number;
}

const RECOVERY_LINE = 'Sorry, something went wrong. Could you say that again?';

/**
 * An agent without a flow: history, whispers and turns that can be taken back. What remains to be
 * done in a class of one's own is `reply`, which finds the words of one turn.
 *
 * It does not open a conversation (the host's greeting does), and has no answer to a silence.
 */
export abstract class ChatAgent implements Agent {
  readonly #recoveryLine: string;
  readonly #now: () => number;
  #chat = new ChatContext();
  /** Whispers that no committed turn has seen. */
  #whispers: readonly { text: string }[] = [];
  /** Changes with every turn that happens; a draft of an earlier moment can not be committed. */
  #moment: object = {};
  /** The last reply, once it is known what was heard of it. */
  #heardId: string | undefined;

  constructor({ recoveryLine = RECOVERY_LINE, now = Date.now }: ChatAgentOptions = {}) {
    this.#recoveryLine = recoveryLine;
    this.#now = now;
  }

  /**
   * Yields the words of one turn as they come. A SuperdialogError (but a UsageError) that it throws
   * becomes the recovery line and stands in `metadata.error`; any other error fails the turn.
   */
  protected abstract reply(turn: ChatTurn): AsyncIterable<string>;

  /** Does one turn: as a whole, or as a stream of words with the result last. */
  turn(input: string | TurnInput, options?: TurnOptions & { stream?: false }): Promise<TurnResult>;
  turn(
    input: string | TurnInput,
    options: TurnOptions & { stream: true },
  ): AsyncIterable<StreamChunk>;
  turn(
    input: string | TurnInput,
    options: TurnOptions & { stream?: boolean } = {},
  ): Promise<TurnResult> | AsyncIterable<StreamChunk> {
    const draft = this.draft(input, options) ?? emptyDraft();
    return options.stream === true ? committedStream(draft) : resultOf(draft);
  }

  /** A turn that can still be thrown away. `undefined` for an opening or a silence. */
  draft(input: string | TurnInput, options: TurnOptions = {}): Draft | undefined {
    const text = textOf(inputOf(input));
    if (text === undefined) return undefined;
    const whispers = this.#whispers;
    const before = this.#moment;
    const own = {};
    return new TurnDraft((context) => {
      return new ChatTurnWork({
        ...context,
        text,
        history: this.#chat.items,
        whispers: whispers.map((whisper) => whisper.text),
        recoveryLine: this.#recoveryLine,
        now: this.#now,
        reply: (turn) => this.reply(turn),
        adopt: (messages) => {
          if (this.#moment !== before && this.#moment !== own) throw new DraftConflictError();
          this.#moment = own;
          this.#whispers = this.#whispers.filter((whisper) => !whispers.includes(whisper));
          this.#adopt(messages);
        },
      });
    }, options.signal);
  }

  /** What was played of a message. Less than all of it marks the message interrupted. */
  heard(messageId: string, text: string): void {
    this.#chat.setHeard(messageId, text);
    this.#heardId = messageId;
  }

  /** Whispers guidance, which takes effect with the next turn and is never spoken. */
  assist(text: string): void {
    this.#whispers = [...this.#whispers, { text }];
  }

  /** The history. */
  get chatCtx(): ChatContext {
    return this.#chat;
  }

  /** Goes on from another history. */
  loadChatCtx(ctx: ChatContext): void {
    this.#chat = ctx.copy();
    this.#moment = {};
  }

  /** Of a reply that was heard the history keeps what was heard. */
  #adopt(messages: readonly ChatMessage[]): void {
    this.#chat.putTurn(
      messages.flatMap((message) =>
        message.id === this.#heardId
          ? this.#chat.items.filter(({ id }) => id === message.id)
          : [message],
      ),
    );
  }
}

function textOf(input: TurnInput): string | undefined {
  if (input.kind === 'text') return input.text;
  return input.kind === 'dtmf' ? input.digits : undefined;
}
