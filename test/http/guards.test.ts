import { expect, test } from 'vitest';
import { textService } from '../../src/http/text-service.ts';
import { InMemorySessionStore } from '../../src/session/memory-store.ts';
import { startFakeOpenAI } from '../support/fake-openai.ts';
import { decide } from '../support/model-machine.ts';
import { desk, refusalOf, replyOf, serviceOf, sessionOf, talker, workerOf } from './service.ts';

const S = { session_id: 's1' };

test.each([
  ['no JSON', '/turn', 'tea please', 'bad_request', /JSON/],
  ['no session', '/turn', { text: 'tea' }, 'bad_request', /session_id/],
  ['an empty session', '/stream', { session_id: '' }, 'bad_request', /1 to 200 characters/],
  ['a newline in a session', '/turn', { session_id: 'a\nb' }, 'bad_request', /control character/],
  ['a session of 10 kB', '/turn', { session_id: 'a'.repeat(10_000) }, 'bad_request', /1 to 200/],
  ['half a surrogate pair', '/turn', { session_id: '\ud800' }, 'bad_session_id', /surrogate/],
  ['a text that is none', '/turn', { ...S, text: 7 }, 'bad_request', /text/],
  ['an empty text', '/turn', { ...S, text: '  ' }, 'bad_request', /text/],
  ['a field that is unknown', '/turn', { ...S, txt: 'tea' }, 'bad_request', /txt/],
  ['no text to whisper', '/assist', S, 'bad_request', /text/],
  ['no session to reset', '/reset', {}, 'bad_request', /session_id/],
])('bad input is refused with what was expected: %s', async (_, path, body, code, message) => {
  const refusal = await refusalOf(serviceOf().post(path, body));
  expect(refusal).toEqual({ status: 400, code, message: expect.stringMatching(message) });
});

test('what was sent is not told back', async () => {
  const { message } = await refusalOf(serviceOf().post('/turn', { ...S, text: ['4711'] }));
  expect(message).not.toContain('4711');
});

test('a body that is no JSON by its type is refused', async () => {
  const response = await serviceOf().post('/turn', '<a/>', { 'content-type': 'text/xml' });
  expect(await refusalOf(response)).toEqual({
    status: 415,
    code: 'not_json',
    message: expect.any(String),
  });
});

test('a request that is too large is refused', async () => {
  const { post } = serviceOf({ service: { maxBodyBytes: 100 } });
  expect((await post('/turn', S)).status).toBe(200);
  const refusal = await refusalOf(post('/turn', { ...S, text: 'x'.repeat(100) }));
  expect(refusal).toEqual({
    status: 413,
    code: 'too_large',
    message: 'a request may have at most 100 bytes',
  });
});

test('without a token of the service nothing but its health and its document is told', async () => {
  const { post, get } = serviceOf({ service: { tokens: ['first', 'second'] } });
  for (const headers of [{}, { authorization: 'Bearer wrong' }]) {
    const refused = await post('/turn', S, headers);
    expect(await refusalOf(refused)).toEqual({
      status: 401,
      code: 'unauthorized',
      message: expect.stringMatching(/token/),
    });
    expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer/);
  }
  for (const path of ['/stream', '/assist', '/reset']) {
    expect((await post(path, S)).status).toBe(401);
  }
  expect((await get('/sessions/s1')).status).toBe(401);
  expect((await get('/health')).status).toBe(200);
  expect((await get('/openapi.json')).status).toBe(200);
  for (const token of ['first', 'second']) {
    expect((await post('/turn', S, { authorization: `Bearer ${token}` })).status).toBe(200);
  }
});

test('a client may make so many requests in a while; another client is not hindered', async () => {
  const { post } = serviceOf({ service: { tokens: ['a', 'b'], rateLimit: { limit: 2 } } });
  const as = (token: string) => post('/turn', S, { authorization: `Bearer ${token}` });
  expect([(await as('a')).status, (await as('a')).status]).toEqual([200, 200]);
  const refused = await as('a');
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await refusalOf(refused)).toEqual({
    status: 429,
    code: 'rate_limit',
    message: expect.stringMatching(/at most 2/),
  });
  expect((await as('b')).status).toBe(200);
});

test('where nobody needs a token, a made-up one does not get around the limit', async () => {
  const { post } = serviceOf({ service: { rateLimit: { limit: 1 } } });
  expect((await post('/turn', S, { authorization: 'Bearer x' })).status).toBe(200);
  expect((await post('/turn', S, { authorization: 'Bearer y' })).status).toBe(429);
});

