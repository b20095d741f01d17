import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';

export const SECRET = 'sk-4929-secret';

/** A real MCP server with a tool for each thing that a tool may do. */
export function fixtureServer(): McpServer {
  const server = new McpServer({ name: 'fixture', version: '1' });
  server.registerTool(
    'stock.check',
    {
      description: 'How many are left.',
      inputSchema: { item: z.string() },
      annotations: { readOnlyHint: true },
    },
    ({ item }) => ({ content: [{ type: 'text', text: JSON.stringify({ item, left: 3 }) }] }),
  );
  server.registerTool(
    'order',
    { description: 'Orders.', outputSchema: { key: z.string().nullable() } },
    ({ _meta }) => ({
      content: [{ type: 'text', text: 'ordered' }],
      structuredContent: { key: _meta?.['idempotency-key'] ?? null },
    }),
  );
  server.registerTool('fail', {}, () => ({
    isError: true,
    content: [{ type: 'text', text: `no: ${SECRET}` }],
  }));
  server.registerTool('plain', {}, () => ({
    content: [
      { type: 'text', text: 'one' },
      { type: 'image', data: 'AAAA', mimeType: 'image/png' },
      { type: 'text', text: 'two' },
    ],
  }));
  server.registerTool('huge', {}, () => ({
    content: [{ type: 'text', text: 'x'.repeat(2_000_000) }],
  }));
  server.registerTool('hang', {}, () => new Promise(() => undefined));
  server.registerTool('crash', {}, () => process.exit(1));
  return server;
}
