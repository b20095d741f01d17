import { setTimeout as sleep } from 'node:timers/promises';
import { fetch, type Response } from 'undici';
import { dispatcherFor, type HttpPolicy, PrivateAddressError } from './http-policy.ts';
import {
  checkedUrl,
  effectOf,
  HttpFault,
  type HttpRequest,
  type PreparedRequest,
  prepare,
} from './http-request.ts';
import { readResponse } from './http-response.ts';
import { failed } from './result.ts';
import { TimeLimitError, withinTime } from './time-limit.ts';
import type { ToolContext, ToolResult } from './tool.ts';

export type { HttpPolicy } from './http-policy.ts';
export type { HttpRequest } from './http-request.ts';

const MAX_REDIRECTS = 3;
const MAX_RETRIES = 2;
const FIRST_BACKOFF_MS = 200;
const DEFAULT_MAX_RESPONSE_BYTES = 1024 * 1024;

/** Statuses after which the same request may well succeed. */
const PASSING = new Set([429, 502, 503, 504]);
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** What goes along to another origin. Any other header may be a credential. */
const HARMLESS_HEADERS = new Set(['accept', 'accept-language', 'content-type', 'idempotency-key']);

/**
 * Sends one request. Whatever goes wrong is a failed result, and `error` quotes nothing of the
 * request or the answer; only an aborted `signal` rejects, with its reason. Tried again, at most
 * twice, only where that does no harm and only after a broken connection or 429, 502, 503, 504.
 */
export async function sendHttp(
  request: HttpRequest,
  { signal, idempotencyKey, policy = {} }: ToolContext & { policy?: HttpPolicy },
): Promise<ToolResult> {
  const giveUpAtMs = performance.now() + request.timeoutMs;
  try {
    return await withinTime(request.timeoutMs, signal, async (stop) => {
      const prepared = prepare(request, idempotencyKey);
      const retries = mayRepeat(request, idempotencyKey) ? MAX_RETRIES : 0;
      return await attempts(() => attempt(prepared, policy, stop), retries, giveUpAtMs, stop);
    });
  } catch (error) {
    signal.throwIfAborted();
    return failed(reasonOf(error));
  }
}

function mayRepeat(request: HttpRequest, idempotencyKey: string | undefined): boolean {
  if (effectOf(request) === 'read') return true;
  return request.idempotent === true && idempotencyKey !== undefined;
}

async function attempts(
  attempt: () => Promise<ToolResult>,
  retries: number,
  giveUpAtMs: number,
  stop: AbortSignal,
): Promise<ToolResult> {
  for (let retry = 0; ; retry += 1) {
    const backoffMs = FIRST_BACKOFF_MS * 2 ** retry;
    const mayRetry = () => retry < retries && performance.now() + backoffMs < giveUpAtMs;
    try {
      const result = await attempt();
      if (!PASSING.has(result.status ?? 0) || !mayRetry()) return result;
    } catch (error) {
      if (!isNetworkError(error, stop) || !mayRetry()) throw error;
    }
    await sleep(backoffMs, undefined, { signal: stop });
  }
}

async function attempt(
  prepared: PreparedRequest,
  policy: HttpPolicy,
  stop: AbortSignal,
): Promise<ToolResult> {
  let request = prepared;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    const response = await fetch(request.url, {
      method: request.method,
      headers: [...request.headers],
      ...(request.body !== undefined && { body: request.body }),
      redirect: 'manual',
      signal: stop,
      dispatcher: dispatcherFor(request.url, policy),
    });
    const location = response.headers.get('location');
    if (!REDIRECTS.has(response.status) || location === null) {
      return await readResponse(response, policy.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES);
    }
    await response.body?.cancel();
    request = redirected(request, response, checkedUrl(location, request.url));
  }
  throw new HttpFault(`redirected more than ${MAX_REDIRECTS} times`);
}

/** The method changes as fetch does it: https://fetch.spec.whatwg.org/#http-redirect-fetch */
function redirected(request: PreparedRequest, { status }: Response, url: URL): PreparedRequest {
  const { method } = request;
  const asGet = (status === 303 && method !== 'HEAD') || (status < 303 && method === 'POST');
  const headers = new Headers(request.headers);
  if (asGet) headers.delete('content-type');
  const next = { ...request, url, headers, ...(asGet && { method: 'GET', body: undefined }) };
  if (isTrusted(request.url, url)) return next;
  if (next.body !== undefined) {
    throw new HttpFault('redirected to another origin, where the body must not go');
  }
  for (const name of request.headers.keys()) {
    if (!HARMLESS_HEADERS.has(name)) headers.delete(name);
  }
  return next;
}

/** The same origin, or the same host on its way to https. */
function isTrusted(from: URL, to: URL): boolean {
  const upgraded = from.protocol === 'http:' && to.protocol === 'https:';
  return from.origin === to.origin || (upgraded && from.port === '' && to.host === from.host);
}

/** fetch wraps what came from the connection, as the `cause` of a TypeError. */
function isNetworkError(error: unknown, stop: AbortSignal): boolean {
  const refused = error instanceof TypeError && error.cause instanceof PrivateAddressError;
  return error instanceof TypeError && !refused && !stop.aborted;
}

function reasonOf(error: unknown): string {
  if (error instanceof HttpFault || error instanceof TimeLimitError) return error.message;
  const cause = error instanceof TypeError ? error.cause : undefined;
  if (cause instanceof PrivateAddressError) return cause.message;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const known = typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code);
  return known ? `the connection failed (${code})` : 'the connection failed';
}
