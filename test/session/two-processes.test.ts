import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { noRedis, startRedis } from '../support/redis-server.ts';
import { hammer } from './processes/hammer.ts';

// test/e2e/two-processes.test.ts does the same with 10,000 turns.
const TURNS = 600;

test.each(['file', 'sqlite'] as const)(
  'two processes lose no turn through a %s store, though one is killed',
  async (kind) => {
    const folder = await mkdtemp(join(tmpdir(), 'hammer-'));
    const { answered } = await hammer({ place: { kind, folder }, turns: TURNS });
    expect(answered).toBeGreaterThanOrEqual(TURNS);
    await rm(folder, { recursive: true, force: true });
  },
  60_000,
);

test.skipIf(noRedis !== undefined)(
  'two processes lose no turn through redis, though one is killed and the server crashes',
  async () => {
    await using redis = await startRedis();
    const place = { kind: 'redis', url: redis.url } as const;
    const { answered } = await hammer({
      place,
      turns: TURNS,
      disturb: () => redis.crashAndRestart(),
    });
    expect(answered).toBeGreaterThanOrEqual(TURNS);
  },
  60_000,
);
