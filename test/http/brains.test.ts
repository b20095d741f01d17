import { expect, test } from 'vitest';
import { LLMAgent } from '../../src/agent/llm-agent.ts';
import { textService } from '../../src/http/text-service.ts';
import { InMemorySessionStore } from '../../src/session/memory-store.ts';
import { SessionWorker } from '../../src/session/worker.ts';
import { startFakeOpenAI } from '../support/fake-openai.ts';
import { eventsOf, replyOf, sessionOf } from './service.ts';

const S = { session_id: 's1' };

/** A service whose agents have a model and no flow. */
function serviceOf(url: string, greeting?: string) {
  const worker = new SessionWorker({
    agentFactory: () => new LLMAgent({ llm: `openai/fake@${url}`, systemPrompt: 'Be brief.' }),
    store: new InMemorySessionStore(),
    ...(greeting !== undefined && { greeting }),
  });
  const app = textService({ worker });
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
