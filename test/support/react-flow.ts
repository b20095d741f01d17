import { z } from 'zod';
import type { JsonObject } from '../../src/json.ts';

const objects = z.array(z.record(z.string(), z.json()));
const flowFile = z.looseObject({ nodes: objects, initial_node: z.string() });

/** The same flow as a React Flow editor would export it. */
export function asReactFlow(file: JsonObject): JsonObject {
  const { nodes, initial_node: initialNodeId, ...config } = flowFile.parse(file);
  const placed = nodes.map(({ id, edges: _, name: label, ...data }, index) => ({
    id,
    type: 'custom',
    position: { x: index * 100, y: 0 },
    data: camelCased({ label, ...data }),
  }));
  const edges = nodes.flatMap(({ id: source, edges }) =>
    objects.parse(edges ?? []).map(({ id, target_node_id: target, condition: label, ...data }) => ({
      ...{ id, source, target, label },
      data: camelCased(data),
    })),
  );
  const exported = { nodes: placed, edges, config: { ...camelCased(config), initialNodeId } };
  return JSON.parse(JSON.stringify(exported));
}

function camelCased(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}
