import { describeSessions } from './session-matrix.ts';

/** The pairs that are used; test/e2e has all of them. */
const PAIRS: Readonly<Record<string, string>> = {
  NullSessionStore: 'InProcessLockBackend',
  InMemorySessionStore: 'InProcessLockBackend',
  FileSessionStore: 'InProcessLockBackend',
  SQLiteSessionStore: 'SQLiteLockBackend',
  RedisSessionStore: 'RedisLockBackend',
};

await describeSessions((store, lock) => PAIRS[store] === lock);
