import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  type Agent,
  ChatContext,
  DialogMachine,
  FileSessionStore,
  Flow,
  InMemorySessionStore,
  type LockBackend,
  RedisLockBackend,
  RedisSessionStore,
  type SessionStore,
  SessionWorker,
  SQLiteLockBackend,
  SQLiteSessionStore,
  type StreamChunk,
  type TurnOptions,
  type TurnResult,
} from '../src/index.ts';
import { noRedis, startRedis } from '../test/support/redis-server.ts';
import { type BenchmarkResult, type BenchmarkRow, type Figure, median, rounded } from './result.ts';

/** superdialog 0.3.0, measured on the same machine with a trivial brain and its in-memory store. */
const PEER = { oneIdCpuUs: 21, manyIdsCpuUs: 46, acquireExitUs: 321, idleKiB: 38 };

const RUNS = 5;
const IDS = 1000;
const AT_ONCE = 100;
const MESSAGES = 20;

interface Backend {
  name: string;
  store: SessionStore;
  locks?: LockBackend;
  turns: number;
}

/**
 * Acquire, one turn of a brain that does nothing, release: per store, on one id and on 1,000 ids with
 * 100 at once. And what a session costs that nobody uses.
 */
export async function sessions(): Promise<BenchmarkResult> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const redis = noRedis === undefined ? await startRedis() : undefined;
  try {
    const rows: Record<string, BenchmarkRow> = {};
    const figures: Figure[] = [];
    for (const backend of backendsIn(folder, redis?.url)) {
      const one = await turnsPerSecond(backend, 1, 1);
      const many = await turnsPerSecond(backend, IDS, AT_ONCE);
      rows[backend.name] = {
        'one id, turns/s': Math.round(one.perSecond),
        'one id, CPU µs': rounded(one.cpuUs, 1),
        '1,000 ids, turns/s': Math.round(many.perSecond),
        '1,000 ids, CPU µs': rounded(many.cpuUs, 1),
      };
      await close(backend);
      if (backend.name !== 'memory') continue;
      figures.push(
        atMost('CPU of a turn on one id, memory', one.cpuUs, 'µs', PEER.oneIdCpuUs / 2),
        atMost('CPU of a turn on 1,000 ids, memory', many.cpuUs, 'µs', PEER.manyIdsCpuUs / 2),
      );
    }
    const acquireExitUs = await acquireExit(1);
    const loadedUs = await acquireExit(2);
    const idleKiB = await idleSession();
    figures.push(
      atMost('acquire + exit of a machine', acquireExitUs, 'µs', PEER.acquireExitUs / 5),
      { name: 'the same, loaded from the store', value: rounded(loadedUs, 1), unit: 'µs' },
      atMost('idle session with a machine', idleKiB, 'KiB', PEER.idleKiB),
    );
    return {
      benchmark: 'sessions',
      about: `median of ${RUNS} runs; the machine is that of the kyc flow with ${MESSAGES} messages; goals: half of the CPU, a fifth of acquire + exit, and the memory of superdialog 0.3.0 (${PEER.oneIdCpuUs} and ${PEER.manyIdsCpuUs} µs, ${PEER.acquireExitUs} µs, ${PEER.idleKiB} KiB)`,
      runs: RUNS,
      rows,
      figures,
    };
  } finally {
    await redis?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
}

function* backendsIn(folder: string, redisUrl: string | undefined): Generator<Backend> {
  yield { name: 'memory', store: new InMemorySessionStore(), turns: 20_000 };
  yield { name: 'file', store: new FileSessionStore(join(folder, 'files')), turns: 300 };
  const path = join(folder, 'sessions.db');
  const sqlite = () => ({ store: new SQLiteSessionStore(path), turns: 3000 });
  yield { name: 'sqlite', ...sqlite() };
  yield { name: 'sqlite with its locks', ...sqlite(), locks: new SQLiteLockBackend(path) };
  if (redisUrl === undefined) return;
  const redis = () => ({ store: new RedisSessionStore({ url: redisUrl }), turns: 2000 });
  yield { name: 'redis', ...redis() };
  const locks = new RedisLockBackend({ url: redisUrl });
  yield { name: 'redis with its locks', ...redis(), locks };
}

async function close({ store, locks }: Backend): Promise<void> {
  for (const one of [store, locks] as readonly Partial<Disposable & AsyncDisposable>[]) {
    one?.[Symbol.dispose]?.();
    await one?.[Symbol.asyncDispose]?.();
  }
}

