import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { LLMAgent } from '../../src/agent/llm-agent.ts';
import { textService } from '../../src/http/text-service.ts';
import { InMemorySessionStore } from '../../src/session/memory-store.ts';
import { SessionWorker } from '../../src/session/worker.ts';
import { functionTool } from '../../src/tools/function-tool.ts';
import type { Tool } from '../../src/tools/tool.ts';
import { startFakeOpenAI } from '../support/fake-openai.ts';
import { eventsOf, replyOf, sessionOf } from './service.ts';

const S = { session_id: 's1' };

/** Sessions whose agents have a model and no flow. */
function workerOf(url: string, greeting?: string, tools: readonly Tool[] = []): SessionWorker {
  const llm = `openai/fake@${url}`;
  return new SessionWorker({
    agentFactory: () => new LLMAgent({ llm, systemPrompt: 'Be brief.', tools }),
    store: new InMemorySessionStore(),
    ...(greeting !== undefined && { greeting }),
  });
}

function serviceOf(...setup: Parameters<typeof workerOf>) {
  const app = textService({ worker: workerOf(...setup) });
  return (path: string, body?: object) =>
    app.request(path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
}

test('an agent without a flow greets once; taken up again it repeats its last words, once', async () => {
  await using model = await startFakeOpenAI({ text: 'At nine.' });
  const ask = serviceOf(model.url, 'Hello!');
  expect(await replyOf(ask('/turn', { ...S, text: 'When?' }))).toMatchObject({
    reply: 'Hello!\nAt nine.',
    opened: true,
    moves: [],
  });
  const again = await replyOf(ask('/turn', S));
  expect(again).toMatchObject({ reply: 'At nine.', opened: false });
  const [streamed] = await eventsOf(await ask('/stream', S));
  expect(streamed).toEqual({ event: 'text', data: { text: 'At nine.' } });
  const { messages, node, slots } = await sessionOf(ask('/sessions/s1'));
  expect(messages.map(({ content }) => content)).toEqual(['Hello!', 'When?', 'At nine.']);
  expect(again.message_id).toBe(messages[2]?.id);
  expect({ node, slots }).toEqual({ node: undefined, slots: {} });
});

test('an agent that does not greet answers the first text', async () => {
  await using model = await startFakeOpenAI({ text: 'At nine.' });
  const ask = serviceOf(model.url);
  expect(await replyOf(ask('/turn', S))).toMatchObject({ reply: '', opened: true });
  expect(await replyOf(ask('/turn', { ...S, text: 'When?' }))).toMatchObject({ reply: 'At nine.' });
  expect(await replyOf(ask('/turn', { ...S, text: 'When?' }))).toMatchObject({ opened: false });
});

test('a client that goes away before a /turn is answered leaves nothing, without a flow either', async () => {
  const said = 'One and one is two. '.repeat(20);
  await using model = await startFakeOpenAI({ text: said, fault: 'stall_midway' });
  const worker = workerOf(model.url, 'Hello!');
  const client = new AbortController();
  const turn = textService({ worker }).request('/turn', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...S, text: 'Count.' }),
    signal: client.signal,
  });
  await vi.waitFor(() => expect(model.requests).toHaveLength(1));
  // Until words are there. Were this too short, the turn would end before them, with the same result.
  await sleep(200);
  client.abort();
  await turn;
  expect(await model.requests[0]?.closedByClient).toBe(true);
  await using session = await worker.acquire('s1');
  expect(session.chatCtx.items.map(({ content }) => content)).toEqual(['Hello!']);
});

test('a tool that changes something runs in a /turn, and what it answers is told', async () => {
  await using model = await startFakeOpenAI((_, index) =>
    index === 0
      ? { text: '', toolCalls: [{ id: 'c1', name: 'book', arguments: '{}' }] }
      : { text: 'It is booked.' },
  );
  const book = functionTool({
    name: 'book',
    description: 'Books.',
    schema: z.object({}),
    run: () => ({ number: 7 }),
  });
  const ask = serviceOf(model.url, undefined, [book]);
  const reply = await replyOf(ask('/turn', { ...S, text: 'Book it.' }));
  expect(reply.reply).toMatch(/It is booked\.$/);
  expect(reply.tool_calls).toMatchObject([{ name: 'book' }]);
});
