import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { AIMessage, AIMessageChunk, type BaseMessage } from '@langchain/core/messages';
import { StringOutputParser } from '@langchain/core/output_parsers';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { RunnableLambda } from '@langchain/core/runnables';
import { FakeListChatModel, FakeStreamingChatModel } from '@langchain/core/utils/testing';
import { describe, expect, test } from 'vitest';
import { LangChainAgent, type LangChainAgentOptions } from '../../src/agent/langchain-agent.ts';
import { historyOf } from './brains.ts';

async function textsOf(agent: LangChainAgent, input: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const chunk of agent.turn(input, { stream: true })) {
    if (chunk.type === 'text') texts.push(chunk.text);
  }
  return texts;
}

/** Streams these chunks. */
function streaming(...chunks: unknown[]) {
  return RunnableLambda.from(async function* () {
    yield* chunks;
  });
}

describe('a LangChainAgent speaks the words of', () => {
  test.each<[string, LangChainAgentOptions, string[]]>([
    [
      'a function',
      { runnable: RunnableLambda.from(async () => 'Red and green.') },
      ['Red and green.'],
    ],
    [
      'a chat model that streams',
      {
        runnable: new FakeStreamingChatModel({
          chunks: [new AIMessageChunk('Red '), new AIMessageChunk('and green.')],
        }),
      },
      ['Red ', 'and green.'],
    ],
    [
      'a prompt, a model and a parser in a row',
      {
        runnable: ChatPromptTemplate.fromTemplate('Answer: {question}')
          .pipe(new FakeListChatModel({ responses: ['Red.'] }))
          .pipe(new StringOutputParser()),
        input: ({ text }) => ({ question: text }),
      },
      ['R', 'e', 'd', '.'],
    ],
    [
      'contents in parts, of which only texts are words',
      {
        runnable: streaming(
          new AIMessageChunk({
            content: [
              { type: 'text', text: 'Red ' },
              { type: 'image_url', image_url: 'x' },
              { type: 'text', text: 'ones.' },
            ],
          }),
        ),
      },
      ['Red ones.'],
    ],
    [
      'states that hold all messages each time',
      {
        runnable: RunnableLambda.from(async function* (messages: BaseMessage[]) {
          const [one, two] = [new AIMessage('Let me look.'), new AIMessage('Red ones.')];
          yield { messages };
          yield { messages: [...messages, one] };
          yield { messages: [...messages, one, two] };
        }),
      },
      ['Let me look.', ' Red ones.'],
    ],
    [
      'what the nodes of a graph add',
      {
        runnable: streaming(
          { plan: null },
          { model: { messages: [new AIMessage('Red ones.')] } },
          { model: { messages: [new AIMessage('And green.')] } },
        ),
      },
      ['Red ones.', ' And green.'],
    ],
    [
      'pieces of messages with something said about them',
      {
        runnable: streaming(
          [new AIMessageChunk({ content: 'Red ', id: 'a' }), { node: 'model' }],
          [new AIMessageChunk({ content: 'ones.', id: 'a' }), { node: 'model' }],
          [new AIMessageChunk({ content: 'And green.', id: 'b' }), { node: 'model' }],
        ),
      },
      ['Red ', 'ones.', ' And green.'],
    ],
  ])('%s', async (_, options, expected) => {
    const agent = new LangChainAgent(options);
    expect(await textsOf(agent, 'Which colours?')).toEqual(expected);
    expect(historyOf(agent)).toEqual(['user: Which colours?', `assistant: ${expected.join('')}`]);
  });
});

test('a runnable gets instructions, whispers and the conversation as it was heard', async () => {
  const inputs: string[][] = [];
  const runnable = RunnableLambda.from((messages: BaseMessage[]) => {
    inputs.push(messages.map((message) => `${message.getType()}: ${message.text}`));
    return 'Red and green.';
  });
  const agent = new LangChainAgent({ runnable, systemPrompt: 'You sell shoes.' });
  const { messageId = '' } = await agent.turn('Which?');
  agent.heard(messageId, 'Red');
  agent.assist('Be brief.');
  await agent.turn('What?');
  expect(inputs).toEqual([
    ['system: You sell shoes.', 'human: Which?'],
    [
      expect.stringMatching(/^system: You sell shoes\.\n\n.*Be brief\.$/),
      'human: Which?',
      'ai: Red',
      'human: What?',
    ],
  ]);
});

test('the abort of a turn reaches the runnable', async () => {
  const begun = Promise.withResolvers<void>();
  let seen: AbortSignal | undefined;
  const runnable = RunnableLambda.from(async (_: unknown, { signal }) => {
    seen = signal;
    begun.resolve();
    await new Promise(() => {});
  });
  const agent = new LangChainAgent({ runnable });
  const cancel = new AbortController();
  const turn = agent.turn('Which?', { signal: cancel.signal });
  await begun.promise;
  cancel.abort(new Error('hung up'));
  await expect(turn).rejects.toThrow('hung up');
  expect(seen?.aborted).toBe(true);
  expect(historyOf(agent)).toEqual([]);
});

test('a runnable that throws gives the recovery line, and its error to the host alone', async () => {
  const errors: unknown[] = [];
  const agent = new LangChainAgent({
    runnable: new FakeStreamingChatModel({ thrownErrorString: 'cannot parse "my secret"' }),
    recoveryLine: 'Pardon?',
    onError: (error) => errors.push(error),
  });
  const result = await agent.turn('my secret');
  expect(result).toMatchObject({
    text: 'Pardon?',
    metadata: { error: { code: 'runnable_failed', message: 'the runnable threw Error' } },
  });
  expect(errors).toEqual([new Error('cannot parse "my secret"')]);
});

test('a runnable without words is one error that tells what came', async () => {
  const agent = new LangChainAgent({ runnable: streaming({ answer: 'my secret' }) });
  const error: unknown = await agent.turn('Which?').catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: 'usage',
    message: expect.stringContaining('an object with answer'),
  });
  expect(String(error)).not.toContain('secret');
  expect(historyOf(agent)).toEqual([]);
});

test('without the package the error names the command to install it', async () => {
  const root = resolve(import.meta.dirname, '../..');
  const folder = await mkdtemp(join(tmpdir(), 'superdialog-no-langchain-'));
  try {
    await cp(join(root, 'src'), join(folder, 'src'), { recursive: true });
    await cp(join(root, 'package.json'), join(folder, 'package.json'));
    await mkdir(join(folder, 'node_modules'));
    await symlink(join(root, 'node_modules/zod'), join(folder, 'node_modules/zod'));
    const script = `
      const { LangChainAgent } = await import(${JSON.stringify(`${folder}/src/agent/langchain-agent.ts`)});
      const agent = new LangChainAgent({ runnable: { stream: async () => ['x'] } });
      await agent.turn('hi').catch((error) => console.log(error.code + '|' + error.message));`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '-e',
      script,
    ]);
    const { default: manifest } = await import('../../package.json', { with: { type: 'json' } });
    const version = manifest.devDependencies['@langchain/core'];
    expect(stdout).toContain(`npm install --save-exact @langchain/core@${version}`);
    expect(stdout).toContain('usage|');
  } finally {
    await rm(folder, { recursive: true });
  }
});
