import type { SessionAgent } from './handle.ts';
import type { SessionStamp } from './store.ts';

/** A session that nobody holds, with what the store had of it when it was released. */
export interface IdleSession {
  agent: SessionAgent;
  stamp: SessionStamp;
  whispers: readonly string[];
}

/** Sessions that nobody holds, in the order in which they were last used. */
export class SessionCache {
  readonly #idle = new Map<string, IdleSession>();

  /** Takes the session out. */
  take(id: string): IdleSession | undefined {
    const session = this.#idle.get(id);
    this.#idle.delete(id);
    return session;
  }

  put(id: string, session: IdleSession): void {
    this.#idle.delete(id);
    this.#idle.set(id, session);
  }

  /** Lets go of the least recently used ones until at most `count` are left. */
  shrinkTo(count: number): void {
    for (const id of this.#idle.keys()) {
      if (this.#idle.size <= count) return;
      this.#idle.delete(id);
    }
  }
}
