import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { isBusy, sqlite, sqliteError } from './sqlite-database.ts';
import { StoreUnreachableError } from './store.ts';

const PAUSE_MS = 2;
const TIMEOUT_MS = 10_000;

/**
 * Lets one at a time write in a folder, over all processes of a machine. Node has no locks on files;
 * SQLite has, and the operating system takes them from a process that ends, however it ends. The
 * database is used for nothing else and stays empty.
 */
export class FolderLock {
  readonly #path: string;
  #database: DatabaseSync | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(folder: string) {
    this.#path = join(folder, '.lock');
  }

  /** The folder must be there. */
  hold<T>(work: () => Promise<T>): Promise<T> {
    const held = this.#queue.then(() => this.#hold(work));
    this.#queue = held.catch(() => {});
    return held;
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  async #hold<T>(work: () => Promise<T>): Promise<T> {
    const database = await this.#take();
    try {
      return await work();
    } finally {
      database.exec('ROLLBACK');
    }
  }

  async #take(): Promise<DatabaseSync> {
    const giveUpAtMs = performance.now() + TIMEOUT_MS;
    for (;;) {
      try {
        this.#database ??= new (sqlite().DatabaseSync)(this.#path, { timeout: 0 });
        this.#database.exec('BEGIN IMMEDIATE');
        return this.#database;
      } catch (error) {
        if (!isBusy(error)) throw sqliteError(error, this.#path);
        if (performance.now() > giveUpAtMs) throw new StoreUnreachableError(this.#path);
      }
      await sleep(PAUSE_MS);
    }
  }
}
