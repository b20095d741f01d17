import type { SessionStore } from './store.ts';

/** Keeps nothing: for calls that leave no trace. */
export class NullSessionStore implements SessionStore {
  async load(): Promise<undefined> {}

  async save(): Promise<void> {}

  async delete(): Promise<void> {}
}
