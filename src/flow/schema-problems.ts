import type { z } from 'zod';
import type { FlowPlace, FlowProblem } from './errors.ts';
import type { FlowSource } from './source.ts';

/** What the schema found wrong with a file, each with its node, edge, field and line. */
export function schemaProblems(
  error: z.ZodError,
  data: unknown,
  source: FlowSource,
): FlowProblem[] {
  return error.issues.map((issue) => {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [];
    const line = source.lineOf([...issue.path, ...unknown.slice(0, 1)]);
    return {
      ...placeOf(issue.path, data),
      message: unknown.length > 0 ? `unknown key: ${unknown.join(', ')}` : issue.message,
      ...(line !== undefined && { line }),
    };
  });
}

/** Turns the path `nodes, 2, edges, 0, match, dtmf` into node and edge ids and a field below them. */
function placeOf(path: readonly PropertyKey[], data: unknown): FlowPlace {
  const place: FlowPlace = {};
  let rest = path;
  let at = data;
  if (rest[0] === 'nodes' && typeof rest[1] === 'number') {
    at = child(child(at, 'nodes'), rest[1]);
    place.node = idOf(at, rest[1]);
    rest = rest.slice(2);
  }
  if ((rest[0] === 'edges' || rest[0] === 'global_edges') && typeof rest[1] === 'number') {
    place.edge = idOf(child(child(at, rest[0]), rest[1]), rest[1]);
    rest = rest.slice(2);
  }
  if (rest.length > 0) place.field = fieldOf(rest);
  return place;
}

function fieldOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

function child(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function idOf(value: unknown, index: number): string {
  const id = child(value, 'id');
  return typeof id === 'string' ? id : `#${index + 1}`;
}
