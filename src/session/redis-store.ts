import { randomUUID } from 'node:crypto';
import { UsageError } from '../errors.ts';
import { readRecord, writeRecord } from './record-text.ts';
import { RedisConnection, type RedisOptions } from './redis-connection.ts';
import {
  type SaveOptions,
  SessionConflictError,
  type SessionRecord,
  type SessionStamp,
  type SessionStore,
} from './store.ts';

/** How a store in Redis is made. */
export interface RedisStoreOptions extends RedisOptions {
  /** A session that is not saved for this long is forgotten. Default: never. */
  ttlMs?: number;
}

/**
 * KEYS: session, lock. ARGV: version, time of creation, fence or '', name of this save, record, time to
 * live or ''. A save whose answer was lost on the way is sent again, and finds its own name.
 */
const SAVE = `
  local version, created, save = unpack(redis.call('HMGET', KEYS[1], 'version', 'created', 'save'))
  if save == ARGV[4] then return 1 end
  if version then
    if tonumber(ARGV[1]) ~= tonumber(version) + 1 or created ~= ARGV[2] then return 0 end
  elseif ARGV[1] ~= '1' then
    return 0
  end
  if ARGV[3] ~= '' then
    local token = redis.call('HGET', KEYS[2], 'token')
    if token and token ~= ARGV[3] then return 0 end
  end
  redis.call('HSET', KEYS[1], 'version', ARGV[1], 'created', ARGV[2], 'save', ARGV[4], 'record', ARGV[5])
  if ARGV[6] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[6]) else redis.call('PERSIST', KEYS[1]) end
  return 1
`;

/**
 * Sessions in Redis, for any number of processes and machines. What survives a crash of the server is
 * up to its own persistence. With a `RedisLockBackend` on the same server and prefix a save whose
 * lock was lost is refused.
 */
export class RedisSessionStore implements SessionStore, AsyncDisposable {
  readonly #redis: RedisConnection;
  readonly #ttlMs: number | undefined;

  /** Connects when it is first used. */
  constructor({ ttlMs, ...options }: RedisStoreOptions = {}) {
    if (ttlMs !== undefined && !(Number.isInteger(ttlMs) && ttlMs > 0)) {
      throw new UsageError(`ttlMs must be a whole number of milliseconds above 0, not ${ttlMs}`);
    }
    this.#redis = new RedisConnection(options);
    this.#ttlMs = ttlMs;
  }

  async load(id: string): Promise<SessionRecord | undefined> {
    const key = this.#redis.key('session', id);
    const text = await this.#redis.send(['HGET', key, 'record']);
    return typeof text === 'string'
      ? readRecord(text, `redis key ${JSON.stringify(key)}`)
      : undefined;
  }

  async save(record: SessionRecord, { fence = '' }: SaveOptions = {}): Promise<void> {
    const { id, version, createdAtMs } = record;
    const keys = [this.#redis.key('session', id), this.#redis.key('lock', id)];
    const saved = await this.#redis.run(SAVE, keys, [
      String(version),
      String(createdAtMs),
      fence,
      randomUUID(),
      writeRecord(record),
      String(this.#ttlMs ?? ''),
    ]);
    if (saved !== 1) throw new SessionConflictError(id);
  }

  async delete(id: string): Promise<void> {
    await this.#redis.send(['DEL', this.#redis.key('session', id)]);
  }

  async stamp(id: string): Promise<SessionStamp | undefined> {
    const key = this.#redis.key('session', id);
    const fields = await this.#redis.send(['HMGET', key, 'version', 'created']);
    if (!Array.isArray(fields) || fields[0] === null) return undefined;
    return { version: Number(fields[0]), createdAtMs: Number(fields[1]) };
  }

  /** Ends the connection, unless it was given. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#redis.close();
  }
}
