import { SuperdialogError } from '../errors.ts';

const PACKAGE = '@modelcontextprotocol/sdk';
/** The version this was built and tested with. */
const VERSION = '1.32.2';

/** A server of MCP tools was asked for, but the optional package for it is not installed. */
export class McpPackageMissingError extends SuperdialogError {
  constructor() {
    super(
      'mcp_package_missing',
      `MCP tools need ${PACKAGE}, not installed here. ` +
        `Install with: npm install --save-exact ${PACKAGE}@${VERSION}`,
    );
  }
}

/** A server of MCP tools cannot be used. The message holds nothing of its address or its answer. */
export class McpServerError extends SuperdialogError {
  constructor(message: string) {
    super('mcp_server', message);
  }
}

/** JSON-RPC's codes and MCP's own are at or below this; this one says that the connection ended. */
const CONNECTION_CLOSED = -32_000;

/** What failed, in words that quote nothing: an SDK's own message may quote the server's answer. */
export function mcpReason(error: unknown): string {
  if (error instanceof SuperdialogError) return error.message;
  if (isAnswer(error)) return `MCP error ${codeOf(error)}`;
  const code = codeOf(error);
  if (typeof code === 'number' && code > 0) return `the MCP server answered HTTP ${code}`;
  const known = typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code);
  return known ? `the MCP server cannot be reached (${code})` : 'the MCP server cannot be reached';
}

/** Whether the server itself answered, or is just late, so that the connection is sound. */
export function isAnswer(error: unknown): boolean {
  const code = codeOf(error);
  return typeof code === 'number' && code < CONNECTION_CLOSED;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
