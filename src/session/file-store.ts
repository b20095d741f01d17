import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { fileNameOf } from './file-names.ts';
import { FolderLock } from './folder-lock.ts';
import { readRecord, writeRecord } from './record-text.ts';
import { follows, SessionConflictError, type SessionRecord, type SessionStore } from './store.ts';

/** Conversations are nobody else's business on the machine. */
const OWNER_ONLY = 0o600;

/** As write-file-atomic calls the files that it renames when they are complete. */
const UNFINISHED = /\.json\.\d+$/;

/**
 * A folder with one JSON file a session, for any number of processes of one machine. A file is
 * replaced as a whole: it is the old one or the new one, whenever the process or the machine ends.
 */
export class FileSessionStore implements SessionStore, Disposable {
  readonly #folder: string;
  readonly #lock: FolderLock;
  #swept = false;

  /** The folder is made when the first session is saved. */
  constructor(folder: string) {
    this.#folder = resolve(folder);
    this.#lock = new FolderLock(this.#folder);
  }

  /** Where the session lies. */
  pathOf(id: string): string {
    return join(this.#folder, fileNameOf(id));
  }

  async load(id: string): Promise<SessionRecord | undefined> {
    const path = this.pathOf(id);
    const text = await readIfThere(path);
    return text === undefined ? undefined : readRecord(text, path);
  }

  async save(record: SessionRecord): Promise<void> {
    const text = writeRecord(record);
    await this.#alone(async () => {
      if (!follows(await this.load(record.id), record)) throw new SessionConflictError(record.id);
      await writeFileAtomic(this.pathOf(record.id), text, { mode: OWNER_ONLY });
    });
  }

  async delete(id: string): Promise<void> {
    await this.#alone(() => rm(this.pathOf(id), { force: true }));
  }

  /** Lets go of the folder. */
  [Symbol.dispose](): void {
    this.#lock.close();
  }

  async #alone(work: () => Promise<void>): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await this.#lock.hold(async () => {
      if (!this.#swept) await this.#sweep();
      this.#swept = true;
      await work();
    });
  }

  /** Removes what was being written when a process ended. Nobody is writing while we hold the lock. */
  async #sweep(): Promise<void> {
    const left = (await readdir(this.#folder)).filter((name) => UNFINISHED.test(name));
    await Promise.all(left.map((name) => rm(join(this.#folder, name), { force: true })));
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
