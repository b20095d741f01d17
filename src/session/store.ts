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
}

export interface SessionStore {
  load(id: string): Promise<SessionRecord | undefined>;
  /**
   * Stores the record if what is stored has the version before it (or nothing is stored and this
   * is version 1). Otherwise throws a SessionConflictError and changes nothing.
   */
  save(record: SessionRecord): Promise<void>;
  delete(id: string): Promise<void>;
}

/** Somebody else saved the session since it was loaded. */
export class SessionConflictError extends SuperdialogError {
  constructor(id: string) {
    super(
      'session_conflict',
      `session ${JSON.stringify(id)} was saved by another holder meanwhile`,
    );
  }
}
