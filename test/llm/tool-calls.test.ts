import { beforeAll, describe, expect, test } from 'vitest';
import { createModel } from '../../src/llm/create-model.ts';
import type { ModelDelta, ModelMessage, ModelRequest } from '../../src/llm/model.ts';
import { CallCollector } from '../../src/llm/tool-calls.ts';
import { startFakeAnthropic } from '../support/fake-anthropic.ts';
import { startFakeOpenAI } from '../support/fake-openai.ts';
import type { FakeProvider, FakeReply, FakeToolCall } from '../support/fake-provider.ts';
import { done, read, text } from './reading.ts';

const request: ModelRequest = {
  system: 'You work at a bank.',
  messages: [{ role: 'user', content: 'What is my balance?' }],
  schema: { name: 'decision', schema: { type: 'object' } },
  tools: [
    {
      name: 'balance',
      description: 'Reads the balance of an account.',
      schema: { type: 'object', properties: { account: { type: 'string' } } },
    },
  ],
};

const balance: FakeToolCall = {
  id: 'call_1',
  name: 'balance',
  arguments: '{"account":"savings","days":30}',
};
const branch: FakeToolCall = { id: 'call_2', name: 'branch', arguments: '{"city":"Łódź"}' };

function callsIn(deltas: readonly ModelDelta[]) {
  return deltas.filter((delta) => delta.type === 'tool_call');
}

beforeAll(async () => {
  await Promise.all([import('openai'), import('@anthropic-ai/sdk')]);
});

const providers = [
  { name: 'openai', start: startFakeOpenAI, uri: 'openai/gpt-5.1' },
  { name: 'anthropic', start: startFakeAnthropic, uri: 'anthropic/claude-haiku-4-5' },
];

function modelAt(server: FakeProvider, uri: string) {
  return createModel(uri, {
    env: {
      OPENAI_API_KEY: 'sk-1',
      OPENAI_BASE_URL: server.url,
      ANTHROPIC_API_KEY: 'sk-2',
      ANTHROPIC_BASE_URL: server.url,
    },
    firstTokenMs: 2000,
  });
}

describe.each(providers)('tool calls of $name', ({ start, uri }) => {
  async function replyTo(reply: FakeReply, sent: ModelRequest = request) {
    await using server = await start(reply);
    const deltas = await read(modelAt(server, uri).stream(sent));
    return { deltas, body: server.requests[0]?.body ?? {} };
  }

  test('a call comes once its arguments are complete', async () => {
    const { deltas } = await replyTo({ text: '', toolCalls: [balance] });
    expect(deltas).toMatchObject([
      {
        type: 'tool_call',
        id: 'call_1',
        name: 'balance',
        arguments: { account: 'savings', days: 30 },
      },
      { type: 'done', stop: 'end' },
    ]);
  });

  test('words and several calls come in one reply', async () => {
    const { deltas } = await replyTo({ text: 'One moment.', toolCalls: [balance, branch] });
    expect(text(deltas)).toBe('One moment.');
    expect(callsIn(deltas)).toMatchObject([
      { id: 'call_1', arguments: { account: 'savings' } },
      { id: 'call_2', arguments: { city: 'Łódź' } },
    ]);
    expect(done(deltas).usage?.inputTokens).toBe(100);
  });

  test.each([
    ['nothing at all', '', {}],
    ['an empty object', '{}', {}],
    ['half an object', '{"account":"sav', null],
    ['no JSON', 'savings', null],
    ['a list', '["savings"]', null],
    ['null', 'null', null],
  ])('arguments that are %s do not fail the reply', async (_, written, expected) => {
    const call = { ...balance, arguments: written };
    const { deltas } = await replyTo({ text: 'A moment.', toolCalls: [call] });
    expect(callsIn(deltas)).toMatchObject([{ name: 'balance', arguments: expected }]);
    expect(done(deltas).stop).toBe('end');
  });

  test('a call that the bound cuts off is one without arguments', async () => {
    const cut = { ...balance, arguments: '{"account":' };
    const { deltas } = await replyTo({ toolCalls: [cut], stop: 'length' });
    expect(callsIn(deltas)).toMatchObject([{ arguments: null }]);
    expect(done(deltas).stop).toBe('length');
  });

  test('a tool that is called __proto__ is a name like any other', async () => {
    const call = { ...balance, name: '__proto__', arguments: '{"__proto__":{"admin":true}}' };
    const { deltas } = await replyTo({ text: '', toolCalls: [call] });
    const [made] = callsIn(deltas);
    expect(made?.name).toBe('__proto__');
    expect(made?.arguments).not.toHaveProperty('admin');
  });

  test('a request without tools says nothing of tools', async () => {
    const { body } = await replyTo({}, { ...request, tools: [] });
    expect(body).not.toHaveProperty('tools');
    expect(body).not.toHaveProperty('tool_choice');
  });
});

