import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { JsonObject } from '../../src/json.ts';
import { discoverMcpTools, type McpTools } from '../../src/tools/mcp.ts';
import { McpServerError } from '../../src/tools/mcp-errors.ts';
import { json, startServer } from './local-server.ts';
import { fixtureServer, SECRET } from './mcp-fixture.ts';

const stdio = {
  command: process.execPath,
  args: [fileURLToPath(new URL('mcp-stdio-server.ts', import.meta.url))],
};

/** A server over HTTP with one session for each client, as a real one has. */
async function startHttp(port = 0) {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const authorized: (string | undefined)[] = [];
  const server: Server = createServer(async (request, response) => {
    authorized.push(request.headers.authorization);
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? sessions.get(id) : undefined;
    if (known !== undefined) return await known.handleRequest(request, response);
    if (id !== undefined) return json(response, { error: SECRET }, 404);
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (session) => void sessions.set(session, transport),
    });
    // The SDK's class does not fit its own interface under exactOptionalPropertyTypes.
    await fixtureServer().connect(
      transport as Parameters<ReturnType<typeof fixtureServer>['connect']>[0],
    );
    await transport.handleRequest(request, response);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return {
    url: `http://127.0.0.1:${address.port}/mcp`,
    port: address.port,
    authorized,
    sessions,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function call({ tools }: McpTools, name: string, args: JsonObject = {}, idempotencyKey?: string) {
  const tool = tools.find((candidate) => candidate.name === name);
  if (tool === undefined) throw new Error(`no tool ${name}`);
  return tool.run(args, {
    signal: new AbortController().signal,
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  });
}

// Loading the SDK takes longer than the time limits of some tests.
beforeAll(async () => {
  await import('@modelcontextprotocol/sdk/client/index.js');
});

describe('a program', () => {
  test('offers its tools, with names that providers accept and effects by its hints', async () => {
    await using mcp = await discoverMcpTools(stdio);
    expect(mcp.tools.map(({ name, effect }) => [name, effect])).toEqual([
      ['stock_check', 'read'],
      ['order', 'write'],
      ['fail', 'write'],
      ['plain', 'write'],
      ['huge', 'write'],
      ['hang', 'write'],
      ['crash', 'write'],
    ]);
    expect(mcp.tools[0]).toMatchObject({
      description: 'How many are left.',
      inputSchema: { type: 'object', required: ['item'] },
    });
  });

  test('gives its results as data', async () => {
    await using mcp = await discoverMcpTools(stdio);
    expect(await call(mcp, 'stock_check', { item: 'tea' })).toEqual({
      success: true,
      status: null,
      data: { item: 'tea', left: 3 },
      error: null,
    });
    expect((await call(mcp, 'plain')).data).toBe('one\ntwo');
    expect((await call(mcp, 'order', {}, 'key-1')).data).toEqual({ key: 'key-1' });
    expect(await call(mcp, 'huge')).toMatchObject({ success: false, data: null });
  });

  test('that reports an error fails, and what it says stays out of the message', async () => {
    await using mcp = await discoverMcpTools(stdio);
    expect(await call(mcp, 'fail')).toMatchObject({
      success: false,
      data: `no: ${SECRET}`,
      error: 'the tool reported an error',
    });
    const wrong = await call(mcp, 'stock_check', { item: 4929 });
    expect(wrong.success).toBe(false);
    expect(wrong.error).not.toContain('4929');
  });

  test('that dies fails the call it was at, and is started again for the next', async () => {
    await using mcp = await discoverMcpTools(stdio);
    expect((await call(mcp, 'crash')).success).toBe(false);
    expect((await call(mcp, 'stock_check', { item: 'tea' })).success).toBe(true);
  });

  test('serves calls side by side, and one that hangs does not end the others', async () => {
    await using mcp = await discoverMcpTools({ ...stdio, timeoutMs: 3000 });
    const hanging = call(mcp, 'hang');
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((item) => call(mcp, 'stock_check', { item })),
    );
    expect(answers.map(({ data }) => data)).toMatchObject([
      { item: 'a' },
      { item: 'b' },
      { item: 'c' },
    ]);
    expect((await hanging).error).toBe('no answer within 3000 ms');
    expect((await call(mcp, 'stock_check', { item: 'd' })).success).toBe(true);
  });

  test("a call rejects only with the caller's reason", async () => {
    await using mcp = await discoverMcpTools(stdio);
    const controller = new AbortController();
    const tool = mcp.tools.find(({ name }) => name === 'hang');
    const running = tool?.run({}, { signal: controller.signal });
    setImmediate(() => controller.abort(new Error('the caller hung up')));
    await expect(running).rejects.toThrow('the caller hung up');
  });

  test('is ended by close, and calls fail from then on', async () => {
    const mcp = await discoverMcpTools(stdio);
    await mcp.close();
    expect((await call(mcp, 'plain')).error).toBe('the connection to the MCP server was closed');
  });

  test('that does not exist is one clear error', async () => {
    const discovery = discoverMcpTools({ command: `no-such-${SECRET}` });
    await expect(discovery).rejects.toThrow(McpServerError);
    await expect(discovery).rejects.toThrow(/ENOENT/);
    await expect(discovery).rejects.not.toThrow(SECRET);
  });
});

describe('over HTTP', () => {
  test('tools are found and called, with the headers given', async () => {
    await using server = await startHttp();
    const headers = { authorization: 'Bearer t' };
    await using mcp = await discoverMcpTools({ url: server.url, headers });
    expect((await call(mcp, 'stock_check', { item: 'tea' })).data).toEqual({
      item: 'tea',
      left: 3,
    });
    expect(new Set(server.authorized)).toEqual(new Set(['Bearer t']));
  });

  test('a server that is gone fails the call, and one that came back serves the next', async () => {
    const first = await startHttp();
    await using mcp = await discoverMcpTools({ url: first.url });
    await first[Symbol.asyncDispose]();
    expect((await call(mcp, 'plain')).error).toMatch(/^the MCP server cannot be reached/);
    await using _second = await startHttp(first.port);
    expect((await call(mcp, 'plain')).success).toBe(true);
  });

  test('a server that forgot the session fails one call and serves the next', async () => {
    await using server = await startHttp();
    await using mcp = await discoverMcpTools({ url: server.url });
    server.sessions.clear();
    const lost = await call(mcp, 'plain');
    expect(lost.error).toBe('the MCP server answered HTTP 404');
    expect((await call(mcp, 'plain')).success).toBe(true);
  });

  test('a server that answers with garbage or not at all is one clear error', async () => {
    await using garbage = await startServer((response) => response.end(SECRET));
    await expect(discoverMcpTools({ url: garbage.url })).rejects.toThrow(McpServerError);
    await expect(discoverMcpTools({ url: garbage.url })).rejects.not.toThrow(SECRET);
    await using mute = await startServer(() => undefined);
    await expect(discoverMcpTools({ url: mute.url, timeoutMs: 200 })).rejects.toThrow(
      'no answer within 200 ms',
    );
    await vi.waitUntil(() => mute.seen.length > 0);
  });

  test('a wrong address is wrong use', async () => {
    await expect(discoverMcpTools({ url: 'tools.example.com' })).rejects.toThrow(/https:/);
  });
});

test('without the optional package the error says what to install', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-missing-'));
  try {
    for (const name of ['tools', 'errors.ts']) {
      const from = fileURLToPath(new URL(`../../src/${name}`, import.meta.url));
      await cp(from, join(folder, name), { recursive: true });
    }
    const script = `import { discoverMcpTools } from './tools/mcp.ts';
      await discoverMcpTools({ command: 'any' }).catch((error) => console.log(error.code, error.message));`;
    const args = ['--input-type=module', '--eval', script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder });
    expect(stdout).toMatch(/^mcp_package_missing .*npm install --save-exact @modelcontextprotocol/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
