import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { LLMAgent } from '../../src/agent/llm-agent.ts';
import { functionTool } from '../../src/tools/function-tool.ts';
import type { Tool } from '../../src/tools/tool.ts';
import { startFakeOpenAI } from '../support/fake-openai.ts';
import type { FakeReply, FakeToolCall, RecordedRequest } from '../support/fake-provider.ts';
import { historyOf, llmAgentAt, modelAt, PROVIDERS } from './brains.ts';

/** Body of the n-th request as text: what was sent, in whatever protocol. */
function sent(requests: readonly RecordedRequest[], index: number): string {
  return JSON.stringify(requests[index]?.body ?? {});
}

describe.each(PROVIDERS)('LLMAgent with $name', ({ start, uri }) => {
  test('sends instructions and the conversation as it was heard', async () => {
    await using server = await start((_, index) => ({ text: `Answer ${index}.` }));
    const agent = llmAgentAt(server, { uri });
    const { messageId = '' } = await agent.turn('First question.');
    agent.heard(messageId, 'Answ');
    await agent.turn('Second question.');
    const body = sent(server.requests, 1);
    expect(body).toContain('You sell shoes.');
    expect(body.indexOf('First question.')).toBeLessThan(body.indexOf('"Answ"'));
    expect(body.indexOf('"Answ"')).toBeLessThan(body.indexOf('Second question.'));
    expect(body).not.toContain('Answer 0.');
  });

  test('tells a whisper once, as an instruction', async () => {
    await using server = await start();
    const agent = llmAgentAt(server, { uri });
    agent.assist('Offer a discount.');
    const { text } = await agent.turn('Hello?');
    await agent.turn('Hello again?');
    expect(text).not.toContain('discount');
    expect(sent(server.requests, 0)).toContain('Offer a discount.');
    expect(sent(server.requests, 1)).not.toContain('Offer a discount.');
    expect(historyOf(agent).join()).not.toContain('discount');
  });

  test('keeps a whisper for the next turn where one is taken back', async () => {
    await using server = await start();
    const agent = llmAgentAt(server, { uri });
    agent.assist('Offer a discount.');
    const draft = agent.draft('Hello?');
    for await (const _ of draft?.stream ?? []);
    draft?.discard();
    await agent.turn('Hello?');
    expect(sent(server.requests, 1)).toContain('Offer a discount.');
  });

  test('keeps messages of the system among the instructions', async () => {
    await using server = await start();
    const agent = llmAgentAt(server, { uri });
    agent.chatCtx.add({ role: 'system', content: 'The caller is a member.' });
    await agent.turn('Hello?');
    expect(sent(server.requests, 0)).toMatch(/You sell shoes\.\\n\\nThe caller is a member\./);
  });

  test('counts its calls and what they used', async () => {
    await using server = await start();
    const { metadata } = await llmAgentAt(server, { uri }).turn('Hello?');
    expect(metadata).toMatchObject({ modelCalls: 1, usage: { inputTokens: 100 } });
  });

  test('closes the connection when its words are no longer wanted', async () => {
    await using server = await start({ text: 'One two three four.', msPerToken: 30 });
    for await (const _ of llmAgentAt(server, { uri }).turn('Hello?', { stream: true })) break;
    expect(await server.requests[0]?.closedByClient).toBe(true);
  });
});

describe('a model that fails', () => {
  test.each<[string, FakeReply, string]>([
    ['answers with 500', { status: 500 }, 'model_unavailable'],
    ['refuses the key', { status: 401 }, 'model_auth'],
    ['stalls', { fault: 'stall' }, 'model_timeout'],
    ['says nothing', { text: ' ' }, 'no_words'],
  ])('and %s gives the recovery line, and the turn stands', async (_, reply, code) => {
    await using server = await startFakeOpenAI(reply);
    const llm = modelAt(server, 'openai/gpt-5.1', 100);
    const agent = new LLMAgent({ llm, systemPrompt: '', recoveryLine: 'Pardon?' });
    const { text, metadata } = await agent.turn('My number is 12345.');
    expect(text).toBe('Pardon?');
    expect(metadata).toMatchObject({ modelCalls: 1, error: { code } });
    expect(JSON.stringify(metadata)).not.toContain('12345');
    expect(historyOf(agent)).toEqual(['user: My number is 12345.', 'assistant: Pardon?']);
  });

  test('in the middle of its words leaves what was said', async () => {
    await using server = await startFakeOpenAI({ text: 'We have red ones.', fault: 'drop' });
    const agent = llmAgentAt(server);
    const { text, metadata } = await agent.turn('Which?');
    expect(text).toBe('We have red');
    expect(metadata).toMatchObject({ error: { code: 'model_unavailable' } });
    expect(historyOf(agent)).toEqual(['user: Which?', 'assistant: We have red']);
  });

  test('is followed by the next one of the list', async () => {
    await using broken = await startFakeOpenAI({ status: 500 });
    await using whole = await startFakeOpenAI({ text: 'Here I am.' });
    const llm = [broken, whole].map(({ url }) => `openai/m@${url}`);
    const { text, metadata } = await new LLMAgent({ llm, systemPrompt: '' }).turn('Hello?');
    expect(text).toBe('Here I am.');
    expect(metadata).toMatchObject({ modelCalls: 2 });
  });
});

