import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { FileSessionStore } from '../../src/session/file-store.ts';
import { InMemorySessionStore } from '../../src/session/memory-store.ts';
import { RedisLockBackend } from '../../src/session/redis-locks.ts';
import { RedisSessionStore } from '../../src/session/redis-store.ts';
import { SQLiteLockBackend } from '../../src/session/sqlite-locks.ts';
import { SQLiteSessionStore } from '../../src/session/sqlite-store.ts';
import { storeOf } from '../../src/session/store-spec.ts';

const folder = mkdtempSync(join(tmpdir(), 'store-spec-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['memory', InMemorySessionStore, undefined],
  [`file:${folder}/sessions`, FileSessionStore, undefined],
  [`sqlite:${folder}/chats.db`, SQLiteSessionStore, SQLiteLockBackend],
  ['redis://localhost:6379/1', RedisSessionStore, RedisLockBackend],
  ['rediss://user:password@example.com', RedisSessionStore, RedisLockBackend],
])('%s', (spec, Store, Locks) => {
  const { store, lockBackend } = storeOf(spec);
  expect(store).toBeInstanceOf(Store);
  expect(lockBackend?.constructor).toBe(Locks);
});

test.each(['', 'sqlite', 'sqlite:', 'file:', 'memory:x', 'postgres://user:hunter2@host'])(
  '"%s" is refused with what was expected, and no password is told',
  (spec) => {
    expect(() => storeOf(spec)).toThrow(
      /^expected a store as memory, file:DIR, sqlite:FILE or redis:\/\/HOST:PORT, got one of the kind "\w*"$/,
    );
  },
);

test('a file that cannot be opened is told with its name', () => {
  const spec = `sqlite:${folder}/no/such/folder/chats.db`;
  expect(() => storeOf(spec)).toThrow(`store ${spec} cannot be used: `);
});
