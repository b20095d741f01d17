import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { SuperdialogError } from '../errors.ts';

/** There is no such session. */
export class UnknownSessionError extends SuperdialogError {
  constructor() {
    super('unknown_session', 'there is no such session, or its conversation is over');
  }
}

/** The service is being stopped: see `TextServiceOptions.signal`. */
export class ShutdownError extends SuperdialogError {
  constructor() {
    super('shutting_down', 'the service is shutting down; try again');
  }
}

/** An error as the client sees it. */
export interface Failure {
  status: ContentfulStatusCode;
  code: string;
  message: string;
  /** The client is not told what it was: the host should be. */
  isInternal?: true;
}

/** Errors that a client can do something about. Their messages are for it to read. */
const TOLD: Readonly<Record<string, ContentfulStatusCode>> = {
  bad_session_id: 400,
  unknown_session: 404,
  assist_refused: 409,
  session_conflict: 409,
  lock_timeout: 409,
  session_limit: 503,
  shutting_down: 503,
};

/** Errors of the protocol, which Hono's own middleware throws. */
const PROTOCOL: Readonly<Record<number, string>> = {
  400: 'bad_request',
  415: 'not_json',
};

/** What goes wrong inside is not for whoever asks: paths, ids and settings may stand in it. */
export function failureOf(error: unknown): Failure {
  if (error instanceof HTTPException) {
    const { status, message } = error;
    return { status, code: PROTOCOL[status] ?? 'bad_request', message };
  }
  const code = error instanceof SuperdialogError ? error.code : 'internal';
  const status = Object.hasOwn(TOLD, code) ? TOLD[code] : undefined;
  if (status !== undefined && error instanceof SuperdialogError) {
    return { status, code, message: error.message };
  }
  return { status: internalStatus(code), code, message: 'the agent failed', isInternal: true };
}

function internalStatus(code: string): ContentfulStatusCode {
  if (code === 'store_unreachable') return 503;
  return code.startsWith('model_') ? 502 : 500;
}

export function failureBody({ code, message }: Omit<Failure, 'status'>) {
  return { error: { code, message } };
}

export function failed(c: Context, failure: Failure): Response {
  if (failure.status === 503) c.header('retry-after', '1');
  return c.json(failureBody(failure), failure.status);
}
