import { z } from 'zod';
import { FlowError } from './errors.ts';

/*
 * Exports of a React Flow editor: nodes carry their fields under `data` in camel case, edges stand
 * apart with `source` and `target`, the flow's own fields at the top or under `config`.
 */

const fields = z.looseObject({});
const exportSchema = z.looseObject({
  config: fields.nullish(),
  nodes: z.array(z.looseObject({ id: z.string(), data: fields.nullish() })),
  edges: z.array(
    z.looseObject({
      id: z.string(),
      source: z.string(),
      target: z.string().nullish(),
      label: z.string().nullish(),
      data: fields.nullish(),
    }),
  ),
});

type Fields = Readonly<Record<string, unknown>>;

export function isReactFlow(data: unknown): boolean {
  const parsed = exportSchema.safeParse(data);
  if (!parsed.success) return false;
  const { config, edges } = parsed.data;
  return 'initialNodeId' in parsed.data || 'initialNodeId' in (config ?? {}) || edges.length > 0;
}

/**
 * The same flow in the form of a flow file; the schema then checks it like any other. Throws a
 * FlowError for edges from nowhere, which a flow file cannot hold.
 */
export function fromReactFlow(data: unknown, file?: string): unknown {
  const { config, nodes, edges, ...top } = exportSchema.parse(data);
  const flow = snakeCased({ ...top, ...config });
  const { initial_node_id: initial, start_node_id: start, ...rest } = flow;
  const lost = edges.filter((edge) => !nodes.some((node) => node.id === edge.source));
  if (lost.length > 0) {
    const problems = lost.map(({ id, source }) => ({
      edge: id,
      field: 'source',
      message: `there is no node "${source}"`,
    }));
    throw new FlowError(problems, file);
  }
  return {
    ...rest,
    initial_node: rest.initial_node ?? initial ?? start ?? nodes[0]?.id,
    nodes: nodes.map((node) => ({
      ...nodeFields(snakeCased(node.data ?? {})),
      id: node.id,
      edges: edges.filter((edge) => edge.source === node.id).map(edgeOf),
    })),
  };
}

function nodeFields(data: Fields): Fields {
  const { label, instructions, static_response, response_mode, ...rest } = data;
  const instruction = rest.instruction ?? instructions;
  const staticText = rest.static_text ?? static_response;
  const byModel = response_mode === 'llm' && isText(instruction);
  return {
    ...rest,
    name: rest.name ?? label,
    instruction: !byModel && isText(staticText) ? undefined : instruction,
    static_text: byModel ? undefined : staticText,
  };
}

function edgeOf(edge: z.infer<typeof exportSchema>['edges'][number]): Fields {
  const { data, source, target, label, ...rest } = edge;
  const fields = snakeCased({ ...rest, ...data });
  return {
    ...fields,
    id: edge.id,
    condition: isText(fields.condition) ? fields.condition : (label ?? ''),
    target_node_id: target,
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function snakeCased(fields: Fields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
}
