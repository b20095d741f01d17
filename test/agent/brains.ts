import { RunnableLambda } from '@langchain/core/runnables';
import type { ChatAgent } from '../../src/agent/chat-agent.ts';
import { LangChainAgent } from '../../src/agent/langchain-agent.ts';
import { LLMAgent, type LLMAgentOptions } from '../../src/agent/llm-agent.ts';
import { createModel } from '../../src/llm/create-model.ts';
import { startFakeAnthropic } from '../support/fake-anthropic.ts';
import { startFakeOpenAI } from '../support/fake-openai.ts';
import type { FakeProvider } from '../support/fake-provider.ts';

export const PROVIDERS = [
  { name: 'openai', start: startFakeOpenAI, uri: 'openai/gpt-5.1' },
  { name: 'anthropic', start: startFakeAnthropic, uri: 'anthropic/claude-haiku-4-5' },
];

/** The real SDK talks to the fake provider. */
export function modelAt(server: FakeProvider, uri: string, firstTokenMs = 3000) {
  return createModel(uri, {
    env: {
      OPENAI_API_KEY: 'sk-1',
      OPENAI_BASE_URL: server.url,
      ANTHROPIC_API_KEY: 'sk-2',
      ANTHROPIC_BASE_URL: server.url,
    },
    firstTokenMs,
  });
}

export function llmAgentAt(
  server: FakeProvider,
  options: Partial<LLMAgentOptions> & { uri?: string } = {},
): LLMAgent {
  const { uri = 'openai/gpt-5.1', ...rest } = options;
  return new LLMAgent({ llm: modelAt(server, uri), systemPrompt: 'You sell shoes.', ...rest });
}

/** Every agent without a flow, saying `words` one by one. */
export const BRAINS: readonly {
  name: string;
  make(words: string): Promise<Brain>;
}[] = [
  ...PROVIDERS.map(({ name, start, uri }) => ({
    name: `LLMAgent (${name})`,
    make: async (text: string) => {
      const server = await start({ text });
      return { agent: llmAgentAt(server, { uri }), [Symbol.asyncDispose]: dispose(server) };
    },
  })),
  {
    name: 'LangChainAgent',
    make: async (text: string) => {
      const runnable = RunnableLambda.from(async function* () {
        for (const word of text.match(/\s*\S+/g) ?? []) yield word;
      });
      return { agent: new LangChainAgent({ runnable }), [Symbol.asyncDispose]: async () => {} };
    },
  },
];

interface Brain extends AsyncDisposable {
  agent: ChatAgent;
}

function dispose(server: FakeProvider): () => Promise<void> {
  return async () => server[Symbol.asyncDispose]();
}

/** Role and words of each message. */
export function historyOf({ chatCtx }: ChatAgent): string[] {
  return chatCtx.items.map(
    ({ role, content, interrupted }) => `${role}: ${content}${interrupted === true ? ' |' : ''}`,
  );
}
