import { createServer, type IncomingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Json } from '../../src/json.ts';

export interface ServiceRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** Parsed where it is JSON. */
  body: Json;
}

export interface ServiceReply {
  status?: number;
  body?: Json;
  delayMs?: number;
}

export interface HttpService extends AsyncDisposable {
  readonly url: string;
  readonly requests: ServiceRequest[];
}

/** A local service that answers by a function, for the actions of flows. */
export async function startHttpService(
  answer: (request: ServiceRequest, index: number) => ServiceReply | Promise<ServiceReply>,
): Promise<HttpService> {
  const requests: ServiceRequest[] = [];
  const server = createServer(async (incoming, response) => {
    incoming.setEncoding('utf8');
    const text = (await incoming.toArray()).join('');
    const { method = '', url = '', headers } = incoming;
    const request = { method, path: url, headers, body: parsed(text) };
    requests.push(request);
    const { status = 200, body = {}, delayMs = 0 } = await answer(request, requests.length - 1);
    if (delayMs > 0) await sleep(delayMs);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
