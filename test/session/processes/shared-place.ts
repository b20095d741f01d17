import { join } from 'node:path';
import { FileSessionStore } from '../../../src/session/file-store.ts';
import type { LockBackend } from '../../../src/session/lock.ts';
import { RedisLockBackend } from '../../../src/session/redis-locks.ts';
import { RedisSessionStore } from '../../../src/session/redis-store.ts';
import { SQLiteLockBackend } from '../../../src/session/sqlite-locks.ts';
import { SQLiteSessionStore } from '../../../src/session/sqlite-store.ts';
import type { SessionStore } from '../../../src/session/store.ts';

/** Where the processes of a test meet. Plain JSON, to be handed on. */
export type SharedPlace =
  | { kind: 'file' | 'sqlite'; folder: string }
  | { kind: 'redis'; url: string };

/** Store and locks of one process. */
export function openPlace(
  place: SharedPlace,
  options: { holder: string; leaseMs: number },
): { store: SessionStore; locks: LockBackend } {
  if (place.kind === 'redis') {
    const { url } = place;
    return {
      store: new RedisSessionStore({ url }),
      locks: new RedisLockBackend({ url, ...options }),
    };
  }
  const { kind, folder } = place;
  const path = join(folder, 'sessions.db');
  return {
    store:
      kind === 'sqlite'
        ? new SQLiteSessionStore(path)
        : new FileSessionStore(join(folder, 'sessions')),
    locks: new SQLiteLockBackend(path, options),
  };
}
