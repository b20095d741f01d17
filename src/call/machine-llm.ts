import { DEFAULT_API_CONNECT_OPTIONS, llm } from '@livekit/agents';

/** What a speech session asks to be spoken. */
export interface SpokenTurn {
  /** Hands over the words as they come; resolves when there are no more. Never rejects. */
  speak(say: (text: string) => void): Promise<void>;
}

/**
 * The agent in the place where LiveKit's session expects a language model. The session's own
 * history is not read: each request is recognised by the id of the message that asks for it.
 */
export class MachineLLM extends llm.LLM {
  readonly #turns = new Map<string, SpokenTurn>();

  override label(): string {
    return 'superdialog.MachineLLM';
  }

  override get model(): string {
    return 'session';
  }

  override get provider(): string {
    return 'superdialog';
  }

  /** Makes the turn that the message with this id will ask for. */
  expect(messageId: string, turn: SpokenTurn): void {
    this.#turns.set(messageId, turn);
  }

  forget(messageId: string): void {
    this.#turns.delete(messageId);
  }

  override chat({ chatCtx, toolCtx }: Parameters<llm.LLM['chat']>[0]): llm.LLMStream {
    const message = chatCtx.items.findLast((item) => this.#turns.has(item.id));
    const turn = message === undefined ? undefined : this.#turns.get(message.id);
    return new MachineStream(this, chatCtx, toolCtx, turn);
  }
}

class MachineStream extends llm.LLMStream {
  readonly #turn: SpokenTurn | undefined;

  constructor(
    owner: MachineLLM,
    chatCtx: llm.ChatContext,
    toolCtx: llm.ToolContextLike | undefined,
    turn: SpokenTurn | undefined,
  ) {
    // A turn recovers by itself: asking again would make it happen twice.
    const connOptions = { ...DEFAULT_API_CONNECT_OPTIONS, maxRetry: 0 };
    super(owner, { chatCtx, connOptions, ...(toolCtx !== undefined && { toolCtx }) });
    this.#turn = turn;
  }

  protected override async run(): Promise<void> {
    await this.#turn?.speak((content) => {
      if (this.queue.closed) return;
      this.queue.put({ id: 'turn', delta: { role: 'assistant', content } });
    });
  }
}
