import { RunnableLambda } from '@langchain/core/runnables';
import { LangChainAgent } from '../../src/agent/langchain-agent.ts';
import { LLMAgent } from '../../src/agent/llm-agent.ts';
import type { LanguageModel } from '../../src/llm/model.ts';
import type { BrainUnderTest } from '../../src/testing.ts';
import { machineOf, opened } from '../support/conversation.ts';
import { startFakeOpenAI } from '../support/fake-openai.ts';
import { decide } from '../support/model-machine.ts';
import { Parrot, SickParrot } from '../support/parrot.ts';

const FIXED = `
  initial_node: a
  global_edges:
    - { id: help, target_node_id: help, match: { examples: [help] } }
  nodes:
    - { id: a, static_text: Number one?, edges: [{ id: ab, match: { intent: "yes" }, target_node_id: b }] }
    - { id: b, static_text: Number two?, edges: [{ id: bc, match: { intent: "yes" }, target_node_id: c }] }
    - { id: c, static_text: Thank you. Goodbye., is_final: true }
    - { id: help, static_text: Say yes. }
`;

const FREE = `
  initial_node: a
  nodes:
    - { id: a, instruction: Ask for the colour., edges: [{ id: ab, condition: a colour is known, target_node_id: b }] }
    - { id: b, instruction: Ask for the size. }
`;

/** The kinds of agent that every store and lock is tested with. To add one, add it here. */
export async function startBrains(): Promise<
  AsyncDisposable & { brains: Map<string, BrainUnderTest> }
> {
  const decider = await startFakeOpenAI(decide('stay', 'Well, which one?'));
  const talker = await startFakeOpenAI({ text: 'Red and green.' });
  return {
    brains: new Map<string, BrainUnderTest>([
      [
        'a machine without a model',
        {
          make: () => machineOf(FIXED),
          makeFailing: () => machineOf(FIXED, { now: brokenClock }),
          // In the middle of it, a detour.
          says: [opened, 'help', 'yes'],
          saysToTheEnd: [opened, 'yes', 'yes'],
        },
      ],
      [
        'a machine with a model',
        {
          make: () => machineOf(FREE, { llm: `openai/fake@${decider.url}` }),
          makeFailing: () => machineOf(FREE, { llm: brokenModel }),
          says: [opened, 'What is there?', 'And blue?'],
        },
      ],
      [
        'an LLMAgent',
        {
          make: () => new LLMAgent({ llm: `openai/fake@${talker.url}`, systemPrompt: 'Be brief.' }),
          makeFailing: () => new LLMAgent({ llm: brokenModel, systemPrompt: 'Be brief.' }),
          says: ['What is there?', 'And blue?', 'Thank you.'],
        },
      ],
      [
        'a LangChainAgent',
        {
          make: () => new LangChainAgent({ runnable: RunnableLambda.from(async () => 'Red one.') }),
          makeFailing: () =>
            new LangChainAgent({
              runnable: RunnableLambda.from(async () => 'Red one.'),
              input: () => {
                throw new TypeError('no such input');
              },
            }),
          says: ['What is there?', 'And blue?', 'Thank you.'],
        },
      ],
      [
        'a class of four members',
        {
          make: () => new Parrot(),
          makeFailing: () => new SickParrot(),
          says: ['hello', 'pretty bird', 'bye'],
        },
      ],
    ]),
    async [Symbol.asyncDispose]() {
      await decider[Symbol.asyncDispose]();
      await talker[Symbol.asyncDispose]();
    },
  };
}

/** A model of one's own, with a fault in it. */
const brokenModel: LanguageModel = {
  uri: 'custom/broken',
  structured: false,
  // biome-ignore lint/correctness/useYield: it fails before its first words
  async *stream() {
    throw new TypeError('a fault of the program');
  },
};

function brokenClock(): number {
  throw new TypeError('a fault of the program');
}
