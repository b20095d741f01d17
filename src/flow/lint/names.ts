import type { FlowPlace } from '../errors.ts';
import type { EdgeFile, FlowFile, NodeFile } from '../schema.ts';
import type { Flow } from '../types.ts';
import type { Finding, Rule } from './finding.ts';
import { nearest } from './nearest.ts';
import { type Source, sourcesOf } from './sources.ts';

/** Names that the engine itself gives to templates. */
const GIVEN = ['call', 'spoken', 'slot', 'value'];

/** Names in templates and guards that nothing in the file ever gives a value. */
export const unknownName: Rule = ({ file, flow }) => {
  const filled = filledNames(file, flow);
  const uses = new Map<string, Source[]>();
  for (const source of sourcesOf(file)) {
    for (const name of [...source.names, ...spokenIn(source.text)]) {
      if (!filled.has(name)) uses.set(name, [...(uses.get(name) ?? []), source]);
    }
  }
  return [...uses].map(([name, sources]) => unknown(name, sources, filled));
};

function unknown(name: string, sources: readonly Source[], filled: ReadonlySet<string>): Finding {
  const meant = nearest(name, filled);
  const hasDefault = sources.every((source) => isOptional(name, source));
  const more = sources.length > 1 ? ` (${sources.length} places use it)` : '';
  return {
    rule: 'unknown-name',
    severity: hasDefault && meant === undefined ? 'info' : 'warning',
    ...sources[0]?.place,
    message: `nothing sets, collects or declares "${name}"${more}`,
    advice:
      meant === undefined
        ? 'declare it in slots (also what the host seeds) or in environment_variables, let an edge set it, or remove it; as it is, only a model that makes it up can fill it'
        : `did you mean "${meant}"?`,
  };
}

/** True if the name has a default wherever this template reads it. */
function isOptional(name: string, { text, place }: Source): boolean {
  const isExpression = place.field === 'guard' || place.field === 'condition';
  const read = isExpression ? [text] : (text.match(/\{\{.*?\}\}|\{%.*?%\}/gs) ?? []);
  // A Jinja name is made of word characters: none of them means anything in a pattern.
  const uses = new RegExp(`(?<![\\w.])${name}(?![\\w(])[\\w.]*\\s*(\\|\\s*(?:default|d)\\b)?`, 'g');
  const found = read.flatMap((part) => [...part.matchAll(uses)]);
  return found.length > 0 && found.every(([, byDefault]) => byDefault !== undefined);
}

/** `spoken.day` is the slot `day` as a voice says it. */
function spokenIn(text: string): string[] {
  return [...text.matchAll(/\bspoken\.(\w+)/g)].flatMap(([, name]) => name ?? []);
}

/** Slots that the flow asks for, or declares, and then does nothing with. Those of one place go together. */
export const unusedSlot: Rule = ({ file, flow }) => {
  const used = new Set(sourcesOf(file).flatMap(({ text, names }) => [...names, ...spokenIn(text)]));
  const unused = [...flow.slots.keys()].filter((name) => !used.has(name));
  const asked = askedNames(file);
  const collected = Map.groupBy(
    unused.filter((name) => asked.has(name)),
    (name) => JSON.stringify(asked.get(name)),
  );
  const idle = unused.filter((name) => !asked.has(name) && Object.hasOwn(file.slots ?? {}, name));
  return [
    ...[...collected.values()].map(
      (names): Finding => ({
        rule: 'unused-slot',
        severity: 'info',
        ...asked.get(names[0] ?? ''),
        message: `${told(names)} collected, but no text, guard or action uses ${names.length === 1 ? 'it' : 'them'}`,
        advice: 'right for the report of the call; else use what is collected, or stop asking',
      }),
    ),
    ...idle.map(
      (name): Finding => ({
        rule: 'unused-slot',
        severity: 'info',
        field: `slots.${name}`,
        message: `no node asks for the slot "${name}", and no text, guard or action uses it`,
        advice: 'let a node collect it, or remove it',
      }),
    ),
  ];
};

function told(names: readonly string[]): string {
  const list = names.map((name) => `"${name}"`).join(', ');
  return names.length === 1 ? `the slot ${list} is` : `the slots ${list} are`;
}

/** Every name that something in the file can give a value. */
function filledNames(file: FlowFile, flow: Flow): Set<string> {
  const actions = file.actions ?? file.global_actions ?? [];
  return new Set([
    ...GIVEN,
    ...Object.keys(flow.environment),
    ...flow.tools.keys(),
    ...Object.keys(file.slots ?? {}),
    ...askedNames(file).keys(),
    ...edgesOf(file).flatMap(({ set }) => Object.keys(set ?? {})),
    ...actions.flatMap(({ store_response_as: stored, env_updates: updates }) => [
      ...(stored ? [stored] : []),
      ...(updates ?? []).map(({ env_key: key }) => key),
    ]),
    ...toolsOf(file).flatMap(({ input_schema: schema }) => Object.keys(schema?.properties ?? {})),
  ]);
}

/** What nodes and edges want to know from the caller, and where they first ask for it. */
function askedNames(file: FlowFile): Map<string, FlowPlace> {
  const asked = new Map<string, FlowPlace>();
  const ask = (names: readonly string[], place: FlowPlace) => {
    for (const name of names) if (!asked.has(name)) asked.set(name, place);
  };
  const byEdge = (edge: EdgeFile, at: FlowPlace) => {
    const place = { ...at, edge: edge.id };
    ask(keysOf(edge.criteria), { ...place, field: 'criteria' });
    ask(Object.keys(edge.input_schema?.properties ?? {}), { ...place, field: 'input_schema' });
  };
  for (const node of file.nodes) {
    const place = { node: node.id };
    ask(node.collect ?? [], { ...place, field: 'collect' });
    ask(keysOf(node.completion_criteria), { ...place, field: 'completion_criteria' });
    for (const edge of node.edges ?? []) byEdge(edge, place);
  }
  for (const edge of file.global_edges ?? []) byEdge(edge, {});
  return asked;
}

function keysOf(criteria: EdgeFile['criteria']): string[] {
  return (criteria ?? []).map(({ key }) => key);
}

function edgesOf(file: FlowFile): EdgeFile[] {
  return [...file.nodes.flatMap(({ edges }) => edges ?? []), ...(file.global_edges ?? [])];
}

function toolsOf(file: FlowFile): Exclude<NonNullable<NodeFile['tools']>[number], string>[] {
  const ofNodes = file.nodes.flatMap(({ tools }) => tools ?? []);
  return [...(file.tools ?? []), ...ofNodes.filter((tool) => typeof tool !== 'string')];
}
