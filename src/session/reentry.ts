import { AsyncLocalStorage } from 'node:async_hooks';
import { SuperdialogError } from '../errors.ts';
import type { LockBackend } from './lock.ts';

/** The task that holds the session asked for it again: it would wait for itself. */
export class SessionReentryError extends SuperdialogError {
  constructor(id: string) {
    super(
      'session_reentry',
      `session ${JSON.stringify(id)} is held by the task that asks for it; pass its handle on instead of acquiring it again`,
    );
  }
}

/** One holding of a session, as the tasks that belong to it know it. */
export class Holding {
  readonly locks: LockBackend;
  readonly id: string;
  state: 'waiting' | 'held' | 'released' = 'waiting';
  /** The task that asked for it has shown itself by using the handle. */
  claimed = false;

  constructor(locks: LockBackend, id: string) {
    this.locks = locks;
    this.id = id;
  }
}

interface Task {
  /** Holdings asked for by this task, or by one that it has started and that runs beside it. */
  readonly asked: readonly Holding[];
  /** Holdings whose handle this task has used. */
  readonly used: readonly Holding[];
}

const NOTHING: Task = { asked: [], used: [] };
const tasks = new AsyncLocalStorage<Task>();

/*
 * Which task is it? A mark that is left when a session is asked for is seen by the task after its
 * `await`, but also by the function that started the task without waiting for it, which may well ask
 * for the same session in another one. So that mark counts only until the handle is first used; the
 * use leaves a second mark, and that one is seen by the task alone.
 */

/** Call it synchronously from within `acquire`. Throws if this task holds the session already. */
export function askFor(locks: LockBackend, id: string): Holding {
  const { asked, used } = tasks.getStore() ?? NOTHING;
  const isMine = (holding: Holding) =>
    holding.state === 'held' && holding.locks === locks && holding.id === id;
  if (used.some(isMine) || asked.some((holding) => isMine(holding) && !holding.claimed)) {
    throw new SessionReentryError(id);
  }
  const holding = new Holding(locks, id);
  tasks.enterWith({ asked: [...asked.filter(isAlive), holding], used });
  return holding;
}

/** Call it synchronously wherever a handle is used. */
export function claim(holding: Holding): void {
  holding.claimed = true;
  const { asked, used } = tasks.getStore() ?? NOTHING;
  if (used.includes(holding) || holding.state === 'released') return;
  tasks.enterWith({ asked: asked.filter(isAlive), used: [...used.filter(isAlive), holding] });
}

function isAlive({ state }: Holding): boolean {
  return state !== 'released';
}
