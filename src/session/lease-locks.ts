import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../errors.ts';
import { InProcessLockBackend, type LockBackend, newHolder, type SessionLock } from './lock.ts';
import { SessionConflictError } from './store.ts';

/** Where the locks of several processes lie. Each operation happens as a whole or not at all. */
export interface LeaseTable {
  /** Takes the lock if it is free, if its lease has run out, or if `token` has it already. */
  take(lease: Lease): Promise<boolean>;
  /** Begins the lease anew. False if somebody else has the lock, or nobody. */
  renew(lease: Lease): Promise<boolean>;
  /** Frees the lock if `token` has it. */
  free(lease: Lease): Promise<void>;
  /** Frees the lock if `holder` has it. */
  freeFrom(id: string, holder: string): Promise<boolean>;
}

export interface Lease {
  id: string;
  /** Names this one holding. */
  token: string;
  holder: string;
  leaseMs: number;
}

/** Who takes locks, and for how long they hold without a sign of life. */
export interface LeaseOptions {
  /** Who holds the locks taken here, for `steal`. Default: host, process and a number. */
  holder?: string;
  /**
   * A lock whose holder gives no sign of life for this long is free. Holders renew theirs three times
   * as often. Default: 10,000 ms.
   */
  leaseMs?: number;
}

const LEASE_MS = 10_000;

/** Pauses between two looks at a lock that another process has. */
const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 50;

/**
 * Locks between processes. Within this process they are given in order of arrival; between processes
 * the one that asks first after a release gets it.
 */
export class LeaseLockBackend implements LockBackend {
  readonly holder: string;
  readonly #table: LeaseTable;
  readonly #leaseMs: number;
  readonly #here = new InProcessLockBackend();

  constructor(table: LeaseTable, { holder = newHolder(), leaseMs = LEASE_MS }: LeaseOptions) {
    if (!(leaseMs >= 30)) throw new UsageError(`leaseMs must be 30 or more, not ${leaseMs}`);
    this.holder = holder;
    this.#table = table;
    this.#leaseMs = leaseMs;
  }

  async acquire(id: string, { signal }: { signal?: AbortSignal } = {}): Promise<SessionLock> {
    const here = await this.#here.acquire(id, signal === undefined ? {} : { signal });
    const lease = { id, token: randomUUID(), holder: this.holder, leaseMs: this.#leaseMs };
    try {
      const takenAtMs = await this.#take(lease, signal);
      return new LeasedLock(this.#table, lease, takenAtMs, here);
    } catch (error) {
      await here.release();
      throw error;
    }
  }

  async steal(id: string, deadHolder: string): Promise<boolean> {
    return this.#table.freeFrom(id, deadHolder);
  }

  /** Returns when the lease began, by `performance.now()`. */
  async #take(lease: Lease, signal: AbortSignal | undefined): Promise<number> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      signal?.throwIfAborted();
      const askedAtMs = performance.now();
      try {
        if (await this.#table.take(lease)) {
          signal?.throwIfAborted();
          return askedAtMs;
        }
      } catch (error) {
        // It may have been taken all the same. What cannot be freed becomes free in time.
        this.#table.free(lease).catch(() => {});
        throw error;
      }
      const jitter = 0.5 + Math.random() / 2;
      // An aborted sleep is told by the next round.
      await sleep(pauseMs * jitter, undefined, signal && { signal }).catch(() => {});
    }
  }
}

class LeasedLock implements SessionLock {
  readonly fence: string;
  readonly #table: LeaseTable;
  readonly #lease: Lease;
  readonly #here: SessionLock;
  readonly #lost = new AbortController();
  #endsAtMs: number;
  #renewal: NodeJS.Timeout | undefined;
  #released = false;

  constructor(table: LeaseTable, lease: Lease, takenAtMs: number, here: SessionLock) {
    this.fence = lease.token;
    this.#table = table;
    this.#lease = lease;
    this.#here = here;
    this.#endsAtMs = takenAtMs + lease.leaseMs;
    this.#renewLater();
  }

  /** Knows a lease that has run out even if the process stood still meanwhile. */
  get signal(): AbortSignal {
    this.#loseIfOver();
    return this.#lost.signal;
  }

  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    clearTimeout(this.#renewal);
    // What cannot be freed becomes free when its lease runs out.
    await this.#table.free(this.#lease).catch(() => {});
    await this.#here.release();
  }

  #renewLater(): void {
    this.#renewal = setTimeout(() => this.#renew(), this.#lease.leaseMs / 3);
    // A lock does not keep its process alive.
    this.#renewal.unref();
  }

  async #renew(): Promise<void> {
    const askedAtMs = performance.now();
    const { leaseMs } = this.#lease;
    const leftMs = Math.max(0, this.#endsAtMs - askedAtMs);
    const ends = setTimeout(() => this.#loseIfOver(), leftMs + 1);
    ends.unref();
    // No answer is no proof that the lock is lost: it is asked again until the lease has run out.
    const renewed = await this.#table.renew(this.#lease).catch(() => undefined);
    clearTimeout(ends);
    if (this.#released) return;
    if (renewed === true) this.#endsAtMs = askedAtMs + leaseMs;
    if (renewed === false) this.#lose();
    if (!this.signal.aborted) this.#renewLater();
  }

  #loseIfOver(): void {
    if (performance.now() >= this.#endsAtMs) this.#lose();
  }

  #lose(): void {
    if (this.#released || this.#lost.signal.aborted) return;
    this.#lost.abort(new SessionConflictError(this.#lease.id));
    // Others of this process need not wait until the loser has noticed.
    void this.#here.release();
  }
}
