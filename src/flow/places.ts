import type { FlowPlace } from './errors.ts';

/*
 * A fault is told by ids ("node "ask", edge "known": match.dtmf"), a file is read by paths
 * (`nodes, 2, edges, 0, match, dtmf`). Here one becomes the other.
 */

export type Path = readonly PropertyKey[];

export function placeOf(path: Path, data: unknown): FlowPlace {
  const place: FlowPlace = {};
  let rest = path;
  let at = data;
  if (rest[0] === 'nodes' && typeof rest[1] === 'number') {
    at = child(child(at, 'nodes'), rest[1]);
    place.node = idOf(at) ?? `#${rest[1] + 1}`;
    rest = rest.slice(2);
  }
  if ((rest[0] === 'edges' || rest[0] === 'global_edges') && typeof rest[1] === 'number') {
    place.edge = idOf(child(child(at, rest[0]), rest[1])) ?? `#${rest[1] + 1}`;
    rest = rest.slice(2);
  }
  if (rest.length > 0) place.field = fieldOf(rest);
  return place;
}

/** The path of the fault, as far as `data` has it. Of an id that stands twice the second is meant. */
export function pathOf({ node, edge, field }: FlowPlace, data: unknown): Path {
  const path: PropertyKey[] = [];
  const enter = (list: string, id: string) => {
    const items = child(valueAt(data, path), list);
    const index = Array.isArray(items) ? items.findLastIndex((item) => idOf(item) === id) : -1;
    if (index >= 0) path.push(list, index);
  };
  if (node !== undefined) enter('nodes', node);
  if (edge !== undefined) enter(node === undefined ? 'global_edges' : 'edges', edge);
  for (const key of keysOf(field ?? '')) {
    if (child(valueAt(data, path), key) === undefined) break;
    path.push(key);
  }
  return path;
}

function fieldOf(path: Path): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

function keysOf(field: string): PropertyKey[] {
  return [...field.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([key, index]) =>
    index === undefined ? key : Number(index),
  );
}

function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => child(value, key), data);
}

function child(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
}

function idOf(value: unknown): string | undefined {
  const id = child(value, 'id');
  return typeof id === 'string' ? id : undefined;
}
