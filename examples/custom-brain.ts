// An agent of one's own in a session: node examples/custom-brain.ts
// In a project of yours the import is from 'superdialog-voice'.
import {
  type Agent,
  ChatContext,
  InMemorySessionStore,
  type OwnStreamChunk,
  type OwnTurnResult,
  SessionWorker,
  type TurnInput,
  type TurnOptions,
} from '../src/index.ts';

/** Counts what goes on the list. All it knows stands in its history, so that any store will do. */
class ShoppingList implements Agent {
  #chat = new ChatContext();
  #hint = '';

  get chatCtx(): ChatContext {
    return this.#chat;
  }

  loadChatCtx(ctx: ChatContext): void {
    this.#chat = ctx.copy();
  }

  assist(text: string): void {
    this.#hint = text;
  }

  turn(input: string, options?: TurnOptions & { stream?: false }): Promise<OwnTurnResult>;
  turn(input: string, options: TurnOptions & { stream: true }): AsyncIterable<OwnStreamChunk>;
  turn(
    input: string | TurnInput,
    options: TurnOptions & { stream?: boolean } = {},
  ): Promise<OwnTurnResult> | AsyncIterable<OwnStreamChunk> {
    const result = this.#answer(String(input));
    return options.stream === true ? streamed(result) : Promise.resolve(result);
  }

  #answer(item: string): OwnTurnResult {
    this.#chat.add({ role: 'user', content: item });
    const count = this.#chat.items.filter(({ role }) => role === 'user').length;
    const hint = this.#hint === '' ? '' : ` By the way: ${this.#hint}`;
    this.#hint = '';
    const text = `Noted, ${item}. That makes ${count}.${hint}`;
    const { id } = this.#chat.add({ role: 'assistant', content: text });
    // By the id a call puts in what was heard of the words.
    return { text, messageId: id };
  }
}

async function* streamed(result: OwnTurnResult): AsyncGenerator<OwnStreamChunk> {
  for (const word of result.text.match(/\s*\S+/g) ?? []) yield { type: 'text', text: word };
  yield { type: 'done', result };
}

const worker = new SessionWorker({
  agentFactory: () => new ShoppingList(),
  store: new InMemorySessionStore(),
  greeting: 'What shall I write down?',
});

// Three holders of one session, one after another: each finds what the one before left.
await worker.withSession('kitchen', async (session) => {
  console.log((await session.turn({ kind: 'opened' })).text);
  console.log((await session.turn('milk')).text);
});
await worker.withSession('kitchen', async (session) => {
  session.assist('the shop closes at six.');
  console.log((await session.turn('bread')).text);
});
await worker.withSession('kitchen', async (session) => {
  for await (const chunk of session.turn('eggs', { stream: true })) {
    if (chunk.type === 'text') process.stdout.write(chunk.text);
  }
  console.log();
});
