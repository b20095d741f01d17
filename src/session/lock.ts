/** A held lock. Releasing it twice is harmless. */
export interface SessionLock {
  release(): Promise<void>;
}

export interface LockBackend {
  /** Waits for its turn, in order of arrival. Aborting rejects with the signal's reason. */
  acquire(id: string, options?: { signal?: AbortSignal }): Promise<SessionLock>;
}

/** Locks within one process. */
export class InProcessLockBackend implements LockBackend {
  /** The holder's place in the queue of each id that is held, and those that wait behind it. */
  readonly #queues = new Map<string, (() => void)[]>();

  async acquire(id: string, { signal }: { signal?: AbortSignal } = {}): Promise<SessionLock> {
    signal?.throwIfAborted();
    const queue = this.#queues.get(id);
    if (queue === undefined) this.#queues.set(id, []);
    else await waitIn(queue, signal);
    let held = true;
    return {
      release: async () => {
        if (held) this.#passOn(id);
        held = false;
      },
    };
  }

  #passOn(id: string): void {
    const next = this.#queues.get(id)?.shift();
    if (next === undefined) this.#queues.delete(id);
    else next();
  }
}

function waitIn(queue: (() => void)[], signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const go = () => {
      signal?.removeEventListener('abort', leave);
      resolve();
    };
    const leave = () => {
      queue.splice(queue.indexOf(go), 1);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', leave, { once: true });
    queue.push(go);
  });
}
