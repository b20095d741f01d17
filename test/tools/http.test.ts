import dns from 'node:dns';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type HttpPolicy, type HttpRequest, sendHttp } from '../../src/tools/http.ts';
import { httpAuth } from '../../src/tools/http-auth.ts';
import { isPublic } from '../../src/tools/http-policy.ts';
import { json, type LocalServer, startServer } from './local-server.ts';

const SECRET = 'sk-4929-secret';
const open: HttpPolicy = { allowPrivate: true };

function send(
  request: Partial<HttpRequest> & { url: string },
  policy: HttpPolicy = open,
  idempotencyKey?: string,
) {
  return sendHttp(
    { method: 'GET', timeoutMs: 5000, ...request },
    {
      signal: new AbortController().signal,
      policy,
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    },
  );
}

/** What the name service answers, one list of addresses for each question. */
function answerNames(...answers: string[][]) {
  let asked = 0;
  const spy = vi.spyOn(dns, 'lookup');
  spy.mockImplementation(((_name: string, _options: unknown, callback: unknown) => {
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    if (typeof callback !== 'function') throw new Error('expected a callback');
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  }) as typeof dns.lookup);
  return () => asked;
}

afterEach(() => vi.restoreAllMocks());

describe('results', () => {
  test('JSON is read, whatever the server calls it', async () => {
    await using server = await startServer((response, { path }) => {
      if (path === '/typed') json(response, { slots: [9, 10] });
      else response.end('{"slots": [9, 10]}');
    });
    for (const path of ['/typed', '/untyped']) {
      expect(await send({ url: server.url + path })).toEqual({
        success: true,
        status: 200,
        data: { slots: [9, 10] },
        error: null,
      });
    }
  });

  test('a byte order mark does not spoil JSON', async () => {
    await using server = await startServer((response) => response.end('\uFEFF{"a": 1}'));
    expect((await send({ url: server.url })).data).toEqual({ a: 1 });
  });

  test('what is no JSON is text, and nothing is null', async () => {
    await using server = await startServer((response, { path }) =>
      response.end(path === '/text' ? 'all good' : ''),
    );
    expect((await send({ url: `${server.url}/text` })).data).toBe('all good');
    expect((await send({ url: `${server.url}/empty` })).data).toBeNull();
  });

  test('an error status is a failure that keeps the data', async () => {
    await using server = await startServer((response) => json(response, { reason: 'taken' }, 409));
    expect(await send({ url: server.url })).toEqual({
      success: false,
      status: 409,
      data: { reason: 'taken' },
      error: 'HTTP 409',
    });
  });

  test('malformed JSON is a failure that keeps the text', async () => {
    await using server = await startServer((response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"slots": ['),
    );
    expect(await send({ url: server.url })).toMatchObject({
      success: false,
      status: 200,
      data: '{"slots": [',
      error: 'the answer says that it is JSON and is not',
    });
  });

  test('JSON nested deeper than others can walk is not read', async () => {
    await using server = await startServer((response) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('['.repeat(50_000) + ']'.repeat(50_000)),
    );
    expect((await send({ url: server.url })).success).toBe(false);
  });

  test('a huge answer is cut off, also one that is small on the wire', async () => {
    const { gzipSync } = await import('node:zlib');
    await using server = await startServer((response, { path }) => {
      const body = Buffer.alloc(200_000, 'a');
      if (path === '/plain') response.end(body);
      else response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(body));
    });
    for (const path of ['/plain', '/packed']) {
      const result = await send({ url: server.url + path }, { ...open, maxResponseBytes: 100_000 });
      expect(result).toMatchObject({
        success: false,
        error: 'the answer is longer than 100000 bytes',
      });
    }
  });

  test('a body that never ends is given up at the time limit', async () => {
    await using server = await startServer((response) => response.write('{"slots": '));
    expect(await send({ url: server.url, timeoutMs: 100 })).toMatchObject({
      success: false,
      error: 'no answer within 100 ms',
    });
  });

  test('only the signal rejects, with its own reason', async () => {
    await using server = await startServer(() => undefined);
    const controller = new AbortController();
    const sent = sendHttp(
      { method: 'GET', url: server.url, timeoutMs: 5000 },
      { signal: controller.signal, policy: open },
    );
    await vi.waitUntil(() => server.seen.length === 1);
    controller.abort(new Error('the caller hung up'));
    await expect(sent).rejects.toThrow('the caller hung up');
  });
});

describe('requests', () => {
  test('a JSON body is sent with its type and the key of the effect', async () => {
    await using server = await startServer((response) => json(response, {}));
    await send({ url: server.url, method: 'POST', body: { id: '7' } }, open, 'key-1');
    expect(server.seen[0]).toMatchObject({
      method: 'POST',
      body: '{"id":"7"}',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'key-1' },
    });
  });

  test('rendered numbers become numbers unless the field stays a text or would lose digits', async () => {
    await using server = await startServer((response) => json(response, {}));
    const body = { players: '2', phone: '5550100', pin: '0042', rate: '1.50', list: ['3'] };
    await send({ url: server.url, method: 'POST', body, stringFields: ['phone'] });
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({
      players: 2,
      phone: '5550100',
      pin: '0042',
      rate: '1.50',
      list: [3],
    });
  });

  test('a text body is sent as it is', async () => {
    await using server = await startServer((response) => json(response, {}));
    await send({ url: server.url, method: 'POST', body: '{"phone": "5550100"}', stringFields: [] });
    expect(server.seen[0]).toMatchObject({
      body: '{"phone": "5550100"}',
      headers: { 'content-type': 'application/json' },
    });
  });

  test('bearer, basic and header authentication', () => {
    expect(httpAuth.bearer('t')).toEqual({ authorization: 'Bearer t' });
    expect(httpAuth.basic('Aladdin', 'open sesame')).toEqual({
      authorization: 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==',
    });
    expect(httpAuth.header('x-api-key', 'k')).toEqual({ 'x-api-key': 'k' });
  });
});

