import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** A request's body. The tests know what they sent. */
export type Body = Record<string, unknown>;

export interface FakeReply {
  /** What the model writes. Default: `Hello there.` */
  text?: string;
  /** Written behind the text. `arguments` is JSON, or meant to be. */
  toolCalls?: FakeToolCall[];
  /** From the request's arrival to the first token. Default 0. */
  firstTokenMs?: number;
  /** Between two tokens. Default 0. */
  msPerToken?: number;
  stop?: 'end' | 'length' | 'refusal';
  /** Answer with this HTTP status and `error` as the message instead. */
  status?: number;
  error?: string;
  /**
   * `stall`: the headers come and then nothing; `stall_midway`: half the text and then nothing;
   * `drop`: half the text, then the connection breaks; `cut_off`: half the text, then an orderly end;
   * `garbage`: an event that is no JSON; `html`: a web page with status 200; `overloaded`: half the
   * text, then the protocol's error event.
   */
  fault?: 'stall' | 'stall_midway' | 'drop' | 'cut_off' | 'garbage' | 'html' | 'overloaded';
}

export interface FakeToolCall {
  /** Written before the call where the protocol has signed thoughts. */
  thought?: string;
  id: string;
  name: string;
  arguments: string;
}

export interface RecordedRequest {
  path: string;
  headers: IncomingHttpHeaders;
  body: Body;
  /** The same for requests that share a connection. */
  clientPort: number;
  /** Resolves when the connection's work is over: true if the client closed it before the reply was complete. */
  closedByClient: Promise<boolean>;
  /** `performance.now()` when the connection's work was over. */
  closedAtMs?: number;
}

export interface FakeProvider extends AsyncDisposable {
  /** Base URL as the provider's SDK wants it. */
  readonly url: string;
  /** In order of arrival. */
  readonly requests: RecordedRequest[];
}

/** How a provider writes its stream. Each part is the text of one or more server-sent events. */
export interface Protocol {
  basePath: string;
  error(status: number | undefined, message: string): Body;
  begin(body: Body): string;
  token(text: string): string;
  toolCalls(calls: readonly FakeToolCall[]): string;
  overloaded(): string;
  end(stop: NonNullable<FakeReply['stop']>, outputTokens: number, toolCalls: number): string;
}

export type FakeReplies = FakeReply | ((request: RecordedRequest, index: number) => FakeReply);

/** Starts a provider on a free local port. Disposing closes it with all of its connections. */
export async function startFakeProvider(
  protocol: Protocol,
  replies: FakeReplies,
): Promise<FakeProvider> {
  const requests: RecordedRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const arrivedMs = performance.now();
    const closed = Promise.withResolvers<boolean>();
    incoming.setEncoding('utf8');
    const text = (await incoming.toArray()).join('');
    const request: RecordedRequest = {
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: JSON.parse(text),
      clientPort: incoming.socket.remotePort ?? 0,
      closedByClient: closed.promise,
    };
    requests.push(request);
    response.on('close', () => {
      request.closedAtMs = performance.now();
      closed.resolve(!response.writableFinished);
    });
    const reply = typeof replies === 'function' ? replies(request, requests.length - 1) : replies;
    await answer(response, protocol, request.body, reply, arrivedMs);
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}${protocol.basePath}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  response: ServerResponse,
  protocol: Protocol,
  body: Body,
  reply: FakeReply,
  arrivedMs: number,
): Promise<void> {
  const {
    text = 'Hello there.',
    firstTokenMs = 0,
    msPerToken = 0,
    stop = 'end',
    toolCalls = [],
    fault,
  } = reply;
  if (reply.status !== undefined) {
    response.writeHead(reply.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(protocol.error(reply.status, reply.error ?? 'fake')));
    return;
  }
  if (fault === 'html') {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<!doctype html><title>Welcome</title>');
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  if (fault === 'stall') return;
  if (fault === 'garbage') {
    response.end('event: message_start\ndata: {"choices": [oops\n\n');
    return;
  }

  const all = tokensOf(text);
  const tokens = fault === undefined ? all : all.slice(0, Math.ceil(all.length / 2));
  for (const [index, token] of tokens.entries()) {
    // From the arrival and not from the last token, so that the timers' lateness does not add up.
    const waitMs = arrivedMs + firstTokenMs + index * msPerToken - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    if (response.destroyed) return;
    response.write((index === 0 ? protocol.begin(body) : '') + protocol.token(token));
  }
  if (fault === 'stall_midway') return;
  if (fault === 'drop') {
    // Later, so that what was written has left.
    setImmediate(() => response.destroy());
    return;
  }
  if (fault === 'cut_off') response.end();
  else if (fault === 'overloaded') response.end(protocol.overloaded());
  else {
    response.end(
      (tokens.length === 0 ? protocol.begin(body) : '') +
        protocol.toolCalls(toolCalls) +
        protocol.end(stop, all.length, toolCalls.length),
    );
  }
}

/** Roughly a model's tokens: a word with the space before it, or one other character. */
function tokensOf(text: string): string[] {
  return text.match(/\s?[\p{L}\p{N}']+|\s?[^\s]|\s/gu) ?? [];
}

/** Arguments come in pieces, as a model writes them. */
export function piecesOf(text: string): string[] {
  return text.match(/[\s\S]{1,5}/g) ?? [''];
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
