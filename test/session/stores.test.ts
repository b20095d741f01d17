import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { afterAll, describe, expect, test } from 'vitest';
import { FileSessionStore } from '../../src/session/file-store.ts';
import type { LockBackend } from '../../src/session/lock.ts';
import { RedisLockBackend } from '../../src/session/redis-locks.ts';
import { RedisSessionStore } from '../../src/session/redis-store.ts';
import { SQLiteLockBackend } from '../../src/session/sqlite-locks.ts';
import { SQLiteSessionStore } from '../../src/session/sqlite-store.ts';
import type { SessionRecord, SessionStore } from '../../src/session/store.ts';
import { noRedis, startRedis } from '../support/redis-server.ts';
import { startChild } from './processes/child.ts';

const folder = await mkdtemp(join(tmpdir(), 'stores-'));
const redis = noRedis === undefined ? await startRedis() : undefined;
const url = redis?.url ?? '';
afterAll(async () => {
  await redis?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function recordOf(id: string, version = 1): SessionRecord {
  const message = { role: 'user', content: 'my number is 4711', id: 'm', createdAt: 1 } as const;
  return { id, version, createdAtMs: 1, updatedAtMs: 2, messages: [message], flowState: null };
}

function newFolder(): Promise<string> {
  return mkdtemp(join(folder, 'case-'));
}

const corrupt = expect.objectContaining({ code: 'session_corrupt' });
const tooNew = expect.objectContaining({ code: 'session_format' });
const conflict = expect.objectContaining({ code: 'session_conflict' });

describe('a FileSessionStore', () => {
  test('names the file that is cut off, tells nothing of what it holds, and harms no other', async () => {
    const store = new FileSessionStore(await newFolder());
    await store.save(recordOf('good'));
    await store.save(recordOf('bad'));
    const path = store.pathOf('bad');
    const whole = await readFile(path);
    for (let length = 0; length < whole.length; length += 1) {
      await writeFile(path, whole.subarray(0, length));
      const error: unknown = await store.load('bad').catch((reason: unknown) => reason);
      expect(error).toEqual(corrupt);
      expect(String(error)).toContain(path);
      expect(String(error)).not.toContain('4711');
    }
    await expect(store.save(recordOf('bad', 2))).rejects.toEqual(corrupt);
    expect(await store.load('good')).toEqual(recordOf('good'));
    await store.delete('bad');
    await store.save(recordOf('bad'));
    expect(await store.load('bad')).toEqual(recordOf('bad'));
  });

  test('keeps its files to itself, in its folder, under names that fit', async () => {
    const inside = await newFolder();
    const store = new FileSessionStore(join(inside, 'sessions'));
    const ids = ['../escaped', '/tmp/escaped', '..', 'x'.repeat(1000), 'CON', 'é\n'];
    for (const id of ids) await store.save(recordOf(id));
    expect(await readdir(inside)).toEqual(['sessions']);
    const files = (await readdir(join(inside, 'sessions'))).filter((name) => name !== '.lock');
    expect(files).toHaveLength(ids.length);
    for (const name of files) expect(name).toMatch(/^[a-z0-9_%~-]{1,220}\.json$/);
  });

  test('has a whole session after a kill at any moment, and clears away what was left', async () => {
    const place = await newFolder();
    const argument = { folder: place, id: 's' };
    let told = 0;
    for (let kill = 0; kill < 4; kill += 1) {
      await using child = startChild<{ version: number }>('./saving.ts', argument);
      for await (const { version } of child.messages) {
        told = version;
        if (version % 5 !== 0) continue;
        await sleep(Math.random() * 5);
        await child.kill();
      }
      const store = new FileSessionStore(place);
      expect((await store.load('s'))?.version).toBeGreaterThanOrEqual(told);
    }
    await writeFile(join(place, 's.json.123'), 'half');
    const store = new FileSessionStore(place);
    await store.save(recordOf('other'));
    expect((await readdir(place)).toSorted()).toEqual(['.lock', 'other.json', 's.json']);
  });
});

describe('a SQLiteSessionStore', () => {
  test('refuses a file that is something else', async () => {
    const path = join(await newFolder(), 'notes.txt');
    await writeFile(path, 'Dear diary, today I have written 4711 lines.'.repeat(100));
    expect(() => new SQLiteSessionStore(path)).toThrow(corrupt);
    expect(() => new SQLiteLockBackend(path)).toThrow(path);
  });

  test('tells of a file that is cut in half', async () => {
    const path = join(await newFolder(), 'sessions.db');
    using store = new SQLiteSessionStore(path);
    for (let index = 0; index < 200; index += 1) await store.save(recordOf(`s${index}`));
    store[Symbol.dispose]();
    await truncate(path, 8192);
    const reading = async () => {
      using cut = new SQLiteSessionStore(path);
      for (let index = 0; index < 200; index += 1) await cut.load(`s${index}`);
    };
    await expect(reading()).rejects.toEqual(corrupt);
  });

  test('refuses a database of a later version', async () => {
    const path = join(await newFolder(), 'sessions.db');
    new SQLiteSessionStore(path)[Symbol.dispose]();
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 2');
    database.close();
    expect(() => new SQLiteSessionStore(path)).toThrow(tooNew);
  });
});

describe.skipIf(redis === undefined)('a RedisSessionStore', () => {
  test('gives a session its time to live anew with each save', async () => {
    const client = await createClient({ url }).connect();
    await using store = new RedisSessionStore({ url, prefix: 'ttl:', ttlMs: 60_000 });
    await using forever = new RedisSessionStore({ url, prefix: 'ttl:' });
    const leftMs = () => client.pTTL('ttl:session:{s}');
    await store.save(recordOf('s'));
    expect(await leftMs()).toBeGreaterThan(0);
    await client.pExpire('ttl:session:{s}', 100);
    await store.save(recordOf('s', 2));
    expect(await leftMs()).toBeGreaterThan(100);
    await forever.save(recordOf('s', 3));
    expect(await leftMs()).toBe(-1);
    client.destroy();
  });

  test('sees nothing under another prefix', async () => {
    await using store = new RedisSessionStore({ url, prefix: 'one:' });
    await using other = new RedisSessionStore({ url, prefix: 'two:' });
    await store.save(recordOf('s'));
    expect(await other.load('s')).toBeUndefined();
  });

  test('uses a client that it is given, and leaves it open', async () => {
    const client = await createClient({ url }).connect();
    await using store = new RedisSessionStore({ client, prefix: 'given:' });
    await store.save(recordOf('s'));
    await store[Symbol.asyncDispose]();
    expect(await client.exists('given:session:{s}')).toBe(1);
    client.destroy();
  });

  test('tells of a session that cannot be read, by its key', async () => {
    await using store = new RedisSessionStore({ url, prefix: 'bad:' });
    await store.save(recordOf('s'));
    const client = await createClient({ url }).connect();
    await client.hSet('bad:session:{s}', 'record', '{"format":1,"id":"s","mess');
    await expect(store.load('s')).rejects.toEqual(corrupt);
    await expect(store.load('s')).rejects.toThrow('bad:session:{s}');
    await client.hSet('bad:session:{s}', 'record', '{"format":2}');
    await expect(store.load('s')).rejects.toEqual(tooNew);
    client.destroy();
  });

  test('goes on after the server was away', async () => {
    await using server = await startRedis();
    await using store = new RedisSessionStore({ url: server.url });
    await store.save(recordOf('s'));
    await server.crash();
    const save = store.save(recordOf('s', 2));
    await server.start();
    await save;
    expect(await store.load('s')).toEqual(recordOf('s', 2));
  });
});

test('a session of a later version is left alone', async () => {
  const store = new FileSessionStore(await newFolder());
  await store.save(recordOf('s'));
  const later = (await readFile(store.pathOf('s'), 'utf8')).replace('"format":1', '"format":2');
  await writeFile(store.pathOf('s'), later);
  await expect(store.load('s')).rejects.toEqual(tooNew);
  await expect(store.load('s')).rejects.toThrow(basename(store.pathOf('s')));
  await expect(store.save(recordOf('s', 2))).rejects.toEqual(tooNew);
  expect(await readFile(store.pathOf('s'), 'utf8')).toBe(later);
});

describe('a save by a holder whose lock was taken over is refused before the new one has saved', () => {
  async function check(store: SessionStore, locks: LockBackend, other: LockBackend) {
    await store.save(recordOf('s'));
    const dead = await locks.acquire('s');
    await other.steal?.('s', locks.holder ?? '');
    const taken = await other.acquire('s');
    const { fence = '' } = dead;
    await expect(store.save(recordOf('s', 2), { fence })).rejects.toEqual(conflict);
    await store.save(recordOf('s', 2), { fence: taken.fence ?? '' });
    await taken.release();
  }

  test('in SQLite', async () => {
    const path = join(await newFolder(), 'sessions.db');
    using store = new SQLiteSessionStore(path);
    using locks = new SQLiteLockBackend(path);
    using other = new SQLiteLockBackend(path);
    await check(store, locks, other);
  });

  test.skipIf(redis === undefined)('in Redis', async () => {
    const options = { url, prefix: 'fence:' };
    await using store = new RedisSessionStore(options);
    await using locks = new RedisLockBackend(options);
    await using other = new RedisLockBackend(options);
    await check(store, locks, other);
  });
});
