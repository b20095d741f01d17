import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';

export interface Seen {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface LocalServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  readonly seen: Seen[];
}

/** A real HTTP server on a free port of the loopback address. `count` is 0 for the first request. */
export async function startServer(
  answer: (response: ServerResponse, request: Seen, count: number) => void,
): Promise<LocalServer> {
  const seen: Seen[] = [];
  const server = createServer(async (incoming, response) => {
    incoming.setEncoding('utf8');
    const body = (await incoming.toArray()).join('');
    const { method = '', url = '', headers } = incoming;
    const request = { method, path: url, headers, body };
    seen.push(request);
    answer(response, request, seen.length - 1);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
