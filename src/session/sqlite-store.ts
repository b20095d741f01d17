import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { readRecord, writeRecord } from './record-text.ts';
import { openDatabase, sqliteError } from './sqlite-database.ts';
import {
  type SaveOptions,
  SessionConflictError,
  type SessionRecord,
  type SessionStamp,
  type SessionStore,
} from './store.ts';

const UNLOCKED =
  'NOT EXISTS (SELECT 1 FROM locks WHERE id = $id AND token <> $fence AND expires_at_ms > $nowMs)';

/**
 * Sessions in one SQLite file, for any number of processes of one machine. What was saved survives a
 * loss of power. With a `SQLiteLockBackend` on the same file a save whose lock was lost is refused.
 */
export class SQLiteSessionStore implements SessionStore, Disposable {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #load: StatementSync;
  readonly #stamp: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #delete: StatementSync;

  /** Opens or makes the file. Throws a SessionCorruptError if it is something else. */
  constructor(path: string) {
    this.#path = path;
    this.#database = openDatabase(path, { synchronous: 'FULL' });
    const prepare = (sql: string) => this.#database.prepare(sql);
    this.#load = prepare('SELECT record FROM sessions WHERE id = ?');
    this.#stamp = prepare('SELECT version, created_at_ms FROM sessions WHERE id = ?');
    this.#insert = prepare(
      `INSERT INTO sessions SELECT $id, $version, $createdAtMs, $record WHERE ${UNLOCKED} ON CONFLICT DO NOTHING`,
    );
    this.#update = prepare(
      `UPDATE sessions SET version = $version, record = $record WHERE id = $id AND version = $version - 1 AND created_at_ms = $createdAtMs AND ${UNLOCKED}`,
    );
    this.#delete = prepare('DELETE FROM sessions WHERE id = ?');
  }

  async load(id: string): Promise<SessionRecord | undefined> {
    const row = this.#try(() => this.#load.get(id));
    return row && readRecord(String(row.record), `session ${JSON.stringify(id)} in ${this.#path}`);
  }

  async save(record: SessionRecord, { fence }: SaveOptions = {}): Promise<void> {
    const { id, version, createdAtMs } = record;
    const put = version === 1 ? this.#insert : this.#update;
    const { changes } = this.#try(() =>
      put.run({
        $id: id,
        $version: version,
        $createdAtMs: createdAtMs,
        $record: writeRecord(record),
        // Without a fence nobody else's lock counts.
        $fence: fence ?? null,
        $nowMs: Date.now(),
      }),
    );
    if (changes === 0) throw new SessionConflictError(id);
  }

  async delete(id: string): Promise<void> {
    this.#try(() => this.#delete.run(id));
  }

  async stamp(id: string): Promise<SessionStamp | undefined> {
    const row = this.#try(() => this.#stamp.get(id));
    return row && { version: Number(row.version), createdAtMs: Number(row.created_at_ms) };
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #try<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw sqliteError(error, this.#path);
    }
  }
}
