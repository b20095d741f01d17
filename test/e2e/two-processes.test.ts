import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hammer } from '../session/processes/hammer.ts';
import { noRedis, startRedis } from '../support/redis-server.ts';

const TURNS = 10_000;
const LIMIT_MS = 600_000;

test.each(['file', 'sqlite'] as const)(
  `${TURNS} turns of two processes through a %s store are all there once, though one is killed`,
  async (kind) => {
    const folder = await mkdtemp(join(tmpdir(), 'hammer-'));
    const report = await hammer({ place: { kind, folder }, turns: TURNS });
    console.log(kind, report);
    expect(report.answered).toBeGreaterThanOrEqual(TURNS);
    await rm(folder, { recursive: true, force: true });
  },
  LIMIT_MS,
);

test.skipIf(noRedis !== undefined)(
  `${TURNS} turns of two processes through redis are all there once, though one is killed and the server crashes`,
  async () => {
    await using redis = await startRedis();
    const report = await hammer({
      place: { kind: 'redis', url: redis.url },
      turns: TURNS,
      disturb: () => redis.crashAndRestart(500),
    });
    console.log('redis', report);
    expect(report.answered).toBeGreaterThanOrEqual(TURNS);
  },
  LIMIT_MS,
);
