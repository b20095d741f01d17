import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { UsageError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { parseJson } from './http-response.ts';
import { McpConnection } from './mcp-connection.ts';
import { McpPackageMissingError, McpServerError, mcpReason } from './mcp-errors.ts';
import type { McpServer } from './mcp-server.ts';
import { failed, succeeded } from './result.ts';
import { DEFAULT_TIMEOUT_MS, TimeLimitError, withinTime } from './time-limit.ts';
import { toJson } from './to-json.ts';
import type { Tool, ToolContext, ToolEffect, ToolResult } from './tool.ts';
import { checkToolName, toToolName } from './tool-name.ts';
import { isHttpUrl, MCP_URL_EXPECTED } from './url-places.ts';

export type { McpServer } from './mcp-server.ts';

/** The longest result, in characters of JSON. */
const MAX_RESULT_LENGTH = 1024 * 1024;

/** How long the tools of a server may be waited for. */
export interface McpDiscovery {
  /** For the discovery and for each call. Default 10,000. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** The tools of one server, over one connection. */
export interface McpTools extends AsyncDisposable {
  readonly tools: readonly Tool[];
  /** Ends the connection, and the program if it was started. Calls made later fail. */
  close(): Promise<void>;
}

type McpToolFile = Awaited<ReturnType<Client['listTools']>>['tools'][number];

/**
 * Connects to an MCP server and takes all of its tools as they are now. Throws an
 * McpPackageMissingError, or an McpServerError if the server cannot be reached or used. A server that
 * is lost later makes calls fail; each next call tries to connect anew.
 */
export async function discoverMcpTools(server: McpServer & McpDiscovery): Promise<McpTools> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, signal = new AbortController().signal } = server;
  if ('url' in server) checkUrl(server.url);
  const connection = new McpConnection(server, timeoutMs);
  const close = () => connection.close();
  try {
    const files = await withinTime(timeoutMs, signal, (stop) =>
      connection.use((client) => listTools(client, stop)),
    );
    const tools = files.map((file) => mcpTool(connection, file, timeoutMs));
    checkNames(tools);
    return { tools, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    signal.throwIfAborted();
    if (error instanceof McpServerError || error instanceof McpPackageMissingError) throw error;
    const reason = error instanceof TimeLimitError ? error.message : mcpReason(error);
    throw new McpServerError(
      `no tools from the MCP server: ${reason}. Check its address and that it runs.`,
    );
  }
}

/** One tool of a server, known by the name the server gives it. */
export interface McpServerToolDefinition {
  name: string;
  description: string;
  inputSchema: JsonObject;
  /** Default `write`. */
  effect?: ToolEffect;
  server: McpServer;
  /** For connecting and for each call. Default 10,000. */
  timeoutMs?: number;
}

/**
 * A tool of a server that is connected to for each call and left again: nothing has to be closed.
 * Where a server is asked often, `discoverMcpTools` keeps one connection.
 */
export function mcpServerTool(definition: McpServerToolDefinition): Tool {
  const { name, description, inputSchema, effect = 'write', server } = definition;
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = definition;
  checkToolName(name);
  if ('url' in server) checkUrl(server.url);
  return {
    name,
    description,
    inputSchema,
    effect,
    async run(args, context) {
      const connection = new McpConnection(server, timeoutMs);
      try {
        return await call(connection, name, args, context, timeoutMs);
      } finally {
        await connection.close();
      }
    },
  };
}

async function listTools(client: Client, signal: AbortSignal): Promise<McpToolFile[]> {
  const files: McpToolFile[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.listTools({ ...(cursor !== undefined && { cursor }) }, { signal });
    files.push(...page.tools);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return files;
}

function mcpTool(connection: McpConnection, file: McpToolFile, timeoutMs: number): Tool {
  return {
    name: toToolName(file.name),
    description: file.description ?? file.title ?? file.name,
    inputSchema: objectOf(toJson(file.inputSchema)),
    effect: file.annotations?.readOnlyHint === true ? 'read' : 'write',
    run: (args, context) => call(connection, file.name, args, context, timeoutMs),
  };
}

/** Rejects only with the signal's reason. */
async function call(
  connection: McpConnection,
  name: string,
  args: JsonObject,
  context: ToolContext,
  timeoutMs: number,
): Promise<ToolResult> {
  try {
    return await withinTime(timeoutMs, context.signal, (signal) =>
      connection.use((client) => callTool(client, name, args, { ...context, signal })),
    );
  } catch (error) {
    context.signal.throwIfAborted();
    return failed(error instanceof TimeLimitError ? error.message : mcpReason(error));
  }
}

async function callTool(
  client: Client,
  name: string,
  args: JsonObject,
  { signal, idempotencyKey }: ToolContext,
): Promise<ToolResult> {
  // MCP has no header for it; a server that knows the key finds it in the request's metadata.
  const meta = idempotencyKey !== undefined && { _meta: { 'idempotency-key': idempotencyKey } };
  const answer = await client.callTool({ name, arguments: args, ...meta }, undefined, { signal });
  const data = dataOf(objectOf(toJson(answer)));
  if (JSON.stringify(data).length > MAX_RESULT_LENGTH) {
    return failed(`the result is longer than ${MAX_RESULT_LENGTH} characters`);
  }
  return answer.isError === true ? failed('the tool reported an error', { data }) : succeeded(data);
}

/** Structured content, else the texts. A text that is JSON is read; sounds and images are left out. */
function dataOf({ structuredContent, content }: JsonObject): Json {
  if (structuredContent !== undefined) return structuredContent;
  const parts = Array.isArray(content) ? content.map(objectOf) : [];
  const texts = parts.flatMap(({ type, text }) =>
    type === 'text' && typeof text === 'string' ? [text] : [],
  );
  if (texts.length === 0) return null;
  const text = texts.join('\n');
  return parseJson(text) ?? text;
}

function objectOf(value: Json): JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
}

function checkUrl(url: string): void {
  if (isHttpUrl(url)) return;
  throw new UsageError(`url of an MCP server: ${MCP_URL_EXPECTED}`);
}

function checkNames(tools: readonly Tool[]): void {
  const names = tools.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new McpServerError(
    `two tools of the MCP server would both be called "${twice}". Rename one.`,
  );
}
