import { expect, test } from 'vitest';
import { InProcessLockBackend } from '../../src/session/lock.ts';

/** Lets everything run that can run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('a lock is held by one at a time, in the order of arrival', async () => {
  const locks = new InProcessLockBackend();
  const order: number[] = [];
  const use = async (index: number) => {
    const lock = await locks.acquire('a');
    order.push(index);
    await settled();
    expect(order.at(-1)).toBe(index);
    await lock.release();
  };
  await Promise.all([0, 1, 2, 3, 4].map(use));
  expect(order).toEqual([0, 1, 2, 3, 4]);
});

test('locks of other ids do not wait', async () => {
  const locks = new InProcessLockBackend();
  const a = await locks.acquire('a');
  const b = await locks.acquire('b');
  await a.release();
  await b.release();
});

test.each(['__proto__', 'constructor', ''])('%j is an id like any other', async (id) => {
  const locks = new InProcessLockBackend();
  const first = await locks.acquire(id);
  let second = false;
  const waiting = locks.acquire(id).then((lock) => {
    second = true;
    return lock.release();
  });
  await settled();
  expect(second).toBe(false);
  await first.release();
  await waiting;
});

test('one that stops waiting lets the others move up', async () => {
  const locks = new InProcessLockBackend();
  const first = await locks.acquire('a');
  const abort = new AbortController();
  const second = locks.acquire('a', { signal: abort.signal });
  const third = locks.acquire('a');
  const reason = new Error('the caller hung up');
  abort.abort(reason);
  await expect(second).rejects.toBe(reason);
  await first.release();
  await (await third).release();
});

test('a signal that is aborted already asks for nothing', async () => {
  const locks = new InProcessLockBackend();
  const reason = new Error('too late');
  await expect(locks.acquire('a', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  await (await locks.acquire('a')).release();
});

test('aborting after the lock was got changes nothing', async () => {
  const locks = new InProcessLockBackend();
  const abort = new AbortController();
  const first = await locks.acquire('a', { signal: abort.signal });
  const waiter = new AbortController();
  const waiting = locks.acquire('a', { signal: waiter.signal });
  await first.release();
  const second = await waiting;
  abort.abort();
  waiter.abort();
  let third = false;
  const last = locks.acquire('a').then((lock) => {
    third = true;
    return lock.release();
  });
  await settled();
  expect(third).toBe(false);
  await second.release();
  await last;
});

test('releasing twice passes the lock on once', async () => {
  const locks = new InProcessLockBackend();
  const first = await locks.acquire('a');
  const second = locks.acquire('a');
  let third = false;
  const last = locks.acquire('a').then((lock) => {
    third = true;
    return lock.release();
  });
  await first.release();
  await first.release();
  const held = await second;
  await settled();
  expect(third).toBe(false);
  await held.release();
  await last;
});
