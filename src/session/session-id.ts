import { SuperdialogError } from '../errors.ts';

/** Longer than any SIP call id, and short enough for every store. */
const MAX_ID_LENGTH = 1000;

/** This is no id of a session. */
export class SessionIdError extends SuperdialogError {
  constructor(problem: string) {
    super(
      'bad_session_id',
      `a session id is a text of 1 to ${MAX_ID_LENGTH} characters of well-formed Unicode; this one ${problem}`,
    );
  }
}

/** Any text is an id, whatever stands in it: the stores encode it. */
export function checkSessionId(id: string): void {
  // Callers without types may pass anything.
  if (typeof id !== 'string') throw new SessionIdError(`is of type ${typeof id}`);
  if (id === '') throw new SessionIdError('is empty');
  if (id.length > MAX_ID_LENGTH) throw new SessionIdError(`has ${id.length}`);
  if (!id.isWellFormed()) throw new SessionIdError('has half of a surrogate pair');
}
