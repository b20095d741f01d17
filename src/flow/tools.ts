import type { JsonObject } from '../json.ts';
import type { Compile } from './compile.ts';
import type { FlowPlace } from './errors.ts';
import type { FlowFile, JsonSchemaFile, NodeFile, ToolFile } from './schema.ts';
import type { FlowTool, ToolSource } from './types.ts';

/** Every tool of a flow by its id: those of the flow itself, and those written at a node. */
export function toolsOf(file: FlowFile, compile: Compile): Map<string, FlowTool> {
  const tools = new Map<string, FlowTool>();
  const add = (tool: ToolFile, place: FlowPlace): void => {
    const found = toolOf(tool, place, compile);
    if (tools.has(tool.id)) compile.problem(place, `the tool id "${tool.id}" stands twice`);
    else tools.set(tool.id, found);
  };
  (file.tools ?? []).forEach((tool, index) => {
    add(tool, { field: `tools[${index}]` });
  });
  for (const node of file.nodes) {
    (node.tools ?? []).forEach((tool, index) => {
      if (typeof tool !== 'string') add(tool, { node: node.id, field: `tools[${index}]` });
    });
  }
  return tools;
}

/**
 * The ids of the tools on offer at a node: those it lists, else all of the flow. An empty list counts
 * as none given, because editors write one at every node.
 */
export function toolsAt(node: NodeFile, file: FlowFile): string[] {
  const listed = (node.tools ?? []).map((tool) => (typeof tool === 'string' ? tool : tool.id));
  return listed.length > 0 ? listed : (file.tools ?? []).map(({ id }) => id);
}

function toolOf(tool: ToolFile, place: FlowPlace, compile: Compile): FlowTool {
  const description = tool.description === '' ? tool.name : tool.description;
  return {
    id: tool.id,
    handler: tool.handler_id ?? tool.id,
    source: sourceOf(tool, place, compile),
    ...(description !== undefined && { description }),
    ...(tool.input_schema && { inputSchema: inputSchemaOf(tool.input_schema) }),
    ...(tool.effect !== undefined && { effect: tool.effect }),
  };
}

function inputSchemaOf(file: JsonSchemaFile): JsonObject {
  const schema: JsonObject = JSON.parse(JSON.stringify(file));
  return { type: 'object', properties: {}, ...schema };
}

function sourceOf(tool: ToolFile, place: FlowPlace, compile: Compile): ToolSource {
  const lacks = (field: string): void => {
    compile.problem(
      { ...place, field: `${place.field}.${field}` },
      `a tool of type ${tool.type} needs ${field === 'url' ? 'the address it sends to' : 'the address of its MCP server'}, as in https://tools.example.com/`,
    );
  };
  switch (tool.type) {
    case undefined:
    case 'python':
      return { type: 'host' };
    case 'http':
      if (!tool.url) lacks('url');
      return {
        type: 'http',
        url: tool.url ?? '',
        method: tool.method ?? 'POST',
        headers: headersOf(tool),
      };
    case 'mcp':
      if (!tool.server) lacks('server');
      return { type: 'mcp', server: tool.server ?? '' };
  }
}

function headersOf({ headers, auth }: ToolFile): Record<string, string> {
  const entries = Array.isArray(headers)
    ? headers.map(({ key, value }) => [key, String(value)])
    : Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]);
  const bearer = auth ? [['authorization', `Bearer ${auth.token}`]] : [];
  return Object.fromEntries([...entries, ...bearer]);
}
