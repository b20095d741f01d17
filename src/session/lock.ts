import { hostname } from 'node:os';
import { SuperdialogError } from '../errors.ts';
import { SessionConflictError } from './store.ts';

/** A held lock. */
export interface SessionLock {
  /** Lets the next one have it. A second time does nothing; a lock that was lost is left alone. */
  release(): Promise<void>;
  /** Aborted when the lock was lost: its lease ran out, or it was taken over. */
  readonly signal?: AbortSignal;
  /** Names this holding to a store that can look up the locks: see `SaveOptions.fence`. */
  readonly fence?: string;
}

/** Gives each session to one holder at a time. */
export interface LockBackend {
  /** Waits for its turn, in order of arrival. Aborting rejects with the signal's reason. */
  acquire(id: string, options?: { signal?: AbortSignal }): Promise<SessionLock>;
  /** Who holds the locks taken here. */
  readonly holder?: string;
  /**
   * Takes the lock away from a holder that is known to be dead, so that the next one need not wait
   * for its lease to run out. Should it live after all, it can no longer save. Returns false if
   * `deadHolder` does not hold the lock.
   */
  steal?(id: string, deadHolder: string): Promise<boolean>;
}

/** A session was not released in time by whoever holds it. */
export class LockTimeoutError extends SuperdialogError {
  constructor(id: string, timeoutMs: number) {
    super(
      'lock_timeout',
      `session ${JSON.stringify(id)} is held by another; it was not released within ${timeoutMs} ms`,
    );
  }
}

/** A name that no other process has, and no other backend of this one. */
export function newHolder(): string {
  backends += 1;
  return `${hostname()}:${process.pid}:${backends}`;
}

let backends = 0;

/** Locks within one process. */
export class InProcessLockBackend implements LockBackend {
  readonly holder: string;
  readonly #held = new Map<string, { lock: HeldLock; queue: Waiter[] }>();

  constructor({ holder = newHolder() }: { holder?: string } = {}) {
    this.holder = holder;
  }

  async acquire(id: string, { signal }: { signal?: AbortSignal } = {}): Promise<SessionLock> {
    signal?.throwIfAborted();
    const held = this.#held.get(id);
    if (held !== undefined) return waitIn(held.queue, signal);
    const lock = this.#lockOf(id);
    this.#held.set(id, { lock, queue: [] });
    return lock;
  }

  async steal(id: string, deadHolder: string): Promise<boolean> {
    const held = this.#held.get(id);
    if (held === undefined || deadHolder !== this.holder) return false;
    held.lock.lose();
    this.#passOn(id, held.lock);
    return true;
  }

  #lockOf(id: string): HeldLock {
    const lock: HeldLock = new HeldLock(id, () => this.#passOn(id, lock));
    return lock;
  }

  #passOn(id: string, from: HeldLock): void {
    const held = this.#held.get(id);
    if (held?.lock !== from) return;
    const next = held.queue.shift();
    if (next === undefined) {
      this.#held.delete(id);
      return;
    }
    held.lock = this.#lockOf(id);
    next(held.lock);
  }
}

type Waiter = (lock: SessionLock) => void;

class HeldLock implements SessionLock {
  readonly #id: string;
  readonly #passOn: () => void;
  /** Made when somebody asks for it: few do. */
  #lost: AbortController | undefined;

  constructor(id: string, passOn: () => void) {
    this.#id = id;
    this.#passOn = passOn;
  }

  get signal(): AbortSignal {
    this.#lost ??= new AbortController();
    return this.#lost.signal;
  }

  async release(): Promise<void> {
    this.#passOn();
  }

  lose(): void {
    this.#lost ??= new AbortController();
    this.#lost.abort(new SessionConflictError(this.#id));
  }
}

function waitIn(queue: Waiter[], signal: AbortSignal | undefined): Promise<SessionLock> {
  return new Promise((resolve, reject) => {
    const go = (lock: SessionLock) => {
      signal?.removeEventListener('abort', leave);
      resolve(lock);
    };
    const leave = () => {
      queue.splice(queue.indexOf(go), 1);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', leave, { once: true });
    queue.push(go);
  });
}
