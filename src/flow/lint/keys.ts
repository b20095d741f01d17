import type { FlowPlace } from '../errors.ts';
import { flowSchema } from '../schema.ts';
import type { Finding, Rule } from './finding.ts';
import { nearest } from './nearest.ts';

/*
 * Flow, node, edge and action are loose objects: the original and its editor write keys that mean
 * nothing here, and so may be a key that was mistyped.
 */

/** Keys that the original library and its React Flow editor write. */
const OF_THE_ORIGINAL = new Set([
  'type',
  'flow_stage',
  'response_mode',
  'langGraph',
  'lang_graph',
  'body_template',
  'position',
  'position_absolute',
  'measured',
  'selected',
  'dragging',
  'width',
  'height',
  'viewport',
  'data',
  'label',
  'style',
  'animated',
  'marker_end',
  'source_handle',
  'target_handle',
  'metadata',
  'created_at',
  'updated_at',
]);

/** One kind of loose object: the keys it has a meaning for, and all that stand in the file. */
interface Kind {
  name: string;
  known: ReadonlySet<string>;
  objects: readonly { value: object; place: FlowPlace }[];
}

/** Keys that mean nothing here. A key that stands at many places is told once. */
export const unknownKey: Rule = ({ file }) => {
  const { shape } = flowSchema;
  const node = shape.nodes.element.shape;
  const edge = shape.global_edges.unwrap().unwrap().element.shape;
  const action = shape.actions.unwrap().unwrap().element.shape;
  const globalEdges = (file.global_edges ?? []).map((value) => ({
    value,
    place: { edge: value.id },
  }));
  const edges = file.nodes.flatMap(({ id, edges }) =>
    (edges ?? []).map((value) => ({ value, place: { node: id, edge: value.id } })),
  );
  const tool = shape.tools.unwrap().unwrap().element.shape;
  const tools = [
    ...(file.tools ?? []).map((value, index) => ({ value, place: { field: `tools[${index}]` } })),
    ...file.nodes.flatMap(({ id, tools }) =>
      (tools ?? []).flatMap((value, index) =>
        typeof value === 'string' ? [] : [{ value, place: { node: id, field: `tools[${index}]` } }],
      ),
    ),
  ];
  const actions = file.actions ? 'actions' : 'global_actions';
  const kinds: Kind[] = [
    {
      name: 'the flow',
      known: new Set([...Object.keys(shape), '$schema']),
      objects: [{ value: file, place: {} }],
    },
    {
      name: 'nodes',
      known: new Set(Object.keys(node)),
      objects: file.nodes.map((value) => ({ value, place: { node: value.id } })),
    },
    { name: 'edges', known: new Set(Object.keys(edge)), objects: [...edges, ...globalEdges] },
    { name: 'tools', known: new Set(Object.keys(tool)), objects: tools },
    {
      name: 'actions',
      known: new Set(Object.keys(action)),
      objects: (file[actions] ?? []).map((value, index) => ({
        value,
        place: { field: `${actions}[${index}]` },
      })),
    },
  ];
  return kinds.flatMap(unknownKeys);
};

function unknownKeys({ name, known, objects }: Kind): Finding[] {
  const found = new Map<string, FlowPlace[]>();
  for (const { value, place } of objects) {
    for (const key of Object.keys(value)) {
      if (!known.has(key)) found.set(key, [...(found.get(key) ?? []), place]);
    }
  }
  return [...found].map(([key, places]) => {
    const [first = {}] = places;
    const meant = OF_THE_ORIGINAL.has(key) ? undefined : nearest(key, known);
    const times = places.length === 1 ? '' : ` (it stands at ${places.length} ${name})`;
    return {
      rule: OF_THE_ORIGINAL.has(key) ? 'foreign-key' : 'unknown-key',
      severity: OF_THE_ORIGINAL.has(key) ? 'info' : 'warning',
      ...first,
      field: first.field === undefined ? key : `${first.field}.${key}`,
      message: `"${key}" means nothing here and is left aside${times}`,
      advice:
        meant === undefined ? 'remove it, if nothing else reads it' : `did you mean "${meant}"?`,
    };
  });
}
