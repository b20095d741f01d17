import { expect, test } from 'vitest';
import { startFakeOpenAI } from '../support/fake-openai.ts';
import { decide } from '../support/model-machine.ts';
import { eventsOf, replyOf, serviceOf, sessionOf, talker } from './service.ts';

const S = { session_id: 's1' };

test('a turn without a text opens the conversation, and on an open one asks again', async () => {
  const { post } = serviceOf();
  const opening = await post('/turn', S);
  expect(opening.status).toBe(200);
  expect(await replyOf(opening)).toEqual({
    session_id: 's1',
    reply: 'Good morning. Tea or coffee?',
    message_id: expect.any(String),
    opened: true,
    ended: false,
    node: 'greeting',
    moves: [],
    effects: [],
    tool_calls: [],
  });
  const again = await replyOf(post('/turn', S));
  expect(again).toMatchObject({ reply: 'Good morning. Tea or coffee?', opened: false });
});

test('a text is answered, and says where the conversation went and who decided', async () => {
  const { post } = serviceOf();
  await post('/turn', S);
  const response = await post('/turn', { ...S, text: 'tea' });
  expect(await replyOf(response)).toMatchObject({
    reply: 'And your pin, please?',
    opened: false,
    node: 'pin',
    moves: [{ edge: 'chosen', from: 'greeting', to: 'pin', by: 'collected' }],
  });
});

test('a text that begins a conversation does not skip what the opening has to say', async () => {
  const { post, get } = serviceOf();
  const reply = await replyOf(post('/turn', { ...S, text: 'coffee' }));
  expect(reply).toMatchObject({
    reply: 'Good morning. Tea or coffee?\nAnd your pin, please?',
    opened: true,
    node: 'pin',
    moves: [{ edge: 'chosen' }],
  });
  const { messages } = await sessionOf(get('/sessions/s1'));
  expect(messages.map(({ role, content }) => [role, content])).toEqual([
    ['assistant', 'Good morning. Tea or coffee?'],
    ['user', 'coffee'],
    ['assistant', 'And your pin, please?'],
  ]);
  expect(reply.message_id).toBe(messages[2]?.id);
});

test('the end tells its outcome and what the client has to do; the next turn begins anew', async () => {
  const { post } = serviceOf();
  await post('/turn', { ...S, text: 'tea' });
  expect(await replyOf(post('/turn', { ...S, text: '1 2 3 4' }))).toMatchObject({
    reply: 'Enjoy your tea. Goodbye.',
    ended: true,
    outcome: 'served',
    effects: [{ kind: 'hang_up' }],
  });
  expect(await replyOf(post('/turn', S))).toMatchObject({
    reply: 'Good morning. Tea or coffee?',
    opened: true,
    ended: false,
  });
});

test('users do not meet', async () => {
  const { post } = serviceOf();
  await post('/turn', { session_id: 'ada', text: 'tea' });
  expect(await replyOf(post('/turn', { session_id: 'bob' }))).toMatchObject({
    opened: true,
    node: 'greeting',
  });
  expect(await replyOf(post('/turn', { session_id: 'ada' }))).toMatchObject({
    opened: false,
    node: 'pin',
  });
});

test('a stream sends the words as they come and then the result, the same as a turn has', async () => {
  await using model = await startFakeOpenAI(decide('stay', 'One two three four.'));
  const { post } = serviceOf({ flow: talker, llm: `openai/fake@${model.url}` });
  await post('/turn', S);
  const response = await post('/stream', { ...S, text: 'count' });
  expect(response.headers.get('content-type')).toMatch('text/event-stream');
  const events = await eventsOf(response);
  const pieces = events.slice(0, -1);
  expect(pieces.length).toBeGreaterThan(1);
  expect(pieces.every(({ event }) => event === 'text')).toBe(true);
  expect(pieces.map(({ data }) => (data as { text: string }).text).join('')).toBe(
    'One two three four.',
  );
  expect(events.at(-1)).toEqual({
    event: 'done',
    data: {
      session_id: 's1',
      reply: 'One two three four.',
      message_id: expect.any(String),
      opened: false,
      ended: false,
      node: 'a',
      moves: [],
      effects: [],
      tool_calls: [],
    },
  });
});

test('the pieces of a stream that begins a conversation add up to its reply', async () => {
  const events = await eventsOf(await serviceOf().post('/stream', { ...S, text: 'tea' }));
  const streamed = events.slice(0, -1).map(({ data }) => (data as { text: string }).text);
  expect(streamed.join('')).toBe('Good morning. Tea or coffee?\nAnd your pin, please?');
  expect(events.at(-1)?.data).toMatchObject({ reply: streamed.join('') });
});

test('turns of one session that come at once are served one after another, in order', async () => {
  await using model = await startFakeOpenAI((_, index) => ({
    ...decide('stay', `Answer ${index}.`),
    firstTokenMs: index === 0 ? 150 : 0,
  }));
  const { post, get } = serviceOf({ flow: talker, llm: `openai/fake@${model.url}` });
  await post('/turn', S);
  const replies = await Promise.all(
    ['a', 'b', 'c'].map((text) => replyOf(post('/turn', { ...S, text }))),
  );
  expect(replies.map(({ reply }) => reply)).toEqual(['Answer 0.', 'Answer 1.', 'Answer 2.']);
  const { messages } = await sessionOf(get('/sessions/s1'));
  expect(messages.map(({ content }) => content)).toEqual([
    'What is it?',
    ...['a', 'Answer 0.', 'b', 'Answer 1.', 'c', 'Answer 2.'],
  ]);
});

test('a model that fails is answered in the words of the flow, and the host hears why', async () => {
  await using model = await startFakeOpenAI({ status: 500 });
  const told: [unknown, string][] = [];
  const { post } = serviceOf({
    flow: talker,
    llm: `openai/fake@${model.url}`,
    service: { onError: (error, route) => told.push([error, route]) },
  });
  await post('/turn', S);
  const response = await post('/turn', { ...S, text: 'my secret' });
  expect(response.status).toBe(200);
  const reply = await replyOf(response);
  expect(reply).toMatchObject({ ended: false, error: { code: 'model_unavailable' } });
  expect(reply.reply).not.toBe('');
  expect(told).toMatchObject([[{ code: 'model_unavailable' }, '/turn']]);
  expect(String(told[0]?.[0])).not.toContain('my secret');
});
