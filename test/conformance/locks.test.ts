import { afterAll, describe, test } from 'vitest';
import { leaseCases, lockCases } from '../../src/testing.ts';
import { noRedis } from '../support/redis-server.ts';
import { closeAll, LOCKS, Places } from './backends.ts';

const places = await Places.open();
afterAll(() => places[Symbol.asyncDispose]());

const LEASE_MS = 150;

for (const [name, backend] of LOCKS) {
  describe.skipIf(backend.needsRedis && noRedis !== undefined)(`a ${name}`, () => {
    const cases = lockCases(async () => {
      const place = places.next();
      const [locks, other] = backend.open(place);
      const { countLocks } = backend;
      return {
        locks,
        other,
        ...(countLocks !== undefined && { count: () => countLocks(place) }),
        close: () => closeAll([locks, other]),
      };
    });
    for (const { name, run } of cases) test(name, run);
    if (name === 'InProcessLockBackend') return;

    const leases = leaseCases(async () => {
      const [locks, other] = backend.open(places.next(), { leaseMs: LEASE_MS });
      return { locks, other, leaseMs: LEASE_MS, close: () => closeAll([locks, other]) };
    });
    for (const { name, run } of leases) test(name, run);
  });
}
