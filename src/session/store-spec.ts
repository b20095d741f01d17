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

const SPEC = /^(?:memory|(?<kind>file|sqlite):(?<place>.+)|rediss?:\/\/.+)$/;

/** What a description of a store looks like, for messages. */
export const STORE_SPECS = 'memory, file:DIR, sqlite:FILE or redis://HOST:PORT';

/** True if `storeOf` knows the kind. */
export function isStoreSpec(spec: string): boolean {
  return SPEC.test(spec);
}

/**
 * Makes a store of its description: `memory`, `file:DIR`, `sqlite:FILE`, or `redis://…` and
 * `rediss://…` as redis itself writes them. Throws a UsageError for one that cannot be used.
 */
export function storeOf(spec: string): StoreParts {
  const match = SPEC.exec(spec);
  if (match === null) {
    // What follows the kind may be a password.
    const kind = spec.split(':', 1)[0];
    throw new UsageError(`expected a store as ${STORE_SPECS}, got one of the kind "${kind}"`);
  }
  const { kind, place = '' } = match.groups ?? {};
  if (spec === 'memory') return { store: new InMemorySessionStore() };
  if (kind === 'file') return { store: new FileSessionStore(place) };
  if (kind === 'sqlite') return sqliteParts(place);
  if (!URL.canParse(spec)) throw new UsageError('the address of redis in the store is no URL');
  return {
    store: new RedisSessionStore({ url: spec }),
    lockBackend: new RedisLockBackend({ url: spec }),
  };
}

function sqliteParts(file: string): StoreParts {
  try {
    return { store: new SQLiteSessionStore(file), lockBackend: new SQLiteLockBackend(file) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`store sqlite:${file} cannot be used: ${reason}`, { cause });
  }
}
