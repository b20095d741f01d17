import { predicateOf } from '../condition.ts';
import type { FlowPlace } from '../errors.ts';
import { LINE_NAMES } from '../lines.ts';
import type { EdgeFile, FlowFile, LinesFile, NodeFile } from '../schema.ts';
import { compileGuard, compileTemplate } from '../template.ts';

/** A template or guard as it stands in the file. */
export interface Source {
  text: string;
  place: FlowPlace;
  /** Names it takes from the data; none if it does not compile. */
  names: ReadonlySet<string>;
}

/** Every template and guard of a flow. */
export function sourcesOf(file: FlowFile): Source[] {
  return [
    ...templates(file.system_prompt, { field: 'system_prompt' }),
    ...ofLines(file.lines, {}),
    ...file.nodes.flatMap(ofNode),
    ...(file.global_edges ?? []).flatMap((edge) => ofEdge(edge, {})),
    ...ofActions(file),
  ];
}

function ofNode(node: NodeFile): Source[] {
  const place = { node: node.id };
  return [
    ...templates(node.instruction, { ...place, field: 'instruction' }),
    ...templates(node.static_text, { ...place, field: 'static_text' }),
    ...templates(node.transfer, { ...place, field: 'transfer' }),
    ...ofLines(node.lines, place),
    ...(node.edges ?? []).flatMap((edge) => ofEdge(edge, place)),
  ];
}

function ofEdge(edge: EdgeFile, at: FlowPlace): Source[] {
  const place = { ...at, edge: edge.id };
  const written = edge.guard ?? '';
  const guard = written.trim() === '' ? predicateOf(edge.condition) : written;
  return [
    ...(guard === undefined
      ? []
      : [source(guard, { ...place, field: written === '' ? 'condition' : 'guard' }, compileGuard)]),
    ...templates(edge.set, { ...place, field: 'set' }),
  ];
}

function ofLines(lines: LinesFile | undefined, place: FlowPlace): Source[] {
  return Object.keys(LINE_NAMES).flatMap((name) =>
    templates(lines?.[name as keyof LinesFile], { ...place, field: `lines.${name}` }),
  );
}

function ofActions(file: FlowFile): Source[] {
  const field = file.actions ? 'actions' : 'global_actions';
  return (file[field] ?? []).flatMap(({ url, headers, body, condition }, index) =>
    Object.entries({ url, headers, body, condition }).flatMap(([key, value]) =>
      templates(value, { field: `${field}[${index}].${key}` }),
    ),
  );
}

/** The texts anywhere in a value. */
function templates(value: unknown, place: FlowPlace): Source[] {
  if (typeof value === 'string') return [source(value, place, compileTemplate)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((part) => templates(part, place));
}

function source(
  text: string,
  place: FlowPlace,
  compile: (text: string) => { names: ReadonlySet<string> },
): Source {
  return { text, place, names: namesIn(text, compile) };
}

/** A text that does not compile is reported by the loader. */
function namesIn(
  text: string,
  compile: (text: string) => { names: ReadonlySet<string> },
): ReadonlySet<string> {
  try {
    return compile(text).names;
  } catch {
    return new Set();
  }
}
