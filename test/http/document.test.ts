import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { textService } from '../../src/http/text-service.ts';
import { serviceOf, workerOf } from './service.ts';

test('the document describes each route, its input and its answers', async () => {
  const document = JSON.parse(await (await serviceOf().get('/openapi.json')).text());
  expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: '/' }] });
  expect(Object.keys(document.paths)).toEqual([
    '/health',
    '/turn',
    '/stream',
    '/assist',
    '/reset',
    '/sessions/{id}',
  ]);
  expect(Object.keys(document.paths['/turn'].post.responses)).toEqual(
    expect.arrayContaining(['200', '400', '401', '409', '413', '429', '503']),
  );
  expect(document.components.schemas.TurnRequest).toMatchObject({
    required: ['session_id'],
    properties: { session_id: { type: 'string' }, text: { type: 'string' } },
  });
  expect(document.components.schemas.TurnReply.required).toEqual(
    expect.arrayContaining(['session_id', 'reply', 'ended', 'moves', 'effects']),
  );
  expect(document.security).toBeUndefined();
});

test('mounted in an app, it serves its routes there and leaves the others alone', async () => {
  const app = new Hono();
  app.route('/agent', textService({ worker: workerOf(), tokens: 'secret' }));
  app.get('/turn', (c) => c.text('mine'));
  app.get('/sessions/mine', (c) => c.text('mine'));
  expect(await (await app.request('/turn')).text()).toBe('mine');
  expect(await (await app.request('/sessions/mine')).text()).toBe('mine');
  expect((await app.request('/agent/sessions/s1')).status).toBe(401);
  const response = await app.request('/agent/turn', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer secret' },
    body: JSON.stringify({ session_id: 's1' }),
  });
  expect(response.status).toBe(200);
  const document = JSON.parse(await (await app.request('/agent/openapi.json')).text());
  expect(document.servers).toEqual([{ url: '/agent' }]);
  expect(document.security).toEqual([{ bearer: [] }]);
  expect(document.components.securitySchemes.bearer).toEqual({ type: 'http', scheme: 'bearer' });
  expect(document.paths['/health'].get.security).toEqual([]);
});

test('an error inside is told to the host, and to the client only that there was one', async () => {
  const app = new Hono();
  const told: unknown[] = [];
  const worker = workerOf({
    store: {
      load: async () => {
        throw new Error('password=hunter2 does not work');
      },
      save: async () => {},
      delete: async () => {},
    },
  });
  app.route('/', textService({ worker, onError: (error, route) => told.push([error, route]) }));
  const response = await app.request('/sessions/4711');
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({
    error: { code: 'internal', message: 'the agent failed' },
  });
  expect(told).toEqual([[new Error('password=hunter2 does not work'), '/sessions/:id']]);
});
