import type { Context } from 'hono';
import { routePath } from 'hono/route';
import { agentErrorOf } from '../agent/turns.ts';
import { SuperdialogError } from '../errors.ts';
import type { SessionHandle } from '../session/handle.ts';
import type { AcquireOptions } from '../session/worker.ts';
import { exchange } from './exchange.ts';
import { type Failure, failureOf, ShutdownError } from './failures.ts';
import type { TurnReply } from './schemas.ts';
import type { TextServiceOptions } from './text-service.ts';
import { turnReplyOf } from './wire.ts';

/** Nobody reads it. */
const CLIENT_GONE: Failure = { status: 400, code: 'client_gone', message: 'the client went away' };

/** What the routes have in common: a request holds its session until it is answered or given up. */
export class Requests {
  readonly #options: TextServiceOptions;

  constructor(options: TextServiceOptions) {
    this.#options = options;
  }

  /** Waits for the session, behind the requests for it that came before. */
  acquire(c: Context, sessionId: string): Promise<SessionHandle> {
    return this.#options.worker.acquire(sessionId, this.#waitOf(c));
  }

  /** Deletes the session, when the requests for it that came before are done. */
  forget(c: Context, sessionId: string): Promise<void> {
    return this.#options.worker.delete(sessionId, this.#waitOf(c));
  }

  /** Has the agent answer, and releases the session. What it returns is saved. */
  async turn(
    c: Context,
    held: SessionHandle,
    text: string | undefined,
    onText?: (text: string) => Promise<void>,
  ): Promise<TurnReply> {
    await using session = held;
    const signal = this.#signalOf(c);
    const exchanged = await exchange(session, text, {
      signal,
      ...(onText !== undefined && { onText }),
    });
    for (const result of exchanged.results) {
      const error = agentErrorOf(result);
      if (error !== undefined) this.#tell(new SuperdialogError(error.code, error.message), c);
    }
    return turnReplyOf(session.id, exchanged);
  }

  /** What the client is told of an error. What it cannot do anything about goes to `onError`. */
  failureOf(error: unknown, c: Context): Failure {
    if (c.req.raw.signal.aborted) return CLIENT_GONE;
    const isShutdown =
      this.#options.signal?.aborted === true && error === this.#options.signal.reason;
    const failure = failureOf(isShutdown ? new ShutdownError() : error);
    if (failure.isInternal) this.#tell(error, c);
    return failure;
  }

  #waitOf(c: Context): AcquireOptions {
    const { maxWaitMs } = this.#options;
    return {
      signal: this.#signalOf(c),
      ...(maxWaitMs !== undefined && { timeoutMs: maxWaitMs }),
    };
  }

  /** Aborted when the client goes away or the service shuts down. */
  #signalOf(c: Context): AbortSignal {
    const { signal } = this.#options;
    return AbortSignal.any([c.req.raw.signal, ...(signal === undefined ? [] : [signal])]);
  }

  #tell(error: unknown, c: Context): void {
    this.#options.onError?.(error, routePath(c, -1));
  }
}
