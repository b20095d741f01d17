import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { streamSSE } from 'hono/streaming';
import type { FlowSet } from '../flow/flow-set.ts';
import type { Flow } from '../flow/types.ts';
import { isNew } from '../session/opening.ts';
import type { SessionWorker } from '../session/worker.ts';
import { addDocument } from './document.ts';
import { failed, failureBody, UnknownSessionError } from './failures.ts';
import { addGuards, type Guards } from './guards.ts';
import { Requests } from './requests.ts';
import {
  assistRoute,
  healthRoute,
  resetRoute,
  sessionRoute,
  streamRoute,
  turnRoute,
} from './routes.ts';
import { refuseBadInput } from './validation.ts';
import { sessionViewOf } from './wire.ts';

/** How the service is made. */
export interface TextServiceOptions extends Guards {
  /** Gives out the sessions. */
  worker: SessionWorker;
  /** Tells which slots are sensitive. Without one, the value of no slot is shown. */
  flow?: Pick<Flow, 'slots'> | FlowSet;
  /** Longest wait for a session that is busy with another request. Default: 30 seconds. */
  maxWaitMs?: number;
  /** Aborting it ends the turns that are running and lets no other begin: a server shuts down. */
  signal?: AbortSignal;
  /**
   * Hears what went wrong inside, and on which route. Errors of your own agents and stores may
   * quote the conversation; a SuperdialogError does not.
   */
  onError?: (error: unknown, route: string) => void;
}

/**
 * Conversations by text: routes for a turn, its stream, a whisper, a reset and a look at a session.
 * Mounts into any Hono app: `app.route('/agent', textService({ worker }))`. `health` and
 * `openapi.json`, which describes the rest, ask for no token.
 */
export function textService(options: TextServiceOptions): OpenAPIHono {
  const app = new OpenAPIHono({ defaultHook: refuseBadInput });
  const requests = new Requests(options);
  app.onError((error, c) => {
    // A guard has its answer ready, headers and all.
    if (error instanceof HTTPException && error.res !== undefined) return error.getResponse();
    return failed(c, requests.failureOf(error, c));
  });
  addDocument(app, { needsToken: options.tokens !== undefined });
  app.openapi(healthRoute, (c) => c.json({ status: 'ok' as const }, 200));
  addGuards(app, options);

  app.openapi(turnRoute, async (c) => {
    const { session_id, text } = c.req.valid('json');
    return c.json(await requests.turn(c, await requests.acquire(c, session_id), text), 200);
  });

  app.openapi(streamRoute, async (c) => {
    const { session_id, text } = c.req.valid('json');
    // A session that cannot be had is told by the status, which is sent with the first event.
    const session = await requests.acquire(c, session_id);
    return streamSSE(c, async (stream) => {
      const send = (event: string, data: object) =>
        stream.writeSSE({ event, data: JSON.stringify(data) });
      try {
        const reply = await requests.turn(c, session, text, (piece) =>
          send('text', { text: piece }),
        );
        await send('done', reply);
      } catch (error) {
        await send('error', failureBody(requests.failureOf(error, c)));
      }
    });
  });

  app.openapi(assistRoute, async (c) => {
    const { session_id, text } = c.req.valid('json');
    await using session = await requests.acquire(c, session_id);
    if (isNew(session)) throw new UnknownSessionError();
    session.assist(text);
    return c.json({ session_id, status: 'ok' as const }, 200);
  });

  app.openapi(resetRoute, async (c) => {
    const { session_id } = c.req.valid('json');
    await requests.forget(c, session_id);
    return c.json({ session_id, status: 'ok' as const }, 200);
  });

  app.openapi(sessionRoute, async (c) => {
    await using session = await requests.acquire(c, c.req.valid('param').id);
    if (isNew(session)) throw new UnknownSessionError();
    return c.json(sessionViewOf(session, options.flow), 200);
  });
  return app;
}
