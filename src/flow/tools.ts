import type { JsonObject } from '../json.ts';
import { isToolName, TOOL_NAME_EXPECTED } from '../tools/tool-name.ts';
import { isHttpUrl, isUrlWithPlaces, MCP_URL_EXPECTED, URL_EXPECTED } from '../tools/url-places.ts';
import type { Compile } from './compile.ts';
import type { FlowPlace } from './errors.ts';
import type { FlowFile, JsonSchemaFile, NodeFile, ToolFile } from './schema.ts';
import type { FlowTool, ToolSource } from './types.ts';

/** Every tool of a flow by its id: those of the flow itself, and those written at a node. */
export function toolsOf(file: FlowFile, compile: Compile): Map<string, FlowTool> {
  const tools = new Map<string, FlowTool>();
  const add = (tool: ToolFile, place: FlowPlace): void => {
    const found = toolOf(tool, place, compile);
    if (!isToolName(tool.id)) {
      const message = `"${tool.id}" is no name that a model can call: ${TOOL_NAME_EXPECTED}`;
      compile.problem({ ...place, field: `${place.field}.id` }, message);
    }
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
  const wrong = (field: string, expected: string): void => {
    compile.problem({ ...place, field: `${place.field}.${field}` }, expected);
  };
  switch (tool.type) {
    case undefined:
    case 'python':
      return { type: 'host' };
    case 'http': {
      const { url, method } = tool;
      if (!url || !isUrlWithPlaces(url)) wrong('url', `a tool of type http: ${URL_EXPECTED}`);
      return { type: 'http', url: url ?? '', method: method ?? 'POST', headers: headersOf(tool) };
    }
    case 'mcp': {
      const server = tool.server ?? '';
      if (!isHttpUrl(server)) {
        wrong('server', `a tool of type mcp: ${MCP_URL_EXPECTED}`);
      }
      return { type: 'mcp', server };
    }
  }
}

function headersOf({ headers, auth }: ToolFile): Record<string, string> {
  const entries = Array.isArray(headers)
    ? headers.map(({ key, value }) => [key, String(value)])
    : Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]);
  const bearer = auth ? [['authorization', `Bearer ${auth.token}`]] : [];
  return Object.fromEntries([...entries, ...bearer]);
}
