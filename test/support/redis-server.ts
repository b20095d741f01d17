import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Why there is no redis-server here. On the project's own machines that fails the tests. */
export const noRedis: string | undefined = missingRedis();

function missingRedis(): string | undefined {
  if (spawnSync('redis-server', ['--version']).error === undefined) return undefined;
  const reason = 'redis-server is not installed (Debian: apt-get install redis-server)';
  if (process.env.CI !== undefined) throw new Error(reason);
  console.warn(`SKIPPED, what needs redis: ${reason}`);
  return reason;
}

export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  /** Stops it as a crash would, and starts it again on what it had written. */
  crashAndRestart(downMs?: number): Promise<void>;
  crash(): Promise<void>;
  start(): Promise<void>;
}

/** A real server on a free port, which writes down each command before it answers. */
export async function startRedis(): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'redis-'));
  const port = await freePort();
  const persistence = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
  let server: ChildProcess | undefined;
  const start = async () => {
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, ...persistence];
    server = spawn('redis-server', args, { stdio: 'ignore' });
    await answering(port);
  };
  const crash = async () => {
    if (server === undefined) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
    server = undefined;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    crash,
    async crashAndRestart(downMs = 0) {
      await crash();
      await sleep(downMs);
      await start();
    },
    async [Symbol.asyncDispose]() {
      await crash();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  server.close();
  await once(server, 'close');
  return address.port;
}

async function answering(port: number): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (await answersPing(port)) return;
    await sleep(10);
  }
  throw new Error(`redis-server does not answer on port ${port}`);
}

async function answersPing(port: number): Promise<boolean> {
  const socket = createConnection({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [answer] = await once(socket, 'data');
    return String(answer).startsWith('+PONG');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
