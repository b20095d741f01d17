import type {
  Agent,
  StreamChunk,
  TurnInput,
  TurnOptions,
  TurnResult,
} from '../../src/agent/agent.ts';
import { ChatContext } from '../../src/agent/chat-context.ts';

/** An agent with the four members of the protocol and nothing else. */
export class Parrot implements Agent {
  #chat = new ChatContext();
  readonly whispers: string[] = [];

  turn(input: string | TurnInput, options?: TurnOptions & { stream?: false }): Promise<TurnResult>;
  turn(
    input: string | TurnInput,
    options: TurnOptions & { stream: true },
  ): AsyncIterable<StreamChunk>;
  turn(
    input: string | TurnInput,
    options: TurnOptions & { stream?: boolean } = {},
  ): Promise<TurnResult> | AsyncIterable<StreamChunk> {
    if (typeof input !== 'string') throw new Error('a parrot hears words only');
    return options.stream === true ? this.#stream(input) : this.#whole(input);
  }

  assist(text: string): void {
    this.whispers.push(text);
  }

  get chatCtx(): ChatContext {
    return this.#chat;
  }

  loadChatCtx(ctx: ChatContext): void {
    this.#chat = ctx.copy();
  }

  /** Throws in a turn that fails. */
  protected trip(): void {}

  async *#stream(input: string): AsyncGenerator<StreamChunk> {
    const text = `You said ${input}.`;
    this.#chat.add({ role: 'user', content: input });
    this.trip();
    const { id } = this.#chat.add({ role: 'assistant', content: text });
    for (const word of text.match(/\s*\S+/g) ?? []) yield { type: 'text', text: word };
    const result: { text: string; messageId: string } = { text, messageId: id };
    // What a user's own class may leave out.
    yield { type: 'done', result: result as TurnResult };
  }

  async #whole(input: string): Promise<TurnResult> {
    for await (const chunk of this.#stream(input)) if (chunk.type === 'done') return chunk.result;
    throw new Error('no result');
  }
}

/** Fails after it has written down what was said. */
export class SickParrot extends Parrot {
  protected override trip(): void {
    throw new Error('the parrot fell off its perch');
  }
}
