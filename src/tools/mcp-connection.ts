import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { isAnswer, McpPackageMissingError, McpServerError } from './mcp-errors.ts';
import type { McpServer } from './mcp-server.ts';

/** One client of one server. It connects when it is needed, and again after the server was lost. */
export class McpConnection {
  readonly #server: McpServer;
  readonly #timeoutMs: number;
  readonly #closed = new AbortController();
  #client: Promise<Client> | undefined;

  /** `timeoutMs` is for connecting. */
  constructor(server: McpServer, timeoutMs: number) {
    this.#server = server;
    this.#timeoutMs = timeoutMs;
  }

  /** Rejects with what the work or the SDK threw, or with an McpServerError once it is closed. */
  async use<T>(work: (client: Client) => Promise<T>): Promise<T> {
    if (this.#closed.signal.aborted) {
      throw new McpServerError('the connection to the MCP server was closed');
    }
    const client = await this.#connected();
    try {
      return await work(client);
    } catch (error) {
      // A server that was restarted refuses the old session, so the next call begins a new one.
      if (!isAnswer(error)) this.#lose(client);
      throw error;
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#closed.abort();
    // What did not come to connect needs no closing.
    await client?.then((connected) => connected.close()).catch(() => undefined);
  }

  /** Closing takes seconds for a program that does not end, which nobody waits for. */
  #lose(client: Client): void {
    client.onclose?.();
    client.close().catch(() => undefined);
  }

  #connected(): Promise<Client> {
    if (this.#client !== undefined) return this.#client;
    const client = this.#connect();
    this.#client = client;
    const forget = () => {
      if (this.#client === client) this.#client = undefined;
    };
    client.then((connected) => {
      connected.onclose = forget;
    }, forget);
    return client;
  }

  async #connect(): Promise<Client> {
    const sdk = await loadSdk();
    const client = new sdk.Client({ name: 'superdialog-voice', version: '1' });
    const options = { signal: this.#closed.signal, timeout: this.#timeoutMs };
    await client.connect(sdk.transportTo(this.#server), options);
    return client;
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