/** Replies with calls until tools have answered, then with words. */
function callsThenWords(...calls: FakeToolCall[]) {
  return (_: RecordedRequest, index: number): FakeReply =>
    index === 0 ? { text: '', toolCalls: calls } : { text: 'It is done.' };
}

function call(id: string, name: string, args: object = {}): FakeToolCall {
  return { id, name, arguments: JSON.stringify(args) };
}

/** Notes what was run, with the words that were said until then. */
function toolsOf(log: string[] = []) {
  const stock: Tool = functionTool({
    name: 'stock',
    description: 'Pairs in stock.',
    schema: z.object({ size: z.number() }),
    effect: 'read',
    run: ({ size }) => {
      log.push(`stock ${size}`);
      return { pairs: 3 };
    },
  });
  const order: Tool = functionTool({
    name: 'order',
    description: 'Orders a pair.',
    schema: z.object({ size: z.number() }),
    run: ({ size }, { idempotencyKey }) => {
      log.push(`order ${size} ${idempotencyKey !== undefined}`);
      return { ordered: true };
    },
  });
  return { tools: [stock, order], log };
}

describe.each(PROVIDERS)('tools of an LLMAgent with $name', ({ start, uri }) => {
  test('are offered, run, and their answers spoken of', async () => {
    await using server = await start(callsThenWords(call('c1', 'stock', { size: 42 })));
    const { tools, log } = toolsOf();
    const agent = llmAgentAt(server, { uri, tools });
    const result = await agent.turn('Do you have 42?');
    expect(log).toEqual(['stock 42']);
    expect(result).toMatchObject({
      text: 'It is done.',
      toolCalls: [
        { name: 'stock', arguments: { size: 42 }, result: { success: true, data: { pairs: 3 } } },
      ],
      metadata: { modelCalls: 2 },
    });
    expect(sent(server.requests, 1)).toContain('{\\"pairs\\":3}');
  });

  test('stay in the history for the turns that follow', async () => {
    await using server = await start(callsThenWords(call('c1', 'stock', { size: 42 })));
    const agent = llmAgentAt(server, { uri, tools: toolsOf().tools });
    await agent.turn('Do you have 42?');
    await agent.turn('How many?');
    expect(historyOf(agent).slice(0, 3)).toEqual([
      'user: Do you have 42?',
      'tool: {"pairs":3}',
      'assistant: It is done.',
    ]);
    const body = sent(server.requests, 2);
    expect(body).toContain('{\\"pairs\\":3}');
    expect(body.indexOf('pairs\\":3')).toBeLessThan(body.indexOf('It is done.'));
  });

  test('that are called at once are answered at once', async () => {
    const both = [call('c1', 'stock', { size: 41 }), call('c2', 'stock', { size: 42 })];
    await using server = await start(callsThenWords(...both));
    const { tools, log } = toolsOf();
    const { toolCalls } = await llmAgentAt(server, { uri, tools }).turn('41 or 42?');
    expect(log).toEqual(['stock 41', 'stock 42']);
    expect(toolCalls.map(({ arguments: args }) => args)).toEqual([{ size: 41 }, { size: 42 }]);
    expect(server.requests).toHaveLength(2);
  });
});