async function turnsPerSecond(
  { store, locks, turns }: Backend,
  ids: number,
  atOnce: number,
): Promise<{ perSecond: number; cpuUs: number }> {
  const worker = new SessionWorker({
    agentFactory: () => new Idle(),
    store,
    ...(locks !== undefined && { lockBackend: locks }),
    maxSessions: ids,
  });
  const run = async () => {
    let next = 0;
    const takeTurns = async () => {
      while (next < turns) {
        const id = `session-${ids}-${next % ids}`;
        next += 1;
        await using session = await worker.acquire(id);
        await session.turn('hello');
      }
    };
    await Promise.all(Array.from({ length: atOnce }, takeTurns));
  };
  await run();
  const seconds: number[] = [];
  const cpuUs: number[] = [];
  for (let index = 0; index < RUNS; index += 1) {
    const before = process.cpuUsage();
    const startedAtMs = performance.now();
    await run();
    seconds.push((performance.now() - startedAtMs) / 1000);
    const { user, system } = process.cpuUsage(before);
    cpuUs.push((user + system) / turns);
  }
  return { perSecond: turns / median(seconds), cpuUs: median(cpuUs) };
}

/** Of more ids than one, each has been pushed out of the worker's memory by the one before. */
async function acquireExit(ids: number): Promise<number> {
  const worker = machineWorker({ maxSessions: 1 });
  for (let id = 0; id < ids; id += 1) await talk(worker, `session-${id}`);
  const rounds = 5000;
  const times: number[] = [];
  for (let run = 0; run <= RUNS; run += 1) {
    const startedAtMs = performance.now();
    for (let round = 0; round < rounds; round += 1) {
      await using _ = await worker.acquire(`session-${round % ids}`);
    }
    // The first run warms up.
    if (run > 0) times.push(((performance.now() - startedAtMs) * 1000) / rounds);
  }
  return median(times);
}

async function idleSession(): Promise<number> {
  const worker = machineWorker();
  for (let index = 0; index < 20; index += 1) await talk(worker, `warm-${index}`);
  const before = usedBytes();
  for (let index = 0; index < IDS / 2; index += 1) await talk(worker, `session-${index}`);
  const bytes = usedBytes() - before;
  // Whoever measures must hold on to what is measured.
  await using _ = await worker.acquire('session-0');
  return bytes / (IDS / 2) / 1024;
}

function machineWorker(options: { maxSessions?: number } = {}): SessionWorker {
  const flow = Flow.load('flows/kyc.yaml');
  return new SessionWorker({
    agentFactory: () => new DialogMachine({ flow, llm: 'openai/none@http://127.0.0.1:9' }),
    store: new InMemorySessionStore(),
    ...options,
  });
}

/** An opening and enough turns to make 20 messages of usual length, none of which asks a model. */
async function talk(worker: SessionWorker, id: string): Promise<void> {
  await using session = await worker.acquire(id);
  await session.turn({ kind: 'opened' });
  await session.turn('My name is Susan Baker.');
  const talked = session.chatCtx.items.length;
  for (let index = talked; index < MESSAGES; index += 1) {
    const role = index % 2 === 0 ? 'assistant' : 'user';
    session.chatCtx.add({ role, content: `${index}: ${'some words of a usual turn '.repeat(3)}` });
  }
  session.assist('Be kind.');
  await session.checkpoint();
}

function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  const collectGarbage: unknown = runInNewContext('gc');
  if (typeof collectGarbage !== 'function') throw new Error('no garbage collection at hand');
  for (let round = 0; round < 3; round += 1) collectGarbage();
  return process.memoryUsage().heapUsed;
}

function atMost(name: string, value: number, unit: string, goal: number): Figure {
  return {
    name,
    value: rounded(value, 1),
    unit,
    goal: `<= ${rounded(goal, 1)}`,
    met: value <= goal,
  };
}

/** A brain that does nothing. */
class Idle implements Agent {
  readonly chatCtx = new ChatContext();
  loadChatCtx(): void {}
  assist(): void {}
  turn(input: string | object, options?: TurnOptions & { stream?: false }): Promise<TurnResult>;
  turn(input: string | object, options: TurnOptions & { stream: true }): AsyncIterable<StreamChunk>;
  turn(
    _: string | object,
    { stream = false }: TurnOptions & { stream?: boolean } = {},
  ): Promise<TurnResult> | AsyncIterable<StreamChunk> {
    return stream ? done() : Promise.resolve(OK);
  }
}

async function* done(): AsyncGenerator<StreamChunk> {
  yield { type: 'done', result: OK };
}

const OK: TurnResult = {
  text: 'ok',
  toolCalls: [],
  moves: [],
  refused: [],
  ended: false,
  effects: [],
  metadata: {},
};
