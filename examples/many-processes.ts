// Two processes that share their sessions through Redis: node examples/many-processes.ts
// Needs a Redis: that of REDIS_URL, or the program redis-server, which is then started for a while.
// In a project of yours the imports are from 'superdialog-voice' and 'superdialog-voice/http'.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { startTextServer } from '../src/http/index.ts';
import { DialogMachine, Flow, SessionWorker, storeOf } from '../src/index.ts';

const [role, redisUrl] = process.argv.slice(2);
if (role === 'worker' && redisUrl !== undefined) await work(redisUrl);
else await play();

/** One of the processes. It is a service like any other: its store and its locks lie in Redis. */
async function work(url: string): Promise<void> {
  const flow = Flow.load(join(import.meta.dirname, '../flows/appointment.yaml'));
  const worker = new SessionWorker({
    agentFactory: () => new DialogMachine({ flow }),
    ...storeOf(url),
  });
  const server = await startTextServer({ worker, flow, port: 0, host: '127.0.0.1' });
  process.send?.(server.url);
  process.on('disconnect', () => process.exit());
}

async function play(): Promise<void> {
  const redis = await startRedis();
  const workers = [startWorker(redis.url), startWorker(redis.url)];
  const [first = '', second = ''] = await Promise.all(workers.map(async ({ url }) => url));

  // One conversation, each turn in the other process.
  console.log(await say(first, 'I need a flu shot.'));
  console.log(await say(second, 'What are your opening hours?'));

  // Many turns at once in both: one after the other is served, and none is lost.
  const before = await messagesIn(first);
  const question = 'What are your opening hours?';
  await Promise.all(
    Array.from({ length: 20 }, (_, i) => say(i % 2 === 0 ? first : second, question)),
  );
  const after = await messagesIn(second);
  console.log(`20 turns at once: ${after - before} messages more`);

  for (const { child } of workers) child.kill();
  redis.child?.kill();
}

async function say(service: string, text: string): Promise<string> {
  const response = await fetch(`${service}/turn`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ session_id: 'ada', text }),
  });
  return JSON.parse(await response.text()).reply;
}

async function messagesIn(service: string): Promise<number> {
  const response = await fetch(`${service}/sessions/ada`);
  return JSON.parse(await response.text()).messages.length;
}

function startWorker(redis: string): { child: ChildProcess; url: Promise<string> } {
  const child = fork(import.meta.filename, ['worker', redis]);
  return { child, url: once(child, 'message').then(([url]) => url) };
}

async function startRedis(): Promise<{ url: string; child?: ChildProcess }> {
  if (process.env.REDIS_URL !== undefined) return { url: process.env.REDIS_URL };
  const port = String(await freePort());
  const child = spawn('redis-server', ['--port', port, '--save', ''], { stdio: 'ignore' });
  await once(child, 'spawn').catch(() => {
    console.error('SKIPPED: set REDIS_URL, or install redis-server (apt-get install redis-server)');
    process.exit();
  });
  return { url: `redis://127.0.0.1:${port}`, child };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