test('whispers reach the model with the next turn; without a model they are refused', async () => {
  await using model = await startFakeOpenAI(decide('stay', 'Of course.'));
  const { post, get } = serviceOf({ flow: talker, llm: `openai/fake@${model.url}` });
  const whisper = { ...S, text: 'Mention the discount.' };
  expect(await refusalOf(post('/assist', whisper))).toMatchObject({
    status: 404,
    code: 'unknown_session',
  });
  await post('/turn', S);
  const whispered = await post('/assist', whisper);
  expect(await whispered.json()).toEqual({ ...S, status: 'ok' });
  await post('/turn', { ...S, text: 'hello' });
  expect(JSON.stringify(model.requests[0]?.body)).toContain('Mention the discount.');
  expect(await (await get('/sessions/s1')).text()).not.toContain('discount');

  const mute = serviceOf();
  await mute.post('/turn', S);
  expect(await refusalOf(mute.post('/assist', whisper))).toMatchObject({
    status: 409,
    code: 'assist_refused',
  });
});

test('a reset forgets the session, and one that is unknown is no error', async () => {
  const { post, get } = serviceOf();
  await post('/turn', { ...S, text: 'tea' });
  expect(await (await post('/reset', S)).json()).toEqual({ ...S, status: 'ok' });
  expect((await get('/sessions/s1')).status).toBe(404);
  expect(await replyOf(post('/turn', S))).toMatchObject({ opened: true, node: 'greeting' });
  expect((await post('/reset', { session_id: 'nobody' })).status).toBe(200);
});

test('a session shows its history, its place and its slots, but not the values of sensitive ones', async () => {
  const store = new InMemorySessionStore();
  const flow = { ...desk, nodes: new Map(desk.nodes) };
  const pin = flow.nodes.get('pin');
  // Stays at the pin when it is known.
  if (pin !== undefined) flow.nodes.set('pin', { ...pin, edges: [] });
  const setup = { store, flow };
  const { post, get } = serviceOf(setup);
  await post('/turn', { ...S, text: 'tea' });
  await post('/turn', { ...S, text: '1 2 3 4' });
  const shown = await sessionOf(get('/sessions/s1'));
  expect(shown).toMatchObject({
    session_id: 's1',
    node: 'pin',
    slots: { drink: 'tea', pin: '[sensitive]' },
  });
  expect(shown.messages[0]).toEqual({
    id: expect.any(String),
    role: 'assistant',
    content: 'Good morning. Tea or coffee?',
    created_at: '2026-03-04T10:00:00.000Z',
  });

  const unaware = textService({ worker: workerOf(setup) });
  const { slots } = await sessionOf(unaware.request('/sessions/s1'));
  expect(slots).toEqual({ drink: '[sensitive]', pin: '[sensitive]' });
});

test('looking at a session that nobody has opened does not make one', async () => {
  const store = new InMemorySessionStore();
  const { get } = serviceOf({ store });
  expect(await refusalOf(get('/sessions/nobody'))).toMatchObject({
    status: 404,
    code: 'unknown_session',
  });
  expect(await store.load('nobody')).toBeUndefined();
});

test('ids in a path may hold anything that ids may', async () => {
  const { post, get } = serviceOf();
  const id = '../a b/ü?#%';
  await post('/turn', { session_id: id });
  const shown = await sessionOf(get(`/sessions/${encodeURIComponent(id)}`));
  expect(shown.session_id).toBe(id);
});

test('a session that is busy for too long is a conflict, in a stream too', async () => {
  await using model = await startFakeOpenAI({ ...decide('stay', 'Yes.'), firstTokenMs: 500 });
  const { post } = serviceOf({
    flow: talker,
    llm: `openai/fake@${model.url}`,
    service: { maxWaitMs: 10 },
  });
  await post('/turn', S);
  const slow = post('/turn', { ...S, text: 'hello' });
  expect(await refusalOf(post('/turn', S))).toMatchObject({ status: 409, code: 'lock_timeout' });
  expect(await refusalOf(post('/stream', S))).toMatchObject({ status: 409, code: 'lock_timeout' });
  expect(await replyOf(slow)).toMatchObject({ reply: 'Yes.' });
});

test('when all sessions are in use, the client is told to come again', async () => {
  const worker = workerOf({ maxSessions: 1 });
  const app = textService({ worker });
  await using _ = await worker.acquire('other');
  const response = await app.request('/turn', {
    method: 'POST',
    body: JSON.stringify(S),
    headers: { 'content-type': 'application/json' },
  });
  expect(response.headers.get('retry-after')).toBe('1');
  expect(await refusalOf(response)).toMatchObject({ status: 503, code: 'session_limit' });
});
