import type { ChatMessage } from '../agent/chat-context.ts';
import { SuperdialogError } from '../errors.ts';
import type { Json } from '../json.ts';

/** A session as it is stored: plain JSON. */
export interface SessionRecord {
  id: string;
  /** 1 at the first save, one more with each. */
  version: number;
  /** Milliseconds since the epoch. */
  createdAtMs: number;
  updatedAtMs: number;
  messages: ChatMessage[];
  /** `null` for an agent without a state of its own. */
  flowState: Json;
  /** Guidance that no turn has seen yet, of an agent that does not keep it in its own state. */
  whispers?: string[];
}

/** Tells one saved state of a session from every other of the same id. */
export type SessionStamp = Pick<SessionRecord, 'version' | 'createdAtMs'>;

/** Of one save. */
export interface SaveOptions {
  /**
   * Names the holding of the lock under which is saved (`SessionLock.fence`). A store that lies where
   * the locks lie refuses the save while somebody else holds the lock.
   */
  fence?: string;
}

/** Keeps sessions between their holders. */
export interface SessionStore {
  /** Throws a SessionCorruptError or a SessionFormatError for what cannot be read. */
  load(id: string): Promise<SessionRecord | undefined>;
  /**
   * Stores the record if what is stored has the version before it and the same time of creation (or
   * nothing is stored and this is version 1). Otherwise throws a SessionConflictError and changes
   * nothing.
   */
  save(record: SessionRecord, options?: SaveOptions): Promise<void>;
  /** Forgets the session; one that is not there is no error. */
  delete(id: string): Promise<void>;
  /** What is stored, without reading all of it. A store without it has its sessions loaded instead. */
  stamp?(id: string): Promise<SessionStamp | undefined>;
  /** Nothing is kept: neither here nor in the memory of the worker. */
  readonly keepsNothing?: true;
}

/** Somebody else saved, deleted or took over the session since it was loaded. */
export class SessionConflictError extends SuperdialogError {
  constructor(id: string) {
    super(
      'session_conflict',
      `session ${JSON.stringify(id)} was saved or taken over by another holder meanwhile`,
    );
  }
}

/** What is stored cannot be read. Other sessions are not affected. */
export class SessionCorruptError extends SuperdialogError {
  constructor(where: string, problem: string, options?: ErrorOptions) {
    super(
      'session_corrupt',
      `${where} holds no session (${problem}); restore it from a backup, or delete it to start anew`,
      options,
    );
  }
}

/** What is stored was written by a later version of this package. */
export class SessionFormatError extends SuperdialogError {
  constructor(where: string, format: number, known: number) {
    super(
      'session_format',
      `${where} has format ${format}, and this version reads up to ${known}: update superdialog-voice`,
    );
  }
}

/** The store did not answer. Whether a save that ended so has happened is not known. */
export class StoreUnreachableError extends SuperdialogError {
  constructor(what: string, options?: ErrorOptions) {
    super('store_unreachable', `${what} cannot be reached; is it running?`, options);
  }
}

export function sameStamp(a: SessionStamp | undefined, b: SessionStamp | undefined): boolean {
  return a?.version === b?.version && a?.createdAtMs === b?.createdAtMs;
}

/** True if `next` may take the place of what is stored. */
export function follows(stored: SessionStamp | undefined, next: SessionStamp): boolean {
  if (stored === undefined) return next.version === 1;
  return next.version === stored.version + 1 && next.createdAtMs === stored.createdAtMs;
}
