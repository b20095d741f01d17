import assert from 'node:assert/strict';
import type { LockBackend } from '../session/lock.ts';
import {
  type ConformanceCase,
  casesOf,
  type Fixture,
  ODD_IDS,
  rejectsWith,
  settled,
} from './conformance.ts';

/** A backend with `leaseMs` (if it has leases) of 10 seconds or more. */
export interface LockFixture extends Fixture {
  locks: LockBackend;
  /** A second one on the same locks, as another process has it; the same object if there is none. */
  other: LockBackend;
  /** How many locks lie there, if that can be told. */
  count?(): Promise<number>;
}

/** What every lock backend must do. */
export function lockCases(open: () => Promise<LockFixture>): ConformanceCase[] {
  return casesOf(open, {
    'one holds a lock at a time, in order of arrival': async ({ locks }) => {
      const order: number[] = [];
      let holders = 0;
      const use = async (index: number) => {
        const lock = await locks.acquire('a');
        holders += 1;
        assert.equal(holders, 1);
        order.push(index);
        await settled();
        holders -= 1;
        await lock.release();
      };
      await Promise.all([0, 1, 2, 3, 4].map(use));
      assert.deepEqual(order, [0, 1, 2, 3, 4]);
    },
    'one holds a lock at a time between processes': async ({ locks, other }) => {
      let holders = 0;
      const use = async (backend: LockBackend) => {
        const lock = await backend.acquire('a');
        holders += 1;
        assert.equal(holders, 1);
        await settled();
        holders -= 1;
        await lock.release();
      };
      await Promise.all([locks, other, locks, other, other, locks].map(use));
    },
    'other ids do not wait, whatever they look like': async ({ locks }) => {
      const held = await Promise.all(['a', 'b', ...ODD_IDS].map((id) => locks.acquire(id)));
      await Promise.all(held.map((lock) => lock.release()));
    },
    'one that stops waiting lets the others move up': async ({ locks, other }) => {
      const first = await locks.acquire('a');
      const abort = new AbortController();
      const second = locks.acquire('a', { signal: abort.signal });
      const third = other.acquire('a', { signal: abort.signal });
      const fourth = locks.acquire('a');
      const reason = new Error('the caller hung up');
      await settled();
      abort.abort(reason);
      await assert.rejects(second, reason);
      await assert.rejects(third, reason);
      await first.release();
      await (await fourth).release();
    },
    'a signal that is aborted already asks for nothing': async ({ locks, other }) => {
      const reason = new Error('too late');
      await assert.rejects(locks.acquire('a', { signal: AbortSignal.abort(reason) }), reason);
      await (await other.acquire('a')).release();
    },
    'releasing twice passes the lock on once': async ({ locks }) => {
      const first = await locks.acquire('a');
      const second = locks.acquire('a');
      await first.release();
      await first.release();
      const held = await second;
      let third = false;
      const last = locks.acquire('a').then((lock) => {
        third = true;
        return lock.release();
      });
      await first.release();
      await settled();
      assert.equal(third, false);
      await held.release();
      await last;
    },
    'what a dead holder held can be taken over, and is lost to it': async ({ locks, other }) => {
      if (locks.steal === undefined || locks.holder === undefined) return;
      assert.equal(await other.steal?.('a', locks.holder), false);
      const dead = await locks.acquire('a');
      assert.equal(await other.steal?.('a', 'somebody else'), false);
      assert.equal(await other.steal?.('a', locks.holder), true);
      const taken = await other.acquire('a');
      // The dead one, should it live, takes nothing from the new holder.
      await dead.release();
      const abort = new AbortController();
      const third = locks.acquire('a', { signal: abort.signal });
      await settled();
      abort.abort(new Error('still held'));
      await assert.rejects(third, /still held/);
      await taken.release();
    },
    'no lock is left behind': async ({ locks, count }) => {
      const use = async (id: string) => (await locks.acquire(id)).release();
      await Promise.all(Array.from({ length: 200 }, (_, index) => use(`session ${index}`)));
      if (count !== undefined) assert.equal(await count(), 0);
    },
  });
}

/** A backend whose leases run out after `leaseMs`, a few hundred milliseconds. */
export interface LeaseFixture extends Fixture {
  locks: LockBackend;
  other: LockBackend;
  leaseMs: number;
}

/** What a backend must do whose locks are lost when their holder gives no sign of life. */
export function leaseCases(open: () => Promise<LeaseFixture>): ConformanceCase[] {
  return casesOf(open, {
    'a lock that is renewed is kept beyond its lease': async ({ locks, other, leaseMs }) => {
      const lock = await locks.acquire('a');
      const late = new AbortController();
      setTimeout(() => late.abort(new Error('still held')), leaseMs * 2);
      await assert.rejects(other.acquire('a', { signal: late.signal }), /still held/);
      assert.equal(lock.signal?.aborted, false);
      await lock.release();
    },
    'a holder that stood still has lost its lock': async ({ locks, other, leaseMs }) => {
      const lock = await locks.acquire('a');
      standStill(leaseMs * 1.2);
      assert.equal(lock.signal?.aborted, true);
      await (await other.acquire('a')).release();
      await lock.release();
    },
    'a holder learns that its lock was taken over': async ({ locks, other }) => {
      const lock = await locks.acquire('a');
      const lost = new Promise((resolve) => lock.signal?.addEventListener('abort', resolve));
      await other.steal?.('a', locks.holder ?? '');
      const taken = await other.acquire('a');
      await lost;
      await rejectsWith('session_conflict', Promise.reject(lock.signal?.reason));
      await taken.release();
      // Others of its own process do not wait until it has noticed.
      await (await locks.acquire('a')).release();
      await lock.release();
    },
  });
}

function standStill(forMs: number): void {
  const untilMs = performance.now() + forMs;
  while (performance.now() < untilMs);
}
