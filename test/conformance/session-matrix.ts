import { afterAll, describe, test } from 'vitest';
import { sessionCases } from '../../src/testing.ts';
import { noRedis } from '../support/redis-server.ts';
import { closeAll, LOCKS, Places, STORES } from './backends.ts';
import { startBrains } from './brains.ts';

/** Every brain on every pair of store and lock for which `wanted` holds. */
export async function describeSessions(
  wanted: (store: string, lock: string) => boolean,
): Promise<void> {
  const places = await Places.open();
  const { brains, ...started } = await startBrains();
  afterAll(async () => {
    await started[Symbol.asyncDispose]();
    await places[Symbol.asyncDispose]();
  });
  for (const [storeName, stores] of STORES) {
    for (const [lockName, backend] of LOCKS) {
      if (!wanted(storeName, lockName)) continue;
      const needsRedis = stores.needsRedis ?? backend.needsRedis;
      describe.skipIf(needsRedis && noRedis !== undefined)(`${storeName}, ${lockName}`, () => {
        for (const [brainName, brain] of brains) {
          const cases = sessionCases(async () => {
            const place = places.next();
            const [store, otherStore] = stores.open(place);
            const [locks, otherLocks] = backend.open(place);
            const other = { store: otherStore, locks: otherLocks };
            const close = () => closeAll([store, otherStore, locks, otherLocks]);
            return { brain, store, locks, other, close };
          });
          describe(brainName, () => {
            for (const { name, run } of cases) test(name, run);
          });
        }
      });
    }
  }
}