describe('a tool that changes something', () => {
  test('waits until the turn happens, behind a holding line', async () => {
    await using server = await startFakeOpenAI(callsThenWords(call('c1', 'order', { size: 42 })));
    const { tools, log } = toolsOf();
    const agent = llmAgentAt(server, { tools, holdLine: 'Wait, please.' });
    const draft = agent.draft('I take them.');
    const seen: string[] = [];
    for await (const chunk of draft?.stream ?? []) {
      if (chunk.type !== 'text') continue;
      seen.push(chunk.text);
      if (seen.length > 1) continue;
      // Whoever reads on without a commit waits for it.
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(log).toEqual([]);
      setTimeout(() => draft?.commit(), 20);
    }
    expect(seen[0]).toBe('Wait, please.');
    expect(seen.join('')).toBe('Wait, please. It is done.');
    expect(log).toEqual(['order 42 true']);
    expect(historyOf(agent)).toEqual([
      'user: I take them.',
      'tool: {"ordered":true}',
      'assistant: Wait, please. It is done.',
    ]);
  });

  test('is never run by a draft that is discarded', async () => {
    await using server = await startFakeOpenAI(callsThenWords(call('c1', 'order', { size: 42 })));
    const { tools, log } = toolsOf();
    const agent = llmAgentAt(server, { tools });
    const draft = agent.draft('I take them.');
    const reading = (async () => {
      for await (const _ of draft?.stream ?? []);
    })();
    await expect.poll(() => server.requests.length).toBe(1);
    setTimeout(() => draft?.discard(), 20);
    await expect(reading).rejects.toThrow();
    expect(log).toEqual([]);
    expect(historyOf(agent)).toEqual([]);
  });

  test('needs no holding line behind words of the model', async () => {
    const order = call('c1', 'order', { size: 42 });
    await using server = await startFakeOpenAI((_, index) =>
      index === 0 ? { text: 'I order them.', toolCalls: [order] } : { text: 'They come.' },
    );
    const { tools } = toolsOf();
    const { text } = await llmAgentAt(server, { tools }).turn('I take them.');
    expect(text).toBe('I order them. They come.');
  });

  test('is run once however often the model asks for it in one turn', async () => {
    const order = (id: string) => call(id, 'order', { size: 42 });
    const replies = [[order('c1'), order('c2')], [order('c3')], []];
    await using server = await startFakeOpenAI((_, index) => ({
      text: index === 2 ? 'It is done.' : '',
      toolCalls: replies[index] ?? [],
    }));
    const { tools, log } = toolsOf();
    const { toolCalls } = await llmAgentAt(server, { tools }).turn('I take them.');
    expect(log).toEqual(['order 42 true']);
    expect(toolCalls).toHaveLength(3);
  });

  test('comes to its end and is remembered when the caller cuts in', async () => {
    await using server = await startFakeOpenAI(callsThenWords(call('c1', 'slow')));
    const cancel = new AbortController();
    let aborted: boolean | undefined;
    const slow: Tool = functionTool({
      name: 'slow',
      description: 'Takes its time.',
      schema: { type: 'object' },
      run: async (_, { signal }) => {
        cancel.abort();
        await new Promise((resolve) => setTimeout(resolve, 20));
        aborted = signal.aborted;
        return 'booked';
      },
    });
    const agent = llmAgentAt(server, { tools: [slow] });
    const { toolCalls } = await agent.turn('Book it.', { signal: cancel.signal });
    expect(aborted).toBe(false);
    expect(toolCalls).toMatchObject([{ result: { success: true } }]);
    expect(historyOf(agent)).toEqual([
      'user: Book it.',
      'tool: "booked"',
      'assistant: One moment, please.',
    ]);
  });
});

describe('a model that calls', () => {
  async function resultFor(made: FakeToolCall) {
    await using server = await startFakeOpenAI(callsThenWords(made));
    const result = await llmAgentAt(server, { tools: toolsOf().tools }).turn('Hello?');
    return { result, next: sent(server.requests, 1) };
  }

  test.each([
    [
      'a tool that is not there',
      call('c1', 'constructor'),
      /no such tool; there are: stock, order/,
    ],
    ['with half an object', { id: 'c1', name: 'stock', arguments: '{"si' }, /not a JSON object/],
    ['with wrong arguments', call('c1', 'stock', { size: 'big' }), /wrong arguments: size/],
  ])('%s is told so and goes on', async (_, made, error) => {
    const { result, next } = await resultFor(made);
    expect(result.text).toBe('It is done.');
    expect(result.toolCalls).toMatchObject([
      { result: { success: false, error: expect.stringMatching(error) } },
    ]);
    expect(next).toMatch(error);
  });

  test('without end is made to speak', async () => {
    await using server = await startFakeOpenAI(({ body }, index) =>
      body.tool_choice === 'none'
        ? { text: 'Enough.' }
        : { text: '', toolCalls: [call(`c${index}`, 'stock', { size: index })] },
    );
    const { text, toolCalls } = await llmAgentAt(server, { tools: toolsOf().tools }).turn('Go.');
    expect(text).toBe('Enough.');
    expect(toolCalls).toHaveLength(5);
  });

  test('and then fails says the recovery line behind what it promised', async () => {
    await using server = await startFakeOpenAI((_, index) =>
      index === 0
        ? { text: 'Let me look.', toolCalls: [call('c1', 'stock', { size: 42 })] }
        : { status: 500 },
    );
    const agent = llmAgentAt(server, { tools: toolsOf().tools, recoveryLine: 'Pardon?' });
    expect((await agent.turn('Do you have 42?')).text).toBe('Let me look. Pardon?');
  });
});

test('a tool that reads for long is bridged with the holding line', async () => {
  await using server = await startFakeOpenAI(callsThenWords(call('c1', 'slow')));
  const slow = functionTool({
    name: 'slow',
    description: 'Takes its time.',
    schema: { type: 'object' },
    effect: 'read',
    run: () => new Promise((resolve) => setTimeout(resolve, 1200)),
  });
  const { text } = await llmAgentAt(server, { tools: [slow] }).turn('Look it up.');
  expect(text).toBe('One moment, please. It is done.');
});

test('two tools of one name are refused', () => {
  const { tools } = toolsOf();
  expect(
    () => new LLMAgent({ llm: 'openai/m@http://x', systemPrompt: '', tools: [...tools, ...tools] }),
  ).toThrow(/two tools are called "stock"/);
});
