import type { DatabaseSync } from 'node:sqlite';
import { SuperdialogError, UsageError } from '../errors.ts';
import { SessionCorruptError, SessionFormatError } from './store.ts';

/** Grows when an older version of this package could no longer use the tables. */
const FORMAT = 1;

/** Longest wait for another process that is writing. The event loop stands still meanwhile. */
const BUSY_TIMEOUT_MS = 5000;

/** SQLite's result codes: https://sqlite.org/rescode.html */
const BUSY = 5;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

/** Sessions and locks lie in one file, so that a save can see who holds the lock. */
const TABLES = `
  CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    record TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS locks (
    id TEXT PRIMARY KEY,
    token TEXT NOT NULL,
    holder TEXT NOT NULL,
    expires_at_ms INTEGER NOT NULL
  );
`;

export interface SQLiteOptions {
  /** What was written survives a loss of power too, not only the end of the process. */
  synchronous: 'FULL' | 'NORMAL';
}

/** Opens the file, and makes it if there is none. */
export function openDatabase(path: string, { synchronous }: SQLiteOptions): DatabaseSync {
  const database = new (sqlite().DatabaseSync)(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous};`);
    prepareTables(database, path);
    return database;
  } catch (error) {
    database.close();
    throw sqliteError(error, path);
  }
}

/** Node's own SQLite, loaded when somebody wants it: older versions of Node have none. */
export function sqlite(): typeof import('node:sqlite') {
  const module = process.getBuiltinModule?.('node:sqlite');
  if (module === undefined) {
    throw new UsageError(`this store needs Node 22.13 or newer, not ${process.version}`);
  }
  return module;
}

export function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === BUSY;
}

/** SQLite's error as one of ours, where it says that the file is not what it should be. */
export function sqliteError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !('errcode' in error)) return error;
  if (error.errcode === NOT_A_DATABASE || error.errcode === CORRUPT) {
    return new SessionCorruptError(path, error.message, { cause: error });
  }
  return new SuperdialogError('store_failed', `${path}: ${error.message}`, { cause: error });
}

function prepareTables(database: DatabaseSync, path: string): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    const format = Number(database.prepare('PRAGMA user_version').get()?.user_version);
    if (format > FORMAT) throw new SessionFormatError(path, format, FORMAT);
    if (format < FORMAT) database.exec(`${TABLES} PRAGMA user_version = ${FORMAT};`);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}
