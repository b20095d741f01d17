import { SessionConflictError, type SessionRecord, type SessionStore } from './store.ts';

/** Keeps sessions for as long as the process lives. Hands out copies. */
export class InMemorySessionStore implements SessionStore {
  readonly #records = new Map<string, SessionRecord>();

  async load(id: string): Promise<SessionRecord | undefined> {
    return structuredClone(this.#records.get(id));
  }

  async save(record: SessionRecord): Promise<void> {
    const stored = this.#records.get(record.id)?.version ?? 0;
    if (record.version !== stored + 1) throw new SessionConflictError(record.id);
    this.#records.set(record.id, structuredClone(record));
  }

  async delete(id: string): Promise<void> {
    this.#records.delete(id);
  }
}