const CONVERSATION: ModelMessage[] = [
  { role: 'user', content: 'My balance, please.' },
  {
    role: 'assistant',
    content: '',
    toolCalls: [
      { id: 'call_1', name: 'balance', arguments: { account: 'savings' } },
      { id: 'call 2', name: 'get branch', arguments: null },
    ],
  },
  { role: 'tool', callId: 'call_1', content: '{"amount":12}' },
  { role: 'tool', callId: 'call 2', content: 'no such tool', failed: true },
  { role: 'user', content: '[Task] Say it.' },
];

describe('what OpenAI is sent of tools', () => {
  async function sentTo(uri: (server: FakeProvider) => string, sent: ModelRequest) {
    await using server = await startFakeOpenAI();
    await read(modelAt(server, uri(server)).stream(sent));
    return server.requests[0]?.body ?? {};
  }
  const hosted = () => 'openai/gpt-5.1';

  test('tools beside the schema', async () => {
    const body = await sentTo(hosted, request);
    const [tool] = request.tools ?? [];
    expect(body.tools).toEqual([
      {
        type: 'function',
        function: {
          name: 'balance',
          description: 'Reads the balance of an account.',
          parameters: tool?.schema,
        },
      },
    ]);
    expect(body).toHaveProperty('response_format');
    expect(body).not.toHaveProperty('tool_choice');
  });

  test('calls and their results, with names and ids that it takes', async () => {
    const body = await sentTo(hosted, { ...request, messages: CONVERSATION, toolChoice: 'none' });
    expect(body.tool_choice).toBe('none');
    expect(body.messages).toEqual([
      { role: 'system', content: 'You work at a bank.' },
      { role: 'user', content: 'My balance, please.' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          {
            id: 'call_1',
            type: 'function',
            function: { name: 'balance', arguments: '{"account":"savings"}' },
          },
          { id: 'call_2', type: 'function', function: { name: 'get_branch', arguments: '{}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: '{"amount":12}' },
      { role: 'tool', tool_call_id: 'call_2', content: 'no such tool' },
      { role: 'user', content: '[Task] Say it.' },
    ]);
  });

  test.each([
    (server: FakeProvider) => `openai/llama@${server.url}`,
    (server: FakeProvider) => `vllm/llama@${server.url}`,
  ])('a compatible server is not held to a schema that would keep it from calling', async (uri) => {
    expect(await sentTo(uri, request)).not.toHaveProperty('response_format');
    expect(await sentTo(uri, { ...request, toolChoice: 'none' })).toHaveProperty('response_format');
    const { tools: _, ...plain } = request;
    expect(await sentTo(uri, plain)).toHaveProperty('response_format');
  });
});

test('calls of a server that gives no ids, or no positions, are told apart', () => {
  const collector = new CallCollector();
  collector.add({ index: 0, id: 'a', function: { name: 'one', arguments: '{}' } });
  collector.add({ index: 0, id: 'b', function: { name: 'two', arguments: '{"x"' } });
  collector.add({ index: 0, id: 'b', function: { arguments: ':1}' } });
  collector.add({ index: 1, function: { name: 'three', arguments: '{}' } });
  const calls = callsIn(collector.take());
  expect(calls).toMatchObject([
    { id: 'a', name: 'one' },
    { id: 'b', name: 'two', arguments: { x: 1 } },
    { id: expect.stringMatching(/^[\w-]{1,40}$/), name: 'three' },
  ]);
});

test('ids fit into what OpenAI takes', async () => {
  await using server = await startFakeOpenAI();
  const id = 'x'.repeat(50);
  const messages: ModelMessage[] = [
    { role: 'assistant', content: '', toolCalls: [{ id, name: '', arguments: {} }] },
    { role: 'tool', callId: id, content: 'no such tool' },
  ];
  await read(modelAt(server, 'openai/gpt-5.1').stream({ ...request, messages }));
  const sent = server.requests[0]?.body;
  expect(sent).toHaveProperty('messages.1.tool_calls.0.id', 'x'.repeat(40));
  expect(sent).toHaveProperty('messages.1.tool_calls.0.function.name', '_');
  expect(sent).toHaveProperty('messages.2.tool_call_id', 'x'.repeat(40));
});

describe('what Anthropic is sent of tools', () => {
  async function sent(request: ModelRequest) {
    await using server = await startFakeAnthropic();
    await read(modelAt(server, 'anthropic/claude-haiku-4-5').stream(request));
    return server.requests[0]?.body ?? {};
  }

  test('tools beside the schema', async () => {
    const body = await sent(request);
    const [tool] = request.tools ?? [];
    expect(body.tools).toEqual([
      {
        name: 'balance',
        description: 'Reads the balance of an account.',
        input_schema: tool?.schema,
      },
    ]);
    expect(body).toHaveProperty('output_config.format');
    expect(body).not.toHaveProperty('tool_choice');
  });

  test('the results of one turn in one message, before any words', async () => {
    const body = await sent({ ...request, messages: CONVERSATION, toolChoice: 'none' });
    expect(body.tool_choice).toEqual({ type: 'none' });
    expect(body.messages).toEqual([
      { role: 'user', content: 'My balance, please.' },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'call_1', name: 'balance', input: { account: 'savings' } },
          { type: 'tool_use', id: 'call_2', name: 'get_branch', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'call_1', content: '{"amount":12}' },
          {
            type: 'tool_result',
            tool_use_id: 'call_2',
            content: 'no such tool',
            is_error: true,
          },
          { type: 'text', text: '[Task] Say it.' },
        ],
      },
    ]);
  });

  test('words that were spoken beside a call stay in front of it', async () => {
    const [, turn] = CONVERSATION;
    const messages = CONVERSATION.map((message) =>
      message === turn ? { ...turn, content: 'One moment.' } : message,
    );
    expect(await sent({ ...request, messages })).toHaveProperty('messages.1.content.0', {
      type: 'text',
      text: 'One moment.',
    });
  });

  test('what a model thought before a call goes back with it, as it was signed', async () => {
    const toolCalls = [{ ...balance, thought: 'They want to know.' }, branch];
    await using server = await startFakeAnthropic({ text: 'One moment.', toolCalls });
    const model = modelAt(server, 'anthropic/claude-sonnet-5-5');
    const calls = callsIn(await read(model.stream(request)));
    const messages: ModelMessage[] = [
      ...request.messages,
      { role: 'assistant', content: 'One moment.', toolCalls: calls },
      ...calls.map(({ id }) => ({ role: 'tool' as const, callId: id, content: '12' })),
    ];
    await read(model.stream({ ...request, messages }));
    expect(server.requests[1]?.body).toHaveProperty('messages.1.content', [
      {
        type: 'thinking',
        thinking: 'They want to know.',
        signature: 'signed They want to know.',
      },
      { type: 'text', text: 'One moment.' },
      {
        type: 'tool_use',
        id: 'call_1',
        name: 'balance',
        input: { account: 'savings', days: 30 },
      },
      { type: 'tool_use', id: 'call_2', name: 'branch', input: { city: 'Łódź' } },
    ]);
  });
});
