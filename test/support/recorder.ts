import type {
  Agent,
  StreamChunk,
  TurnInput,
  TurnOptions,
  TurnResult,
} from '../../src/agent/agent.ts';
import { ChatContext } from '../../src/agent/chat-context.ts';

/** Writes down what is said to it, and says how much that is. */
export class Recorder implements Agent {
  #chat = new ChatContext();

  get chatCtx(): ChatContext {
    return this.#chat;
  }

  loadChatCtx(chat: ChatContext): void {
    this.#chat = chat.copy();
  }

  assist(): void {}

  turn(input: string | TurnInput, options?: TurnOptions & { stream?: false }): Promise<TurnResult>;
  turn(
    input: string | TurnInput,
    options: TurnOptions & { stream: true },
  ): AsyncIterable<StreamChunk>;
  turn(
    input: string | TurnInput,
    options: TurnOptions & { stream?: boolean } = {},
  ): Promise<TurnResult> | AsyncIterable<StreamChunk> {
    const result = this.#note(String(input));
    if (options.stream !== true) return Promise.resolve(result);
    return (async function* (): AsyncGenerator<StreamChunk> {
      yield { type: 'text', text: result.text };
      yield { type: 'done', result };
    })();
  }

  #note(content: string): TurnResult {
    this.#chat.add({ role: 'user', content });
    return {
      text: `${this.#chat.items.length}`,
      toolCalls: [],
      moves: [],
      refused: [],
      ended: false,
      effects: [],
      metadata: {},
    };
  }
}
