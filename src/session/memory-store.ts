import { readRecord, writeRecord } from './record-text.ts';
import {
  follows,
  SessionConflictError,
  type SessionRecord,
  type SessionStamp,
  type SessionStore,
} from './store.ts';

/** Keeps sessions for as long as the process lives. Hands out copies. */
export class InMemorySessionStore implements SessionStore {
  /** As text: a copy is one pass, and text takes less room than objects. */
  readonly #sessions = new Map<string, { stamp: SessionStamp; text: string }>();

  async load(id: string): Promise<SessionRecord | undefined> {
    const stored = this.#sessions.get(id);
    return stored && readRecord(stored.text, `session ${JSON.stringify(id)}`);
  }

  async save(record: SessionRecord): Promise<void> {
    const { id, version, createdAtMs } = record;
    if (!follows(this.#sessions.get(id)?.stamp, record)) throw new SessionConflictError(id);
    this.#sessions.set(id, { stamp: { version, createdAtMs }, text: writeRecord(record) });
  }

  /** Forgets the session. */
  async delete(id: string): Promise<void> {
    this.#sessions.delete(id);
  }

  async stamp(id: string): Promise<SessionStamp | undefined> {
    return this.#sessions.get(id)?.stamp;
  }
}
