import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { isAnswer, McpPackageMissingError, McpServerError } from './mcp-errors.ts';

/** A server that answers over HTTP, or a program to start and talk to over its pipes. */
export type McpServer =
  | { url: string; headers?: Readonly<Record<string, string>> }
  | {
      command: string;
      args?: readonly string[];
      /** Added to the few harmless variables that the SDK passes on. */
      env?: Readonly<Record<string, string>>;
      cwd?: string;
    };

/** One client of one server. It connects when it is needed, and again after the server was lost. */
export class McpConnection {
  readonly #server: McpServer;
  #client: Promise<Client> | undefined;
  #closed = false;

  constructor(server: McpServer) {
    this.#server = server;
  }

  /** Rejects with what the work or the SDK threw, or with an McpServerError once it is closed. */
  async use<T>(work: (client: Client) => Promise<T>): Promise<T> {
    if (this.#closed) throw new McpServerError('the connection to the MCP server was closed');
    this.#client ??= this.#connect();
    const current = this.#client;
    try {
      return await work(await current);
    } catch (error) {
      // A server that was restarted refuses the old session, so the next call begins a new one.
      if (!isAnswer(error)) void this.#drop(current);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#drop(this.#client);
  }

  async #connect(): Promise<Client> {
    const sdk = await loadSdk();
    const client = new sdk.Client({ name: 'superdialog-voice', version: '1' });
    const connecting = this.#client;
    client.onclose = () => {
      if (this.#client === connecting) this.#client = undefined;
    };
    await client.connect(sdk.transportTo(this.#server));
    return client;
  }

  async #drop(client: Promise<Client> | undefined): Promise<void> {
    if (client === undefined) return;
    if (this.#client === client) this.#client = undefined;
    // What did not connect, or is gone already, needs no closing.
    await client.then((connected) => connected.close()).catch(() => undefined);
  }
}

async function loadSdk() {
  try {
    const [{ Client }, { StdioClientTransport }, { StreamableHTTPClientTransport }] =
      await Promise.all([
        import('@modelcontextprotocol/sdk/client/index.js'),
        import('@modelcontextprotocol/sdk/client/stdio.js'),
        import('@modelcontextprotocol/sdk/client/streamableHttp.js'),
      ]);
    return {
      Client,
      transportTo(server: McpServer) {
        if ('url' in server) {
          const { url, headers = {} } = server;
          return new StreamableHTTPClientTransport(new URL(url), {
            requestInit: { headers: { ...headers } },
          });
        }
        const { command, args = [], env = {}, cwd } = server;
        return new StdioClientTransport({
          command,
          args: [...args],
          env: { ...env },
          // What a program writes about its work may hold what callers say.
          stderr: 'ignore',
          ...(cwd !== undefined && { cwd }),
        });
      },
    };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') {
      throw new McpPackageMissingError();
    }
    throw error;
  }
}
