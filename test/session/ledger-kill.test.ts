import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startHttpService } from '../support/http-service.ts';
import { noRedis, startRedis } from '../support/redis-server.ts';
import { type Booking, bookingWorker, SESSION } from './processes/booking.ts';
import { startChild } from './processes/child.ts';
import type { SharedPlace } from './processes/shared-place.ts';

const folder = await mkdtemp(join(tmpdir(), 'kill-'));
const redis = noRedis === undefined ? await startRedis() : undefined;
afterAll(async () => {
  await redis?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const kinds = ['file', 'sqlite', 'redis'] as const;

let database = 0;

async function placeOf(kind: SharedPlace['kind']): Promise<SharedPlace> {
  if (kind !== 'redis') return { kind, folder: await mkdtemp(join(folder, kind)) };
  database += 1;
  return { kind, url: `${redis?.url}/${database}` };
}

/** What the next process finds and does: it takes over from the dead one and goes on with the call. */
async function goOn(booking: Booking): Promise<{ text: string; ledger: unknown[] }> {
  const { worker, locks, store } = bookingWorker({ ...booking, holder: 'second' });
  expect(await locks.steal?.(SESSION, booking.holder)).toBe(true);
  const stored = (await store.load(SESSION))?.flowState;
  const { ledger } = z.object({ ledger: z.record(z.string(), z.unknown()) }).parse(stored);
  const { text } = await worker.withSession(SESSION, (session) => session.turn({ kind: 'opened' }));
  return { text, ledger: Object.values(ledger) };
}

describe.each(kinds)('on a %s store', (kind) => {
  const skipped = kind === 'redis' && noRedis !== undefined;

  test.skipIf(skipped)(
    'a write whose process was killed after the intent is not sent',
    async () => {
      await using api = await startHttpService(() => ({ body: {} }));
      const place = await placeOf(kind);
      const booking: Booking = { place, api: api.url, holder: 'first', stopAtIntent: true };
      await using child = startChild<{ did: string }>('./booking.ts', booking);
      for await (const { did } of child.messages) {
        expect(did).toBe('intent');
        await child.kill();
      }
      expect(api.requests).toHaveLength(0);
      const { text, ledger } = await goOn(booking);
      expect(ledger).toEqual([null]);
      expect(text).toContain('It may be booked.');
      expect(api.requests).toHaveLength(0);
    },
  );

  test.skipIf(skipped)(
    'a write whose process was killed before the result is not sent again',
    async () => {
      const arrived = Promise.withResolvers<void>();
      const killed = Promise.withResolvers<void>();
      await using api = await startHttpService(async () => {
        arrived.resolve();
        await killed.promise;
        return { body: {} };
      });
      const place = await placeOf(kind);
      const booking: Booking = { place, api: api.url, holder: 'first', stopAtIntent: false };
      await using child = startChild('./booking.ts', booking);
      await arrived.promise;
      await child.kill();
      killed.resolve();
      const { text, ledger } = await goOn(booking);
      expect(ledger).toEqual([null]);
      expect(text).toContain('It may be booked.');
      expect(api.requests).toHaveLength(1);
    },
  );

  test.skipIf(skipped)('a write whose result was stored is known to the next process', async () => {
    await using api = await startHttpService(() => ({ body: { reference: 'R7' } }));
    const place = await placeOf(kind);
    const booking: Booking = { place, api: api.url, holder: 'first', stopAtIntent: false };
    await using child = startChild<{ did: string }>('./booking.ts', booking);
    for await (const { did } of child.messages) expect(did).toBe('everything');
    const { worker } = bookingWorker({ ...booking, holder: 'second' });
    const { text } = await worker.withSession(SESSION, (session) =>
      session.turn({ kind: 'opened' }),
    );
    expect(text).toContain('It is booked.');
    expect(api.requests).toHaveLength(1);
  });
});