describe('errors hold no secrets', () => {
  const headers = { authorization: `Bearer ${SECRET}` };
  test.each<[string, Partial<HttpRequest> & { url: string }]>([
    ['a URL with a password', { url: `http://user:${SECRET}@127.0.0.1/` }],
    ['no URL at all', { url: `${SECRET} nowhere` }],
    ['another scheme', { url: `file:///${SECRET}` }],
    [
      'a header that cannot be sent',
      { url: 'http://127.0.0.1/', headers: { 'x-a': `${SECRET}\n${SECRET}` } },
    ],
    ['a body that cannot be sent', { url: 'http://127.0.0.1/', body: SECRET }],
    ['a server that is not there', { url: `http://127.0.0.1:1/?key=${SECRET}`, headers }],
    ['a private address', { url: `http://10.0.0.1/?key=${SECRET}`, headers }],
  ])('%s', async (name, request) => {
    const result = await send(request, name === 'a private address' ? {} : open);
    expect(result).toMatchObject({ success: false, status: null, data: null });
    expect(result.error).toEqual(expect.any(String));
    expect(JSON.stringify(result)).not.toContain('4929');
  });

  test('an error status whose body quotes them', async () => {
    await using server = await startServer((response) => json(response, { key: SECRET }, 401));
    expect((await send({ url: server.url, headers })).error).toBe('HTTP 401');
  });
});

describe('private addresses', () => {
  test.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.100.100.200',
    '168.63.129.16',
    '0.0.0.0',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fd00:ec2::254',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'no address',
  ])('%s is not public', (address) => expect(isPublic(address)).toBe(false));

  test.each(['8.8.8.8', '172.32.0.1', '2606:4700::1111'])('%s is public', (address) =>
    expect(isPublic(address)).toBe(true),
  );

  test.each([
    '127.0.0.1',
    '127.1',
    '0x7f000001',
    '2130706433',
    '[::1]',
    '[::ffff:7f00:1]',
    'localhost',
  ])('http://%s is refused by default', async (host) => {
    await using server = await startServer((response) => json(response, {}));
    const result = await send({ url: `http://${host}:${server.port}/` }, {});
    expect(result.error).toMatch(/^refused: the address is not of the public internet/);
    expect(server.seen).toEqual([]);
  });

  test('only the named hosts are opened', async () => {
    await using server = await startServer((response) => json(response, {}));
    for (const host of ['127.0.0.1', `127.0.0.1:${server.port}`]) {
      expect((await send({ url: server.url }, { allowPrivate: [host] })).success).toBe(true);
    }
    for (const host of ['127.0.0.2', '127.0.0.1:1', 'localhost']) {
      expect((await send({ url: server.url }, { allowPrivate: [host] })).success).toBe(false);
    }
  });

  test('a name with one private address among its public ones is refused', async () => {
    await using server = await startServer((response) => json(response, {}));
    answerNames(['8.8.8.8', '127.0.0.1']);
    const result = await send({ url: `http://mixed.example:${server.port}/` }, {});
    expect(result.error).toMatch(/^refused/);
    expect(server.seen).toEqual([]);
  });

  test('a name that turns private after it was found public is refused when connecting', async () => {
    await using server = await startServer((response) => json(response, {}));
    // Of the public internet by its number, and routed nowhere.
    const asked = answerNames(['3ffe::1'], ['127.0.0.1']);
    const url = `http://rebound.example:${server.port}/`;
    const request = { url, method: 'POST', timeoutMs: 1000 };
    expect((await send(request, {})).error).toMatch(/^the connection failed|^no answer/);
    expect(server.seen).toEqual([]);
    const result = await send(request, {});
    expect(asked()).toBe(2);
    expect(result.error).toMatch(/^refused/);
    expect(server.seen).toEqual([]);
  });
});

