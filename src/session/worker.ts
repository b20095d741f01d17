import { SuperdialogError, UsageError } from '../errors.ts';
import { type AgentFactory, hasEnded, keepsWhispers, putInto } from './agent-state.ts';
import type { SessionHandle } from './handle.ts';
import { HeldSession } from './held-session.ts';
import { LiveAgent } from './live-agent.ts';
import {
  InProcessLockBackend,
  type LockBackend,
  LockTimeoutError,
  type SessionLock,
} from './lock.ts';
import { askFor, type Holding } from './reentry.ts';
import { type IdleSession, SessionCache } from './session-cache.ts';
import { checkSessionId } from './session-id.ts';
import { type SessionStamp, type SessionStore, sameStamp } from './store.ts';

/** How a worker is made. */
export interface SessionWorkerOptions {
  agentFactory: AgentFactory;
  store: SessionStore;
  /** First words of an agent that does not open a conversation by itself. */
  greeting?: string;
  /** Default: locks within this process. */
  lockBackend?: LockBackend;
  /** Most sessions in memory, held ones and idle ones. Default: 1,000. */
  maxSessions?: number;
  /**
   * When a session is saved: when it is released, or after each turn as well. An agent may ask for
   * more, as a `DialogMachine` does before and after each action that changes something. Default:
   * `exit`.
   */
  persist?: 'exit' | 'turn';
}

/** How long a session is waited for. */
export interface AcquireOptions {
  /** Longest wait for another holder. Default: 30,000 ms. */
  timeoutMs?: number;
  /** Gives up waiting. */
  signal?: AbortSignal;
}

const MAX_SESSIONS = 1000;
const TIMEOUT_MS = 30_000;

/** As many sessions are held as may be in memory. */
export class SessionLimitError extends SuperdialogError {
  constructor(maxSessions: number) {
    super(
      'session_limit',
      `all ${maxSessions} sessions are held; release one or raise maxSessions`,
    );
  }
}

/** Gives out sessions by id, each to one holder at a time. */
export class SessionWorker {
  readonly #options: SessionWorkerOptions;
  readonly #locks: LockBackend;
  readonly #maxSessions: number;
  /** Released sessions, to be gone on with as long as the store has nothing newer. */
  readonly #idle = new SessionCache();
  #held = 0;

  constructor(options: SessionWorkerOptions) {
    this.#options = options;
    this.#locks = options.lockBackend ?? new InProcessLockBackend();
    this.#maxSessions = options.maxSessions ?? MAX_SESSIONS;
    if (!(this.#maxSessions >= 1)) {
      throw new UsageError(`maxSessions must be 1 or more, not ${this.#maxSessions}`);
    }
  }

  /**
   * Waits for the session, loads or makes it, and holds it until the handle is disposed:
   * `await using session = await worker.acquire(id)`. The same id is served in order of arrival.
   *
   * Rejects with a SessionIdError, a SessionReentryError (this task holds it already), a
   * LockTimeoutError, a SessionLimitError, the signal's reason, or what store and agent have against
   * what is stored.
   */
  acquire(id: string, options: AcquireOptions = {}): Promise<SessionHandle> {
    // Not an async function: who asks has to be noted before this returns.
    try {
      checkSessionId(id);
      return this.#acquire(askFor(this.#locks, id), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Holds a session while `use` runs. */
  async withSession<T>(
    id: string,
    use: (session: SessionHandle) => Promise<T>,
    options: AcquireOptions = {},
  ): Promise<T> {
    await using session = await this.acquire(id, options);
    return await use(session);
  }

  /** Forgets a session for good: the same id then starts anew. Waits for its holder. */
  async delete(id: string, options: AcquireOptions = {}): Promise<void> {
    checkSessionId(id);
    const holding = askFor(this.#locks, id);
    const lock = await this.#lock(holding, options);
    try {
      this.#idle.take(id);
      await this.#options.store.delete(id);
    } finally {
      holding.state = 'released';
      await lock.release();
    }
  }

  async #acquire(holding: Holding, options: AcquireOptions): Promise<SessionHandle> {
    const lock = await this.#lock(holding, options);
    let counted = false;
    const release = async (idle?: IdleSession) => {
      holding.state = 'released';
      if (counted) this.#held -= 1;
      counted = false;
      if (idle !== undefined && this.#options.store.keepsNothing !== true) {
        this.#idle.put(holding.id, idle);
      }
      await lock.release();
    };
    try {
      if (this.#held >= this.#maxSessions) throw new SessionLimitError(this.#maxSessions);
      this.#held += 1;
      counted = true;
      const session = await this.#open(holding, lock, release);
      this.#idle.shrinkTo(this.#maxSessions - this.#held);
      return session;
    } catch (error) {
      await release();
      throw error;
    }
  }

  async #lock(
    holding: Holding,
    { timeoutMs = TIMEOUT_MS, signal }: AcquireOptions,
  ): Promise<SessionLock> {
    const { id } = holding;
    const waiting = new AbortController();
    const abort = () => waiting.abort(signal?.reason);
    const timer = setTimeout(() => waiting.abort(new LockTimeoutError(id, timeoutMs)), timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted === true) abort();
    try {
      const lock = await this.#locks.acquire(id, { signal: waiting.signal });
      holding.state = 'held';
      return lock;
    } catch (error) {
      holding.state = 'released';
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  async #open(
    holding: Holding,
    lock: SessionLock,
    release: (idle?: IdleSession) => Promise<void>,
  ): Promise<SessionHandle> {
    const { store, greeting, persist } = this.#options;
    const { live, stored } = await this.#live(holding.id);
    const saveTurns = persist === 'turn';
    return new HeldSession({ live, store, stored, lock, holding, greeting, saveTurns, release });
  }

  /** The agent where the store says it is: from memory if nothing happened elsewhere. */
  async #live(id: string): Promise<{ live: LiveAgent; stored: SessionStamp | undefined }> {
    const { store, agentFactory } = this.#options;
    const idle = this.#idle.take(id);
    if (idle !== undefined && sameStamp(idle.stamp, await store.stamp?.(id))) {
      const live = new LiveAgent(id, agentFactory, idle.agent, idle.whispers);
      return { live, stored: idle.stamp };
    }
    const record = await store.load(id);
    const agent = await agentFactory(id);
    if (record === undefined)
      return { live: new LiveAgent(id, agentFactory, agent), stored: record };
    const { version, createdAtMs, messages, flowState, whispers = [] } = record;
    const stored = { version, createdAtMs };
    // A call that is over is not gone on with: the same id then starts anew.
    if (hasEnded(flowState)) return { live: new LiveAgent(id, agentFactory, agent), stored };
    putInto(agent, { messages, flowState, whispers });
    const kept = keepsWhispers(agent) ? [] : whispers;
    return { live: new LiveAgent(id, agentFactory, agent, kept), stored };
  }
}
