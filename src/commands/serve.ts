import { randomUUID } from 'node:crypto';
import { loadConfig } from '../config.ts';
import { SuperdialogError, UsageError } from '../errors.ts';
import { startTextServer } from '../http/server.ts';
import { flowOf, sessionsOf } from './sessions.ts';

export interface ServeOptions {
  flow?: string | undefined;
  llm?: string | undefined;
  /** As in `storeOf`. Default: what the configuration says, else memory. */
  store?: string | undefined;
  port: number;
  host: string;
  /** Environment variable with the token that clients have to show. */
  tokenEnv?: string | undefined;
  /** Requests a minute of one client. */
  rateLimit?: number | undefined;
}

/** How long running turns may take when the service is stopped. */
const GRACE_MS = 10_000;

/** `superdialog serve`: answers until the process is told to stop. */
export async function serve(
  { port, host, tokenEnv, rateLimit, ...overrides }: ServeOptions,
  write: (line: string) => void = console.error,
): Promise<void> {
  const config = await loadConfig();
  const token = tokenEnv === undefined ? undefined : tokenIn(tokenEnv);
  const flow = flowOf(config, overrides);
  const worker = sessionsOf({ ...config, store: config.store ?? 'memory' }, overrides);
  // Better now than at the first request: the store is there, and an agent can be made.
  await worker.withSession(randomUUID(), async () => {});
  const told = toldToStop();
  const server = await startTextServer({
    worker,
    port,
    host,
    ...(flow !== undefined && { flow }),
    ...(token !== undefined && { tokens: token }),
    ...(rateLimit !== undefined && { rateLimit: { limit: rateLimit } }),
    onError: (error, route) => write(`${route}: ${describe(error)}`),
  });
  write(`listening at ${server.url} (the routes: ${server.url}/openapi.json)`);
  if (token === undefined && !isLoopback(host)) {
    write('anybody who reaches this port can use the service; --token-env NAME asks for a token');
  }
  await told;
  write('stopping');
  await server.close({ graceMs: GRACE_MS });
}

function tokenIn(name: string): string {
  const token = process.env[name];
  if (token !== undefined && token !== '') return token;
  throw new UsageError(`--token-env: set the environment variable ${name} to the token`);
}

/** A second signal changes nothing: stopping takes a bounded time, and launchers send it twice. */
function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => resolve());
  });
}

/** Other errors may quote the conversation, and ids of sessions may be telephone numbers. */
function describe(error: unknown): string {
  if (!(error instanceof SuperdialogError)) {
    return error instanceof Error ? error.constructor.name : typeof error;
  }
  return error.code.startsWith('session_') ? error.code : `${error.code}: ${error.message}`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
