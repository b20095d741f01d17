import type { Json } from '../json.ts';
import type { ToolEffect } from './tool.ts';

/** A request, with its templates rendered. */
export interface HttpRequest {
  method: string;
  /** Absolute, `http:` or `https:`, without a user's name and password. */
  url: string;
  headers?: Readonly<Record<string, string>>;
  /** A text is sent as it is, anything else as JSON. */
  body?: Json;
  /** For all attempts and redirects together. */
  timeoutMs: number;
  /**
   * Given: texts in a JSON body that are written like numbers become numbers, but for the fields
   * named here. That is how flow files write numbers in bodies made of templates.
   */
  stringFields?: readonly string[];
  /** Default: `read` for GET, HEAD and OPTIONS, else `write`. */
  effect?: ToolEffect;
  /** The server does the effect of one `Idempotency-Key` once. Only then is a write sent again. */
  idempotent?: boolean;
}

export interface PreparedRequest {
  method: string;
  url: URL;
  headers: Headers;
  body: string | undefined;
}

/** Something about a request or its answer that sending it again does not mend. */
export class HttpFault extends Error {}

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

export function effectOf({ effect, method }: Pick<HttpRequest, 'effect' | 'method'>): ToolEffect {
  return effect ?? (READING.has(method.toUpperCase()) ? 'read' : 'write');
}

/** Throws an `HttpFault` if it cannot be sent. */
export function prepare(request: HttpRequest, idempotencyKey?: string): PreparedRequest {
  const method = request.method.toUpperCase();
  const body = bodyOf(request);
  if (body !== undefined && (method === 'GET' || method === 'HEAD')) {
    throw new HttpFault(`a ${method} request has no body: leave it out or use another method`);
  }
  const headers = headersOf(request);
  if (body !== undefined && !headers.has('content-type')) {
    headers.set('content-type', isJson(body) ? 'application/json' : 'text/plain;charset=UTF-8');
  }
  if (idempotencyKey !== undefined && !headers.has('idempotency-key')) {
    headers.set('idempotency-key', idempotencyKey);
  }
  return { method, url: checkedUrl(request.url), headers, body };
}

/** Throws an `HttpFault`. The message never quotes the URL, which may hold keys. */
export function checkedUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (url === null) throw new HttpFault('the URL is not absolute or not valid');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new HttpFault('the URL must begin with https:// or http://');
  }
  if (url.username !== '' || url.password !== '') {
    throw new HttpFault('the URL holds a name or a password: send them in a header');
  }
  return url;
}

function headersOf({ headers = {} }: HttpRequest): Headers {
  try {
    return new Headers(headers);
  } catch {
    throw new HttpFault('a header has a name or a value that cannot be sent');
  }
}

function bodyOf({ body, stringFields }: HttpRequest): string | undefined {
  if (body === undefined || typeof body === 'string') return body;
  return JSON.stringify(stringFields === undefined ? body : withNumbers(body, stringFields));
}

function withNumbers(value: Json, stringFields: readonly string[], field?: string): Json {
  if (Array.isArray(value)) return value.map((item) => withNumbers(item, stringFields, field));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => [name, withNumbers(part, stringFields, name)]),
    );
  }
  if (typeof value !== 'string' || (field !== undefined && stringFields.includes(field))) {
    return value;
  }
  // A number only if nothing is lost: not `007`, `+44`, `1.50` or more digits than fit.
  const number = Number(value);
  return Number.isFinite(number) && String(number) === value ? number : value;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
