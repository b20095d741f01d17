import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { startTextServer, type TextServerOptions } from '../../src/http/server.ts';
import { startFakeOpenAI } from '../support/fake-openai.ts';
import type { FakeProvider, FakeReplies } from '../support/fake-provider.ts';
import { decide } from '../support/model-machine.ts';
import { eventsOf, refusalOf, replyOf, sessionOf, talker, workerOf } from './service.ts';

/** A service behind a real socket, whose model is a local server. */
async function startService(replies: FakeReplies, options: Partial<TextServerOptions> = {}) {
  const model = await startFakeOpenAI(replies);
  const worker = workerOf({ flow: talker, llm: `openai/fake@${model.url}` });
  const server = await startTextServer({ worker, port: 0, host: '127.0.0.1', ...options });
  return {
    model,
    server,
    post: (path: string, body: object, signal?: AbortSignal) =>
      fetch(server.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        ...(signal !== undefined && { signal }),
      }),
    get: (path: string) => fetch(server.url + path),
    async [Symbol.asyncDispose]() {
      await server.close({ graceMs: 0 });
      await model[Symbol.asyncDispose]();
    },
  };
}

async function firstRequest(model: FakeProvider) {
  return vi.waitFor(() => {
    const [request] = model.requests;
    if (request === undefined) throw new Error('the model was not asked');
    return request;
  });
}

const S = { session_id: 's1' };

/** A request as it goes over the wire, for connections that carry several. */
function raw(path: string, body: object): string {
  const text = JSON.stringify(body);
  const head = [`POST ${path} HTTP/1.1`, 'host: x', 'content-type: application/json'];
  return [...head, `content-length: ${text.length}`, '', text].join('\r\n');
}

test.each(['/turn', '/stream'])(
  'a client that goes away before the first words takes its turn with it: %s',
  async (path) => {
    await using service = await startService((_, index) =>
      index === 0 ? { fault: 'stall' } : decide('stay', 'Here I am.'),
    );
    const { model, post, get } = service;
    await post('/turn', S);
    const before = await sessionOf(get('/sessions/s1'));
    const client = new AbortController();
    const asked = post(path, { ...S, text: 'are you there' }, client.signal).then((r) => r.text());
    const request = await firstRequest(model);
    client.abort();
    await expect(asked).rejects.toThrow();
    expect(await request.closedByClient).toBe(true);
    expect(await sessionOf(get('/sessions/s1'))).toEqual(before);
    expect(await replyOf(post('/turn', { ...S, text: 'hello' }))).toMatchObject({
      reply: 'Here I am.',
    });
  },
);

test('a client that goes away in the middle of a turn has seen nothing of it, so nothing of it happened', async () => {
  const count = decide('stay', 'One and one is two. '.repeat(20));
  await using service = await startService({ ...count, fault: 'stall_midway' });
  const { model, post, get } = service;
  await post('/turn', S);
  const before = await sessionOf(get('/sessions/s1'));
  const client = new AbortController();
  const asked = post('/turn', { ...S, text: 'count' }, client.signal);
  const request = await firstRequest(model);
  // Until words are there. Were this too short, the turn would end before them, with the same result.
  await sleep(300);
  client.abort();
  await expect(asked).rejects.toThrow();
  expect(await request.closedByClient).toBe(true);
  expect(await sessionOf(get('/sessions/s1'))).toEqual(before);
});

test('a client that goes away in the middle of a stream leaves the words that came until then', async () => {
  await using service = await startService({
    ...decide('stay', 'One two three four five six seven eight.'),
    msPerToken: 30,
  });
  const { model, post, get } = service;
  await post('/turn', S);
  const client = new AbortController();
  const response = await post('/stream', { ...S, text: 'count' }, client.signal);
  await response.body?.getReader().read();
  client.abort();
  const request = await firstRequest(model);
  expect(await request.closedByClient).toBe(true);
  const { messages } = await sessionOf(get('/sessions/s1'));
  expect(messages.slice(1)).toMatchObject([
    { role: 'user', content: 'count' },
    { role: 'assistant', content: expect.stringMatching(/^One/) },
  ]);
  expect(messages[2]?.content).not.toContain('eight');
});

test('requests over the same connection do not take each other for the holder of a session', async () => {
  await using service = await startService(decide('stay', 'Yes.'));
  await service.post('/turn', S);
  const { hostname, port } = new URL(service.server.url);
  const ask = raw('/turn', S);
  const look = 'GET /sessions/s1 HTTP/1.1\r\nhost: x\r\n\r\n';
  const last = 'GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n';
  const socket = connect(Number(port), hostname);
  socket.write(ask + look + ask + look + last);
  const text = (await socket.setEncoding('utf8').toArray()).join('');
  expect(text.match(/HTTP\/1.1 \d+/g)).toEqual(Array(5).fill('HTTP/1.1 200'));
});

test('a body in chunks is measured too', async () => {
  await using service = await startService({}, { maxBodyBytes: 50 });
  const send = (text: string) =>
    fetch(`${service.server.url}/turn`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      duplex: 'half',
      body: new Blob([JSON.stringify({ ...S, text })]).stream(),
    });
  expect((await send('hi')).status).toBe(200);
  expect(await refusalOf(send('x'.repeat(50)))).toMatchObject({ status: 413, code: 'too_large' });
});

test('closing lets the running turn finish, and lets no more in', async () => {
  await using service = await startService({ ...decide('stay', 'In peace.'), firstTokenMs: 200 });
  const { model, post, server } = service;
  await post('/turn', S);
  const running = post('/turn', { ...S, text: 'let me finish' });
  await firstRequest(model);
  const closed = server.close({ graceMs: 30_000 });
  await expect(post('/turn', { session_id: 's2' })).rejects.toThrow();
  expect(await replyOf(running)).toMatchObject({ reply: 'In peace.' });
  await closed;
});

test('closing refuses what still comes over a connection that is in use', async () => {
  await using service = await startService({ ...decide('stay', 'In peace.'), firstTokenMs: 200 });
  const { model, server } = service;
  await service.post('/turn', S);
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.write(raw('/turn', { ...S, text: 'let me finish' }));
  await firstRequest(model);
  const closed = server.close({ graceMs: 30_000 });
  socket.write(raw('/turn', { session_id: 's2' }));
  const text = (await socket.setEncoding('utf8').toArray()).join('');
  expect(text.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 503']);
  expect(text).toMatch(/In peace\.[\s\S]*shutting_down/);
  await closed;
});

test('a turn that does not end in time is ended when the service closes, and the client is told', async () => {
  await using service = await startService({ fault: 'stall' });
  const { model, post, server } = service;
  await post('/turn', S);
  const turn = post('/turn', { ...S, text: 'hello' });
  const stream = post('/stream', { session_id: 's2', text: 'hello' });
  await vi.waitFor(() => expect(model.requests).toHaveLength(2));
  await server.close({ graceMs: 20 });
  expect(await refusalOf(turn)).toMatchObject({ status: 503, code: 'shutting_down' });
  expect((await eventsOf(await stream)).at(-1)).toMatchObject({
    event: 'error',
    data: { error: { code: 'shutting_down' } },
  });
  for (const { closedByClient } of model.requests) expect(await closedByClient).toBe(true);
});

test('a port that is taken is told in one sentence', async () => {
  await using service = await startService({});
  const port = Number(new URL(service.server.url).port);
  await expect(startTextServer({ worker: workerOf(), port, host: '127.0.0.1' })).rejects.toThrow(
    `cannot listen at 127.0.0.1:${port}: another program listens there`,
  );
});