describe('redirects', () => {
  async function redirecting(to: (self: LocalServer) => string, status = 302) {
    const server: LocalServer = await startServer((response, { path }) => {
      if (path === '/end') json(response, { arrived: true });
      else response.writeHead(status, { location: to(server) }).end();
    });
    return server;
  }

  test('are followed at most three times', async () => {
    await using server = await startServer((response, { path }) => {
      const left = Number(path.slice(1));
      if (left === 0) json(response, { arrived: true });
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    expect((await send({ url: `${server.url}/3` })).data).toEqual({ arrived: true });
    expect((await send({ url: `${server.url}/4` })).error).toBe('redirected more than 3 times');
  });

  test('to a private address are refused, though the first host is allowed', async () => {
    await using inner = await startServer((response) => json(response, { secret: true }));
    await using outer = await redirecting(() => inner.url);
    const result = await send({ url: outer.url }, { allowPrivate: [`127.0.0.1:${outer.port}`] });
    expect(result.error).toMatch(/^refused/);
    expect(inner.seen).toEqual([]);
  });

  test('to another scheme are refused', async () => {
    await using server = await redirecting(() => 'file:///etc/passwd');
    expect((await send({ url: server.url })).success).toBe(false);
  });

  test('to another origin leave every credential behind', async () => {
    await using other = await startServer((response) => json(response, {}));
    await using first = await redirecting(() => other.url);
    const headers = { authorization: SECRET, cookie: SECRET, 'x-api-key': SECRET, accept: 'a/b' };
    await send({ url: first.url, headers });
    expect(first.seen[0]?.headers).toMatchObject(headers);
    expect(JSON.stringify(other.seen)).not.toContain(SECRET);
    expect(other.seen[0]?.headers.accept).toBe('a/b');
  });

  test('within an origin keep them', async () => {
    await using server = await redirecting(() => '/end');
    await send({ url: server.url, headers: { authorization: SECRET } });
    expect(server.seen[1]?.headers.authorization).toBe(SECRET);
  });

  test('never take a body to another origin', async () => {
    await using other = await startServer((response) => json(response, {}));
    await using first = await redirecting(() => other.url, 307);
    const result = await send({ url: first.url, method: 'POST', body: { key: SECRET } });
    expect(result.error).toBe('redirected to another origin, where the body must not go');
    expect(other.seen).toEqual([]);
  });

  test('303 after a POST asks with GET and without the body', async () => {
    await using server = await redirecting(() => '/end', 303);
    const result = await send({ url: server.url, method: 'POST', body: { a: 1 } });
    expect(result.data).toEqual({ arrived: true });
    expect(server.seen[1]).toMatchObject({ method: 'GET', body: '' });
  });
});

describe('retries', () => {
  const failingOnce = (status: number) =>
    startServer((response, _, count) => json(response, { count }, count === 0 ? status : 200));

  test.each([429, 502, 503, 504])('a read is tried again after %i', async (status) => {
    await using server = await failingOnce(status);
    expect(await send({ url: server.url })).toMatchObject({ success: true, data: { count: 1 } });
  });

  test('a read is tried again after a connection that broke', async () => {
    await using server = await startServer((response, _, count) => {
      if (count === 0) response.destroy();
      else json(response, { count });
    });
    expect((await send({ url: server.url })).data).toEqual({ count: 1 });
  });

  test.each([400, 404, 500])('%i is not tried again', async (status) => {
    await using server = await failingOnce(status);
    expect((await send({ url: server.url })).status).toBe(status);
    expect(server.seen).toHaveLength(1);
  });

  test('at most twice', async () => {
    await using server = await startServer((response) => json(response, {}, 503));
    expect(await send({ url: server.url })).toMatchObject({ success: false, status: 503 });
    expect(server.seen).toHaveLength(3);
  });

  test.each<[string, Partial<HttpRequest>, string | undefined, number]>([
    ['a write is sent once', { method: 'POST' }, 'key', 1],
    ['a DELETE is a write', { method: 'DELETE' }, 'key', 1],
    ['a GET that says it writes', { method: 'GET', effect: 'write' }, 'key', 1],
    ['an idempotent write without its key', { method: 'POST', idempotent: true }, undefined, 1],
    ['an idempotent write with its key', { method: 'POST', idempotent: true }, 'key', 2],
    ['a POST that only reads', { method: 'POST', effect: 'read' }, undefined, 2],
  ])('%s', async (_, request, key, times) => {
    await using server = await failingOnce(503);
    await send({ url: server.url, ...request }, open, key);
    expect(server.seen).toHaveLength(times);
    expect(new Set(server.seen.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
  });

  test('none begins that could not end in time: the answer is kept', async () => {
    await using server = await startServer((response) => json(response, { busy: true }, 503));
    const result = await send({ url: server.url, timeoutMs: 190 });
    expect(result).toMatchObject({ status: 503, data: { busy: true } });
    expect(server.seen).toHaveLength(1);
  });
});
