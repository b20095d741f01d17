import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { UsageError } from '../errors.ts';
import { failureBody, ShutdownError } from './failures.ts';
import { type TextServiceOptions, textService } from './text-service.ts';

/** A service and where it listens. */
export interface TextServerOptions extends Omit<TextServiceOptions, 'signal'> {
  /** 0 takes any that is free. */
  port: number;
  /** Name or address to listen at. */
  host: string;
}

/** A text service with a server of its own. */
export interface TextServer {
  readonly url: string;
  /**
   * Lets no more requests in and waits for those that run. Turns that take longer than `graceMs` are
   * ended; at last all connections are closed.
   */
  close(options: { graceMs: number }): Promise<void>;
}

/** How long an ended turn may take to save its session and to tell its client. */
const ENDING_MS = 2000;

/** Listens for requests. Throws a UsageError if it cannot. */
export async function startTextServer({
  port,
  host,
  ...options
}: TextServerOptions): Promise<TextServer> {
  const stop = new AbortController();
  const app = textService({ ...options, signal: stop.signal });
  let closing = false;
  const server = createServer(
    // A connection that is in use stays open, and its client may go on to ask.
    getRequestListener((request, env) => (closing ? refusal() : app.fetch(request, env))),
  );
  const requests = new RunningRequests(server);
  const url = await listen(server, port, host);
  return {
    url,
    async close({ graceMs }) {
      closing = true;
      server.close();
      await requests.ended(graceMs);
      stop.abort();
      await requests.ended(ENDING_MS);
      server.closeAllConnections();
    },
  };
}

function refusal(): Response {
  return Response.json(failureBody(new ShutdownError()), {
    status: 503,
    headers: { connection: 'close', 'retry-after': '1' },
  });
}

/** The requests that a server has not answered to the end. */
class RunningRequests {
  #count = 0;
  #onEnded: () => void = () => {};

  constructor(server: Server) {
    server.on('request', (_, response) => {
      this.#count += 1;
      response.once('close', () => {
        this.#count -= 1;
        if (this.#count === 0) this.#onEnded();
      });
    });
  }

  /** Waits until there are none, but no longer than `timeoutMs`. */
  async ended(timeoutMs: number): Promise<void> {
    if (this.#count === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#onEnded = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

async function listen(server: Server, port: number, host: string): Promise<string> {
  const place = `${host.includes(':') ? `[${host}]` : host}:`;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'another program listens there' : cause.code;
      reject(new UsageError(`cannot listen at ${place}${port}: ${why}`, { cause }));
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return `http://${place}${typeof address === 'object' ? address?.port : port}`;
}
