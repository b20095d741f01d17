import type { SessionStore } from './store.ts';

/** Keeps nothing: for calls that leave no trace. */
export class NullSessionStore implements SessionStore {
  readonly keepsNothing = true;

  async load(): Promise<undefined> {}

  async save(): Promise<void> {}

  /** Has nothing to forget. */
  async delete(): Promise<void> {}
}
