import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnreachableError } from './store.ts';

/** What is used of a client of the package `redis`: a single client, a pool or a sentinel. */
export interface RedisCommands {
  /** Sends one command and gives what is answered. */
  sendCommand(args: readonly string[]): Promise<unknown>;
}

/** Which Redis, and under which keys. */
export interface RedisOptions {
  /** As in `redis://user:password@host:6379/0`. Either this or `client`. */
  url?: string;
  /** A connected client of the package `redis`. It stays open when the store is closed. */
  client?: RedisCommands;
  /** Begins all keys. Stores and locks that belong together have the same. Default: `superdialog:`. */
  prefix?: string;
}

const PREFIX = 'superdialog:';

/** So long a restart of the server may take. */
const GIVE_UP_AFTER_MS = 10_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

interface OwnClient {
  client: RedisCommands & { destroy(): void };
  connected: Promise<unknown>;
}

/** Redis, as stores and locks use it. */
export class RedisConnection {
  readonly #options: RedisOptions;
  readonly #prefix: string;
  #own: Promise<OwnClient> | undefined;

  constructor(options: RedisOptions) {
    this.#options = options;
    this.#prefix = options.prefix ?? PREFIX;
  }

  /** The keys of one session share a slot of a cluster. */
  key(kind: 'session' | 'lock', id: string): string {
    return `${this.#prefix}${kind}:{${id}}`;
  }

  /**
   * Runs a script. A connection that breaks is no reason to fail for some seconds: the script is run
   * again, so it must do no harm when it is run twice. Then throws a StoreUnreachableError.
   */
  async run(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    return this.send(['EVAL', script, String(keys.length), ...keys, ...args]);
  }

  /** Sends a command, under the same rule. */
  async send(command: readonly string[]): Promise<unknown> {
    const giveUpAtMs = performance.now() + GIVE_UP_AFTER_MS;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        return await before(giveUpAtMs, async () => (await this.#client()).sendCommand(command));
      } catch (error) {
        if (isReply(error)) throw error;
        if (performance.now() + pauseMs > giveUpAtMs) {
          throw new StoreUnreachableError('redis', { cause: error });
        }
      }
      await sleep(pauseMs);
    }
  }

  async close(): Promise<void> {
    const own = await this.#own;
    this.#own = undefined;
    own?.client.destroy();
  }

  async #client(): Promise<RedisCommands> {
    if (this.#options.client !== undefined) return this.#options.client;
    this.#own ??= open(this.#options.url);
    const { client, connected } = await this.#own;
    await connected;
    return client;
  }
}

async function open(url: string | undefined): Promise<OwnClient> {
  const { createClient } = await import('redis');
  const client = createClient({ ...(url !== undefined && { url }) });
  // Without a listener a broken connection would end the process. Each command tells it too.
  client.on('error', () => {});
  const connected = client.connect();
  connected.catch(() => {});
  return { client, connected };
}

/** Redis answered, with an error. */
function isReply(error: unknown): boolean {
  return error instanceof Error && /^[A-Z]+ /.test(error.message) && !isPassing(error);
}

/** States of a server that is starting up or changing its role. */
function isPassing({ message }: Error): boolean {
  return /^(LOADING|BUSY|TRYAGAIN|MASTERDOWN|READONLY|CLUSTERDOWN) /.test(message);
}

async function before<T>(atMs: number, work: () => Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new StoreUnreachableError('redis')),
    Math.max(0, atMs - performance.now()),
  );
  try {
    return await Promise.race([work(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
