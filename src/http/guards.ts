import { createHash } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { bearerAuth } from 'hono/bearer-auth';
import { bodyLimit } from 'hono/body-limit';
import { rateLimiter } from 'hono-rate-limiter';
import { failed, failureBody } from './failures.ts';

/** How many requests one client may make. */
export interface RateLimit {
  limit: number;
  /** Default: a minute. */
  windowMs?: number;
  /**
   * Tells clients apart. Default: by their token where tokens are asked for, else by their address,
   * which behind a proxy is the proxy's.
   */
  clientOf?: (c: Context) => string;
}

/** Who may ask, how much, and how often. */
export interface Guards {
  /** Whoever sends one of these is let in: `Authorization: Bearer <token>`. Default: everybody. */
  tokens?: string | readonly string[];
  /** Default: none. */
  rateLimit?: RateLimit;
  /** Default: 64 KiB. */
  maxBodyBytes?: number;
}

const MAX_BODY_BYTES = 64 * 1024;

/** All that needs a session. Routes of the app that this is mounted into are not ours to guard. */
const GUARDED = ['/turn', '/stream', '/assist', '/reset', '/sessions/*'];

/** Puts the checks before the routes that are added after this. */
export function addGuards(
  app: OpenAPIHono,
  { tokens, rateLimit, maxBodyBytes = MAX_BODY_BYTES }: Guards,
): void {
  const client = tokens === undefined ? addressOf : tokenOf;
  const guards = [
    ...(tokens === undefined ? [] : [requireToken(tokens)]),
    ...(rateLimit === undefined ? [] : [limitRate({ clientOf: client, ...rateLimit })]),
    limitSize(maxBodyBytes),
  ];
  for (const path of GUARDED) app.use(path, ...guards);
}

/** Tokens are compared in constant time. */
function requireToken(tokens: string | readonly string[]): MiddlewareHandler {
  const unauthorized = (message: string) => ({
    message: failureBody({ code: 'unauthorized', message }),
  });
  const missing = unauthorized('expected the header Authorization: Bearer <token>');
  return bearerAuth({
    token: typeof tokens === 'string' ? tokens : [...tokens],
    noAuthenticationHeader: missing,
    invalidAuthenticationHeader: missing,
    invalidToken: unauthorized('this token is not known'),
  });
}

function limitSize(maxBodyBytes: number): MiddlewareHandler {
  const message = `a request may have at most ${maxBodyBytes} bytes`;
  return bodyLimit({
    maxSize: maxBodyBytes,
    onError: (c) => failed(c, { status: 413, code: 'too_large', message }),
  });
}

function limitRate({
  limit,
  windowMs = 60_000,
  clientOf,
}: RateLimit & Required<Pick<RateLimit, 'clientOf'>>): MiddlewareHandler {
  const message = `at most ${limit} requests in ${windowMs / 1000} seconds; see the header Retry-After`;
  return rateLimiter({
    limit,
    windowMs,
    keyGenerator: clientOf,
    handler: (c) => failed(c, { status: 429, code: 'rate_limit', message }),
  });
}

/** The table of clients is no place to keep a token. */
function tokenOf(c: Context): string {
  return createHash('sha256')
    .update(c.req.header('authorization') ?? '')
    .digest('base64');
}

/** Without a server, as in tests, all requests are one client's. */
function addressOf(c: Context): string {
  const bindings: Partial<HttpBindings> | undefined = c.env;
  return bindings?.incoming?.socket.remoteAddress ?? '';
}
