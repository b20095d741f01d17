import type { Flow, FlowNode, FlowTool } from '../flow/types.ts';
import type { HttpPolicy } from '../tools/http-policy.ts';
import { httpTool } from '../tools/http-tool.ts';
import { mcpServerTool } from '../tools/mcp.ts';
import type { Tool } from '../tools/tool.ts';

/** What a tool takes where neither the flow nor the host says so. */
const ANYTHING = { type: 'object', properties: {} };

/**
 * The tools of one flow, each with what runs it: a tool of the host with the name of the flow tool's
 * `handler_id` or id, a request, or an MCP server. What the host gives and the flow does not name is
 * on offer wherever the model is asked.
 */
export class Toolbox {
  /** Ids of tools that the host was to bring and did not: they are not offered. */
  readonly missing: readonly string[];
  readonly #tools = new Map<string, Tool>();
  readonly #everywhere: readonly Tool[];

  constructor(flow: Flow, hostTools: readonly Tool[], policy: HttpPolicy) {
    const missing: string[] = [];
    const named = new Set<Tool>();
    for (const tool of flow.tools.values()) {
      const host = hostTools.find(({ name }) => name === tool.handler || name === tool.id);
      const bound = host === undefined ? ownToolOf(tool, policy) : described(tool, host);
      if (host !== undefined) named.add(host);
      if (bound === undefined) missing.push(tool.id);
      else this.#tools.set(tool.id, bound);
    }
    this.missing = missing;
    this.#everywhere = hostTools.filter((tool) => !named.has(tool));
  }

  /** In a steady order, so that providers can cache the prompt. */
  at(node: FlowNode): Tool[] {
    if (node.type === 'router') return [];
    return [...node.tools.flatMap((id) => this.#tools.get(id) ?? []), ...this.#everywhere];
  }
}

/** What the flow says of the tool goes before what its host says. */
function described(tool: FlowTool, host: Tool): Tool {
  return {
    name: tool.id,
    description: tool.description ?? host.description,
    inputSchema: tool.inputSchema ?? host.inputSchema,
    effect: tool.effect ?? host.effect,
    run: (args, context) => host.run(args, context),
  };
}

/** Schemas are compiled once for all calls that follow the flow under the same policy. */
const ownTools = new WeakMap<HttpPolicy, WeakMap<FlowTool, Tool>>();

function ownToolOf(tool: FlowTool, policy: HttpPolicy): Tool | undefined {
  const known = ownTools.get(policy) ?? new WeakMap<FlowTool, Tool>();
  ownTools.set(policy, known);
  const made = known.get(tool) ?? makeOwnTool(tool, policy);
  if (made !== undefined) known.set(tool, made);
  return made;
}

function makeOwnTool(tool: FlowTool, policy: HttpPolicy): Tool | undefined {
  const { id: name, source, effect, inputSchema = ANYTHING } = tool;
  const description = tool.description ?? name;
  const common = { name, description, ...(effect !== undefined && { effect }) };
  switch (source.type) {
    case 'host':
      return undefined;
    case 'http': {
      const { type: _, ...request } = source;
      return httpTool({ ...common, schema: inputSchema, ...request, policy });
    }
    case 'mcp':
      return mcpServerTool({ ...common, inputSchema, server: { url: source.server } });
  }
}
