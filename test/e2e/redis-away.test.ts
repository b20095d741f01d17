import { expect, test } from 'vitest';
import { RedisLockBackend } from '../../src/session/redis-locks.ts';
import { RedisSessionStore } from '../../src/session/redis-store.ts';
import { SessionWorker } from '../../src/session/worker.ts';
import { Parrot } from '../support/parrot.ts';
import { noRedis, startRedis } from '../support/redis-server.ts';

test.skipIf(noRedis !== undefined)(
  'a redis that stays away is told of, loses its sessions to nobody, and is used again when it is back',
  async () => {
    await using server = await startRedis();
    const { url } = server;
    await using store = new RedisSessionStore({ url });
    await using lockBackend = new RedisLockBackend({ url, leaseMs: 1000 });
    const agentFactory = () => new Parrot();
    const worker = new SessionWorker({ agentFactory, store, lockBackend });
    await worker.withSession('s', (session) => session.turn('hello'));

    const session = await worker.acquire('s');
    await session.turn('are you there?');
    const lost = new Promise((resolve) => session.signal?.addEventListener('abort', resolve));
    await server.crash();
    // Nobody can tell whether another has it by now.
    await lost;
    await expect(session.checkpoint()).rejects.toMatchObject({ code: 'session_conflict' });
    await expect(store.load('s')).rejects.toMatchObject({ code: 'store_unreachable' });
    await expect(session[Symbol.asyncDispose]()).rejects.toMatchObject({
      code: 'session_conflict',
    });

    await server.start();
    await worker.withSession('s', async (again) => {
      expect(again.chatCtx.items.map(({ content }) => content)).toEqual([
        'hello',
        'You said hello.',
      ]);
    });
  },
  60_000,
);
