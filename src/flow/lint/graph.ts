import type { Edge, Flow, FlowNode } from '../types.ts';

/** Every node that a call can come to: by edges from the initial node, and by global edges. */
export function reachableNodes(flow: Flow): Set<string> {
  const starts = [flow.initialNode, ...flow.globalEdges.map(({ target }) => target)];
  return closure(starts, (id) => (flow.nodes.get(id)?.edges ?? []).map(({ target }) => target));
}

/** All that can be come to from `starts`, these with it. */
export function closure(
  starts: readonly string[],
  next: (id: string) => readonly string[],
): Set<string> {
  const found = new Set(starts);
  // A set can grow while it is gone through: what is added comes later in the same loop.
  for (const id of found) for (const other of next(id)) found.add(other);
  return found;
}

/** Global edges that a caller at this node can take. */
export function globalEdgesAt(flow: Flow, node: FlowNode): Edge[] {
  return flow.globalEdges.filter((edge) => !edge.isFallback && edge.target !== node.id);
}

/** Nodes that a global edge leads to and comes back from. */
export function detourTargets(flow: Flow): Set<string> {
  return new Set(flow.globalEdges.filter(({ detour }) => detour).map(({ target }) => target));
}

/**
 * The edges on which a call leaves this node without having listened to the caller there: all of a
 * router and of an `auto_proceed` node, the only edge of a static node if it says `always`, and
 * `collected` edges, since a node whose slots are filled is passed.
 */
export function unheardEdges(node: FlowNode): readonly Edge[] {
  if (node.type === 'final') return [];
  if (node.type === 'router' || node.autoProceed) return node.edges;
  const own = node.edges.filter((edge) => !edge.isFallback);
  const [only] = own;
  if (node.type === 'static' && own.length === 1 && only?.match?.always === true) return own;
  return own.filter((edge) => edge.match?.collected === true);
}

/** Groups of nodes that lead to one another along `next`; a single node counts if it leads to itself. */
export function cycles(
  ids: readonly string[],
  next: (id: string) => readonly string[],
): string[][] {
  const after = new Map(ids.map((id) => [id, closure(next(id), next)]));
  const grouped = new Set<string>();
  const groups: string[][] = [];
  for (const id of ids) {
    if (grouped.has(id) || after.get(id)?.has(id) !== true) continue;
    const group = ids.filter((other) => after.get(id)?.has(other) && after.get(other)?.has(id));
    for (const member of group) grouped.add(member);
    groups.push(group);
  }
  return groups;
}
