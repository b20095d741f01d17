import type { Edge, Flow, FlowNode, NodeType } from './types.ts';

/** A flow as boxes and arrows, before any drawing language. Labels are plain texts. */
export interface Drawing {
  boxes: readonly Box[];
  arrows: readonly Arrow[];
}

export interface Box {
  /** Safe in every drawing language: `n0`, `n1`, … and `any`. */
  id: string;
  /** `any` stands for every node: global edges begin there. `missing` is an edge's target that is not there. */
  kind: NodeType | 'any' | 'missing';
  label: string;
  /** The call begins here. */
  initial: boolean;
}

export interface Arrow {
  from: string;
  to: string;
  label: string;
  /** `detour` comes back to where it left. */
  kind: 'move' | 'fallback' | 'detour';
}

export function drawFlow(flow: Flow): Drawing {
  const globals = flow.globalEdges;
  const edges = [...[...flow.nodes.values()].flatMap((node) => node.edges), ...globals];
  const missing = edges.map(({ target }) => target).filter((target) => !flow.nodes.has(target));
  const names = [...new Set([...flow.nodes.keys(), ...missing])];
  const ids = new Map(names.map((name, index) => [name, `n${index}`]));
  const idOf = (name: string) => ids.get(name) ?? '';
  const boxOf = (name: string): Box => {
    const node = flow.nodes.get(name);
    return {
      id: idOf(name),
      kind: node?.type ?? 'missing',
      label: node === undefined ? `${name} (missing)` : nodeLabel(node),
      initial: name === flow.initialNode,
    };
  };
  const any: Box = { id: 'any', kind: 'any', label: 'from any node', initial: false };
  return {
    boxes: [...names.map(boxOf), ...(globals.length > 0 ? [any] : [])],
    arrows: [
      ...[...flow.nodes.values()].flatMap((node) =>
        node.edges.map((edge) => arrowOf(edge, idOf(node.id), idOf(edge.target))),
      ),
      ...globals.map((edge) => arrowOf(edge, 'any', idOf(edge.target))),
    ],
  };
}

function nodeLabel({ id, name, outcome, collect, transfer }: FlowNode): string {
  return [
    name === id ? id : `${name} (${id})`,
    ...(collect.length > 0 ? [`asks for ${collect.join(', ')}`] : []),
    ...(outcome === undefined ? [] : [`outcome ${outcome}`]),
    ...(transfer === undefined ? [] : ['transfer']),
  ].join('\n');
}

function arrowOf(edge: Edge, from: string, to: string): Arrow {
  const plain = edge.isFallback ? 'fallback' : 'move';
  return { from, to, label: edgeLabel(edge), kind: edge.detour ? 'detour' : plain };
}

/** The edge's id, and what takes it. */
function edgeLabel(edge: Edge): string {
  return [edge.id, ...reasonsOf(edge)].join('\n');
}

const LONGEST_REASON = 48;

function reasonsOf({ match, guard, condition, isFallback }: Edge): string[] {
  const heard = [
    ...(match?.patterns.length ? ['pattern'] : []),
    ...(match?.examples.length ? ['example'] : []),
    ...(match?.intent === undefined ? [] : [`intent ${match.intent.name}`]),
  ];
  const reasons = [
    ...(isFallback ? ['fallback'] : []),
    ...(match?.dtmf.length ? [`keys ${match.dtmf.join(', ')}`] : []),
    ...heard,
    ...(match?.silence === undefined ? [] : [`silence ${match.silence}`]),
    ...(match?.collected ? ['collected'] : []),
    ...(match?.always ? ['always'] : []),
    ...(guard === undefined ? [] : [`if ${guard.source}`]),
  ];
  if (reasons.length === 0) reasons.push(condition === '' ? 'never' : `model: ${condition}`);
  return reasons.map(shortened);
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= LONGEST_REASON ? line : `${line.slice(0, LONGEST_REASON - 1).trimEnd()}…`;
}

const BRACKETS = {
  instruction: ['[', ']'],
  static: ['(', ')'],
  router: ['{', '}'],
  final: ['([', '])'],
  any: ['((', '))'],
  missing: ['[/', '/]'],
} as const satisfies Record<Box['kind'], readonly [string, string]>;

const ARROWS = { move: '-->', fallback: '-.->', detour: '<-->' } as const satisfies Record<
  Arrow['kind'],
  string
>;

/** The drawing as the text of a Mermaid flowchart. */
export function toMermaid({ boxes, arrows }: Drawing): string {
  const lines = [
    'flowchart TD',
    ...boxes.map(({ id, kind, label }) => {
      const [open, close] = BRACKETS[kind];
      return `  ${id}${open}"${escaped(label)}"${close}`;
    }),
    ...arrows.map(
      ({ from, to, label, kind }) => `  ${from} ${ARROWS[kind]}|"${escaped(label)}"| ${to}`,
    ),
    ...boxes.filter(({ initial }) => initial).map(({ id }) => `  style ${id} stroke-width:3px`),
  ];
  return `${lines.join('\n')}\n`;
}

/** Names are data: all but letters, digits and a few marks becomes a Mermaid character code. */
function escaped(label: string): string {
  return label
    .split('\n')
    .map((line) =>
      line.replace(/[^\p{L}\p{N} .,_:=-]/gu, (mark) => `#${mark.codePointAt(0) ?? 0};`),
    )
    .join('<br/>');
}
