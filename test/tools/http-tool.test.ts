import { expect, test } from 'vitest';
import { z } from 'zod';
import { UsageError } from '../../src/errors.ts';
import { httpAuth } from '../../src/tools/http-auth.ts';
import { type HttpToolDefinition, httpTool } from '../../src/tools/http-tool.ts';
import { json, startServer } from './local-server.ts';

const schema = z.object({ order: z.string(), size: z.number().optional() });
const context = () => ({ signal: new AbortController().signal });

function orderTool(url: string, definition: Partial<HttpToolDefinition> = {}) {
  return httpTool({
    name: 'order',
    description: 'Looks up an order.',
    schema,
    method: 'GET',
    url: `${url}/orders/{order}`,
    policy: { allowPrivate: true },
    ...definition,
  });
}

test('arguments go into the places of the URL, the others into query or body', async () => {
  await using server = await startServer((response) => json(response, { state: 'sent' }));
  const args = { order: 'a/b?c', size: 3 };
  const headers = httpAuth.bearer('t');
  expect((await orderTool(server.url, { headers }).run(args, context())).data).toEqual({
    state: 'sent',
  });
  await orderTool(server.url, { method: 'POST' }).run(args, context());
  expect(server.seen).toMatchObject([
    { method: 'GET', path: '/orders/a%2Fb%3Fc?size=3', headers: { authorization: 'Bearer t' } },
    { method: 'POST', path: '/orders/a%2Fb%3Fc', body: '{"size":3}' },
  ]);
});

test.each(['.', '..', ''])('the argument "%s" cannot lead to another path', async (order) => {
  await using server = await startServer((response) => json(response, {}));
  expect((await orderTool(server.url).run({ order }, context())).success).toBe(false);
  expect(server.seen).toEqual([]);
});

test('wrong arguments send nothing', async () => {
  await using server = await startServer((response) => json(response, {}));
  expect((await orderTool(server.url).run({ order: 7 }, context())).error).toMatch(
    /^wrong arguments: order/,
  );
  expect(server.seen).toEqual([]);
});

test('private addresses are refused unless the policy opens them', async () => {
  await using server = await startServer((response) => json(response, {}));
  const result = await orderTool(server.url, { policy: {} }).run({ order: '1' }, context());
  expect(result.error).toMatch(/^refused/);
});

test('a GET reads, all else writes unless it says otherwise', () => {
  const url = 'https://api.example.com';
  expect(orderTool(url).effect).toBe('read');
  expect(orderTool(url, { method: 'DELETE' }).effect).toBe('write');
  expect(orderTool(url, { method: 'POST', effect: 'read' }).effect).toBe('read');
});

test.each([
  '/orders',
  'https://{order}.example.com/',
  'https://{order}/',
  'ftp://example.com/{order}',
])('the URL %s is refused when the tool is defined', (url) =>
  expect(() => orderTool('', { url })).toThrow(UsageError),
);
