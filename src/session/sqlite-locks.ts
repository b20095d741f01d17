import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type Lease, LeaseLockBackend, type LeaseOptions, type LeaseTable } from './lease-locks.ts';
import { openDatabase, sqliteError } from './sqlite-database.ts';

/** Locks between the processes of one machine, in a SQLite file: that of the sessions, or another. */
export class SQLiteLockBackend extends LeaseLockBackend implements Disposable {
  readonly #database: DatabaseSync;

  /** Opens or makes the file. Throws a SessionCorruptError if it is something else. */
  constructor(path: string, options: LeaseOptions = {}) {
    // A lock that a loss of power takes away has no holder any more.
    const database = openDatabase(path, { synchronous: 'NORMAL' });
    super(new SQLiteLeases(database, path), options);
    this.#database = database;
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }
}

class SQLiteLeases implements LeaseTable {
  readonly #path: string;
  readonly #take: StatementSync;
  readonly #renew: StatementSync;
  readonly #free: StatementSync;
  readonly #freeFrom: StatementSync;

  constructor(database: DatabaseSync, path: string) {
    this.#path = path;
    this.#take = database.prepare(
      `INSERT INTO locks VALUES ($id, $token, $holder, $endsAtMs) ON CONFLICT (id) DO UPDATE
       SET token = $token, holder = $holder, expires_at_ms = $endsAtMs
       WHERE expires_at_ms <= $nowMs OR token = $token`,
    );
    this.#renew = database.prepare(
      'UPDATE locks SET expires_at_ms = $endsAtMs WHERE id = $id AND token = $token',
    );
    this.#free = database.prepare('DELETE FROM locks WHERE id = $id AND token = $token');
    this.#freeFrom = database.prepare('DELETE FROM locks WHERE id = $id AND holder = $holder');
  }

  async take({ id, token, holder, leaseMs }: Lease): Promise<boolean> {
    const nowMs = Date.now();
    return this.#run(this.#take, {
      $id: id,
      $token: token,
      $holder: holder,
      $nowMs: nowMs,
      $endsAtMs: nowMs + leaseMs,
    });
  }

  async renew({ id, token, leaseMs }: Lease): Promise<boolean> {
    return this.#run(this.#renew, { $id: id, $token: token, $endsAtMs: Date.now() + leaseMs });
  }

  async free({ id, token }: Lease): Promise<void> {
    this.#run(this.#free, { $id: id, $token: token });
  }

  async freeFrom(id: string, holder: string): Promise<boolean> {
    return this.#run(this.#freeFrom, { $id: id, $holder: holder });
  }

  #run(statement: StatementSync, values: Record<string, string | number>): boolean {
    try {
      return Number(statement.run(values).changes) > 0;
    } catch (error) {
      throw sqliteError(error, this.#path);
    }
  }
}
