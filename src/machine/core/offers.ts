import type { Edge, Flow, FlowNode } from '../../flow/types.ts';
import { nodeOf, type Step } from './step.ts';

/** A move that the model may propose: one edge, or an edge into a router and on from there. */
export interface Offer {
  /** `edge`, or `edge>routerEdge` where a router is looked through. */
  id: string;
  path: readonly Edge[];
  /** Where it leads, as far as edges tell. */
  target: string;
  condition: string;
}

export const RETURN = 'return';
export const STAY = 'stay';

/** How many routers in a row are looked through. */
const LOOK_THROUGH_DEPTH = 3;

/** Every move that this node can ever offer. It depends on the flow alone: a schema is made of it. */
export function possibleOffers(flow: Flow, node: FlowNode): Offer[] {
  return [...ownEdges(node), ...globalEdges(flow, node)].flatMap((edge) =>
    through(flow, [edge], LOOK_THROUGH_DEPTH),
  );
}

/** The moves that are legal where the call is now. */
export function legalOffers(step: Step): Offer[] {
  const holds = (edge: Edge) => edge.guard === undefined || step.holds(edge.guard, edge);
  const edges = step.state.beforeEnd === null ? ownEdges(step.node) : [];
  return [...edges, ...globalEdges(step.flow, step.node)]
    .filter(holds)
    .flatMap((edge) => through(step.flow, [edge], LOOK_THROUGH_DEPTH, holds));
}

/** The way back that is open: out of a detour, or out of a farewell that the caller cut off. */
export function canReturn(step: Step): boolean {
  return step.state.stack.length > 0 || step.state.beforeEnd !== null;
}

export function ownEdges(node: FlowNode): Edge[] {
  return node.edges.filter((edge) => !edge.isFallback);
}

export function fallbackEdge(node: FlowNode): Edge | undefined {
  return node.edges.find((edge) => edge.isFallback);
}

/** Global edges lead anywhere but to where the call is. */
export function globalEdges(flow: Flow, node: FlowNode): Edge[] {
  return flow.globalEdges.filter((edge) => !edge.isFallback && edge.target !== node.id);
}

/**
 * A router that asks for a reading of what was said: its edges are offered in its place. One that has
 * something to do first is entered. Whether a guard decides in it can only be told by what `holds`
 * now; without that, both ways are possible.
 */
function through(
  flow: Flow,
  path: readonly Edge[],
  depth: number,
  holds?: (edge: Edge) => boolean,
): Offer[] {
  const target = nodeOf(flow, path.at(-1)?.target ?? '');
  const edges = ownEdges(target);
  const prose = edges.filter((edge) => edge.condition !== '' && !isVisited(path, edge));
  const entered = [offerOf(path)];
  if (target.type !== 'router' || target.onEnter.length > 0) return entered;
  if (prose.length === 0 || depth === 0) return entered;
  const onward = prose.filter((edge) => holds?.(edge) ?? true);
  const looked = onward.flatMap((edge) => through(flow, [...path, edge], depth - 1, holds));
  const guarded = edges.filter(isGuarded);
  if (holds !== undefined) return guarded.filter(holds).length === 1 ? entered : looked;
  return guarded.length > 0 ? [...entered, ...looked] : looked;
}

/** An edge that data decide. */
export function isGuarded({ guard }: Edge): boolean {
  return guard !== undefined;
}

function isVisited(path: readonly Edge[], edge: Edge): boolean {
  return path.some(({ target }) => target === edge.target);
}

function offerOf(path: readonly Edge[]): Offer {
  return {
    id: path.map((edge) => edge.id).join('>'),
    path,
    target: path.at(-1)?.target ?? '',
    condition: path
      .map((edge) => edge.condition || (edge.match?.examples[0] ?? ''))
      .filter((condition) => condition !== '')
      .join('; and '),
  };
}
