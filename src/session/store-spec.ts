import { UsageError } from '../errors.ts';
import { FileSessionStore } from './file-store.ts';
import type { LockBackend } from './lock.ts';
import { InMemorySessionStore } from './memory-store.ts';
import { RedisLockBackend } from './redis-locks.ts';
import { RedisSessionStore } from './redis-store.ts';
import { SQLiteLockBackend } from './sqlite-locks.ts';
import { SQLiteSessionStore } from './sqlite-store.ts';
import type { SessionStore } from './store.ts';

/** A store, and the locks that go with it where several processes may use it. */
export interface StoreParts {
  store: SessionStore;
  lockBackend?: LockBackend;
}

/**
 * Makes a store of its description: `memory`, `file:DIR`, `sqlite:FILE`, or `redis://…` and
 * `rediss://…` as redis itself writes them. Throws a UsageError for one that cannot be used.
 */
export function storeOf(spec: string): StoreParts {
  const [kind, place] = parted(spec);
  try {
    if (spec === 'memory') return { store: new InMemorySessionStore() };
    if (kind === 'file' && place !== '') return { store: new FileSessionStore(place) };
    if (kind === 'sqlite' && place !== '') {
      return { store: new SQLiteSessionStore(place), lockBackend: new SQLiteLockBackend(place) };
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`store ${spec} cannot be used: ${reason}`, { cause });
  }
  if ((kind === 'redis' || kind === 'rediss') && URL.canParse(spec)) {
    return {
      store: new RedisSessionStore({ url: spec }),
      lockBackend: new RedisLockBackend({ url: spec }),
    };
  }
  // What follows the kind may be a password.
  throw new UsageError(
    `expected a store as memory, file:DIR, sqlite:FILE or redis://HOST:PORT, got one of the kind "${kind}"`,
  );
}

function parted(spec: string): [kind: string, place: string] {
  const colon = spec.indexOf(':');
  return colon === -1 ? [spec, ''] : [spec.slice(0, colon), spec.slice(colon + 1)];
}
