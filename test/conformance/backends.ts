import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createClient } from 'redis';
import { FileSessionStore } from '../../src/session/file-store.ts';
import type { LeaseOptions } from '../../src/session/lease-locks.ts';
import { InProcessLockBackend, type LockBackend } from '../../src/session/lock.ts';
import { InMemorySessionStore } from '../../src/session/memory-store.ts';
import { NullSessionStore } from '../../src/session/null-store.ts';
import { RedisLockBackend } from '../../src/session/redis-locks.ts';
import { RedisSessionStore } from '../../src/session/redis-store.ts';
import { SQLiteLockBackend } from '../../src/session/sqlite-locks.ts';
import { SQLiteSessionStore } from '../../src/session/sqlite-store.ts';
import type { SessionStore } from '../../src/session/store.ts';
import { noRedis, type RedisServer, startRedis } from '../support/redis-server.ts';

/** Where the sessions and locks of one case lie. */
export interface Place {
  folder: string;
  redis: { url: string; prefix: string };
}

/** What lies in a place, each as two processes have it. */
export interface Backend<T> {
  open(place: Place, options?: LeaseOptions): readonly [T, T];
  /** How many locks lie there. */
  countLocks?(place: Place): Promise<number>;
  needsRedis?: true;
}

/** To add a store, add it here. */
export const STORES = new Map<string, Backend<SessionStore>>([
  ['NullSessionStore', { open: () => both(new NullSessionStore()) }],
  ['InMemorySessionStore', { open: () => both(new InMemorySessionStore()) }],
  ['FileSessionStore', { open: ({ folder }) => twice(() => new FileSessionStore(folder)) }],
  [
    'SQLiteSessionStore',
    { open: ({ folder }) => twice(() => new SQLiteSessionStore(databaseIn(folder))) },
  ],
  [
    'RedisSessionStore',
    { open: ({ redis }) => twice(() => new RedisSessionStore(redis)), needsRedis: true },
  ],
]);

/** To add a lock backend, add it here. */
export const LOCKS = new Map<string, Backend<LockBackend>>([
  ['InProcessLockBackend', { open: () => both(new InProcessLockBackend()) }],
  [
    'SQLiteLockBackend',
    {
      open: ({ folder }, options) =>
        twice(() => new SQLiteLockBackend(databaseIn(folder), options)),
      countLocks: async ({ folder }) => {
        using database = new DatabaseSync(databaseIn(folder));
        return Number(database.prepare('SELECT count(*) AS n FROM locks').get()?.n);
      },
    },
  ],
  [
    'RedisLockBackend',
    {
      open: ({ redis }, options) => twice(() => new RedisLockBackend({ ...redis, ...options })),
      countLocks: async ({ redis }) => {
        const client = await createClient({ url: redis.url }).connect();
        const keys = await client.keys(`${redis.prefix}*`);
        client.destroy();
        return keys.length;
      },
      needsRedis: true,
    },
  ],
]);

/** Gives each case a place of its own. */
export class Places implements AsyncDisposable {
  readonly #folder: string;
  readonly #redis: RedisServer | undefined;
  #count = 0;

  private constructor(folder: string, redis: RedisServer | undefined) {
    this.#folder = folder;
    this.#redis = redis;
  }

  static async open(): Promise<Places> {
    const folder = await mkdtemp(join(tmpdir(), 'sessions-'));
    return new Places(folder, noRedis === undefined ? await startRedis() : undefined);
  }

  next(): Place {
    this.#count += 1;
    const name = `case-${this.#count}`;
    const url = this.#redis?.url ?? '';
    return { folder: join(this.#folder, name), redis: { url, prefix: `${name}:` } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#redis?.[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Closes what has to be closed. */
export async function closeAll(opened: readonly object[]): Promise<void> {
  for (const one of new Set<Partial<Disposable & AsyncDisposable>>(opened)) {
    one[Symbol.dispose]?.();
    await one[Symbol.asyncDispose]?.();
  }
}

function both<T>(one: T): [T, T] {
  return [one, one];
}

function twice<T>(make: () => T): [T, T] {
  return [make(), make()];
}

function databaseIn(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return join(folder, 'sessions.db');
}
