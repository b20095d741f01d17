import { SuperdialogError, UsageError } from '../errors.ts';
import { ChatAgent, type ChatAgentOptions } from './chat-agent.ts';
import type { ChatMessage } from './chat-context.ts';
import type { ChatTurn } from './chat-turn.ts';
import { ChunkReader, type LangChainMessage } from './langchain-chunks.ts';
import { instructionsOf } from './model-messages.ts';

/** What is needed of a runnable of `@langchain/core`; every one of them fits. */
export interface LangChainRunnable {
  /** Runs it and gives what it answers piece by piece. */
  stream(input: unknown, options?: { signal?: AbortSignal }): Promise<AsyncIterable<unknown>>;
}

/** What a runnable's input is made from. */
export interface LangChainInput {
  /** What the caller has just said. */
  text: string;
  /** Instructions (if there are any), then the conversation up to and with `text`. */
  messages: readonly LangChainMessage[];
}

/** How a `LangChainAgent` is made. */
export interface LangChainAgentOptions extends ChatAgentOptions {
  /**
   * Answers with text, with messages, or with states that hold `messages`, streamed or whole. What it
   * is to be called with beside its input is set with its own `withConfig`.
   */
  runnable: LangChainRunnable;
  /** Instructions of the whole conversation; whispers are put behind them. */
  systemPrompt?: string;
  /** Makes the runnable's input. Default: the messages. */
  input?: (input: LangChainInput) => unknown;
  /** Gets what the runnable threw, whose text may quote the conversation. */
  onError?: (error: unknown) => void;
}

/** The runnable threw. Tells the class of its error alone. */
export class RunnableError extends SuperdialogError {
  constructor(message: string) {
    super('runnable_failed', message);
  }
}

const PACKAGE = '@langchain/core';
/** The version this was built and tested with. */
const VERSION = '1.4.0';

/** A runnable of LangChain as an agent: a chain, a chat model, a graph. */
export class LangChainAgent extends ChatAgent {
  readonly #runnable: LangChainRunnable;
  readonly #systemPrompt: string;
  readonly #input: (input: LangChainInput) => unknown;
  readonly #onError: (error: unknown) => void;

  constructor({
    runnable,
    systemPrompt = '',
    input = ({ messages }) => messages,
    onError = () => {},
    ...options
  }: LangChainAgentOptions) {
    super(options);
    this.#runnable = runnable;
    this.#systemPrompt = systemPrompt;
    this.#input = input;
    this.#onError = onError;
  }

  protected override async *reply(turn: ChatTurn): AsyncGenerator<string, void> {
    const { text, history, whispers, signal } = turn;
    const instructions = instructionsOf(this.#systemPrompt, history, whispers);
    const messages = await langChainMessages(instructions, history);
    const reader = new ChunkReader(messages);
    for await (const chunk of this.#chunks(this.#input({ text, messages }), signal)) {
      for (const words of reader.wordsOf(chunk)) {
        if (words.apart) turn.newSentence();
        yield words.text;
      }
    }
    if (!turn.hasWords) reader.explainSilence();
  }

  async *#chunks(input: unknown, signal: AbortSignal): AsyncGenerator<unknown, void> {
    try {
      yield* await this.#runnable.stream(input, { signal });
    } catch (error) {
      signal.throwIfAborted();
      this.#onError(error);
      throw new RunnableError(`the runnable threw ${kindOf(error)}`);
    }
  }
}

/** Those of tools are left out: they belong to calls that only the runnable knows. */
async function langChainMessages(
  instructions: string,
  history: readonly ChatMessage[],
): Promise<LangChainMessage[]> {
  const { AIMessage, HumanMessage, SystemMessage } = await loadMessages();
  const spoken = history.flatMap(({ role, content, id }): LangChainMessage[] => {
    if (role === 'user') return [new HumanMessage({ content, id })];
    return role === 'assistant' ? [new AIMessage({ content, id })] : [];
  });
  return instructions === '' ? spoken : [new SystemMessage(instructions), ...spoken];
}

async function loadMessages() {
  try {
    return await import('@langchain/core/messages');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) {
      throw error;
    }
    throw new UsageError(
      `LangChainAgent needs ${PACKAGE}, not installed here. ` +
        `Install with: npm install --save-exact ${PACKAGE}@${VERSION}`,
    );
  }
}

/** The error's class: its text may quote the conversation. */
function kindOf(error: unknown): string {
  const name = error instanceof Error ? error.constructor.name : typeof error;
  return name === '' ? 'Error' : name;
}
