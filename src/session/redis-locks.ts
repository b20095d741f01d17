import { type Lease, LeaseLockBackend, type LeaseOptions, type LeaseTable } from './lease-locks.ts';
import { RedisConnection, type RedisOptions } from './redis-connection.ts';

/** How locks in Redis are made. */
export type RedisLockOptions = RedisOptions & LeaseOptions;

/** KEYS: lock. ARGV: token, holder, lease. */
const TAKE = `
  local token = redis.call('HGET', KEYS[1], 'token')
  if token and token ~= ARGV[1] then return 0 end
  redis.call('HSET', KEYS[1], 'token', ARGV[1], 'holder', ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  return 1
`;

/** KEYS: lock. ARGV: token, lease. */
const RENEW = `
  if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
  return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`;

/** KEYS: lock. ARGV: field, and what it must hold. */
const FREE_IF = `
  if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
  return redis.call('DEL', KEYS[1])
`;

/** Locks between processes and machines. A lock whose holder is gone becomes free after `leaseMs`. */
export class RedisLockBackend extends LeaseLockBackend implements AsyncDisposable {
  readonly #redis: RedisConnection;

  /** Connects when it is first used. */
  constructor(options: RedisLockOptions = {}) {
    const redis = new RedisConnection(options);
    super(new RedisLeases(redis), options);
    this.#redis = redis;
  }

  /** Ends the connection, unless it was given. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#redis.close();
  }
}

class RedisLeases implements LeaseTable {
  readonly #redis: RedisConnection;

  constructor(redis: RedisConnection) {
    this.#redis = redis;
  }

  take({ id, token, holder, leaseMs }: Lease): Promise<boolean> {
    return this.#run(TAKE, id, [token, holder, String(leaseMs)]);
  }

  renew({ id, token, leaseMs }: Lease): Promise<boolean> {
    return this.#run(RENEW, id, [token, String(leaseMs)]);
  }

  async free({ id, token }: Lease): Promise<void> {
    await this.#run(FREE_IF, id, ['token', token]);
  }

  freeFrom(id: string, holder: string): Promise<boolean> {
    return this.#run(FREE_IF, id, ['holder', holder]);
  }

  async #run(script: string, id: string, args: readonly string[]): Promise<boolean> {
    return (await this.#redis.run(script, [this.#redis.key('lock', id)], args)) === 1;
  }
}
