import { ChatContext } from '../agent/chat-context.ts';
import { SuperdialogError } from '../errors.ts';
import type { SessionAgent, SessionHandle } from './handle.ts';
import { HeldSession } from './held-session.ts';
import { InProcessLockBackend, type LockBackend, type SessionLock } from './lock.ts';
import type { SessionRecord, SessionStore } from './store.ts';

export interface SessionWorkerOptions {
  /** Makes the agent of one session. */
  agentFactory: (id: string) => SessionAgent | Promise<SessionAgent>;
  store: SessionStore;
  /** First words of an agent that does not open a conversation by itself. */
  greeting?: string;
  /** Default: locks within this process. */
  lockBackend?: LockBackend;
  /** Most sessions held at the same time. Default: no bound. */
  maxSessions?: number;
}

/** As many sessions are held as may be held. */
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
  #held = 0;

  constructor(options: SessionWorkerOptions) {
    this.#options = options;
    this.#locks = options.lockBackend ?? new InProcessLockBackend();
  }

  /**
   * Waits for the session, loads or makes it, and holds it until the handle is disposed:
   * `await using session = await worker.acquire(id)`.
   */
  async acquire(id: string, options: { signal?: AbortSignal } = {}): Promise<SessionHandle> {
    const { maxSessions = Infinity } = this.#options;
    if (this.#held >= maxSessions) throw new SessionLimitError(maxSessions);
    this.#held += 1;
    let lock: SessionLock | undefined;
    const release = async () => {
      this.#held -= 1;
      await lock?.release();
    };
    try {
      lock = await this.#locks.acquire(id, options);
      return await this.#open(id, release);
    } catch (error) {
      await release();
      throw error;
    }
  }

  /** Holds a session while `use` runs. */
  async withSession<T>(id: string, use: (session: SessionHandle) => Promise<T>): Promise<T> {
    await using session = await this.acquire(id);
    return await use(session);
  }

  async #open(id: string, release: () => Promise<void>): Promise<SessionHandle> {
    const { store, agentFactory, greeting } = this.#options;
    const stored = await store.load(id);
    const agent = await agentFactory(id);
    const continued = stored !== undefined && !hasEnded(stored) ? stored : undefined;
    if (continued !== undefined) {
      agent.loadChatCtx(new ChatContext(continued.messages));
      if (continued.flowState !== null) agent.loadFlowState?.(continued.flowState);
    }
    return new HeldSession({ id, agent, store, stored, greeting, release });
  }
}

/** A call that is over is not gone on with: the same id then starts anew. */
function hasEnded({ flowState }: SessionRecord): boolean {
  return (
    typeof flowState === 'object' &&
    flowState !== null &&
    !Array.isArray(flowState) &&
    flowState.ended === true
  );
}
