import type { Edge, FlowNode } from '../types.ts';
import type { Finding, Rule } from './finding.ts';
import { cycles, detourTargets, globalEdgesAt, reachableNodes, unheardEdges } from './graph.ts';

/** Nodes that no call comes to. */
export const unreachable: Rule = ({ flow }) => {
  const reached = reachableNodes(flow);
  return [...flow.nodes.keys()]
    .filter((id) => !reached.has(id))
    .map((node) => ({
      rule: 'unreachable',
      severity: 'warning',
      node,
      message: 'no edge leads to this node from the initial node or a global edge',
      advice: 'lead an edge to it, or remove it',
    }));
};

/** Nodes that a call does not get away from. */
export const deadEnd: Rule = ({ flow }) => {
  const comeBack = detourTargets(flow);
  return [...flow.nodes.values()]
    .filter(({ id, type, edges }) => type !== 'final' && edges.length === 0 && !comeBack.has(id))
    .map((node) => {
      const onlyGlobal = node.type !== 'router' && globalEdgesAt(flow, node).length > 0;
      return {
        rule: 'dead-end',
        severity: onlyGlobal ? 'warning' : 'error',
        node: node.id,
        message: onlyGlobal
          ? 'only global edges lead on from this node'
          : 'nothing leads on from this node, and it is not final',
        advice: 'give it an edge, or say is_final: true',
      };
    });
};

/** Nodes that lead to one another without ever listening to the caller. */
export const silentLoop: Rule = ({ file, flow }) => {
  const onward = (id: string): Edge[] => {
    const node = flow.nodes.get(id);
    if (node === undefined) return [];
    const written = file.nodes.find((other) => other.id === id)?.edges ?? [];
    return unheardEdges(node).filter((edge) => {
      const set = written.find((other) => other.id === edge.id)?.set ?? {};
      return !clearsAny(set, flow.nodes.get(edge.target)?.collect ?? []);
    });
  };
  const next = (id: string) => onward(id).map(({ target }) => target);
  return cycles([...flow.nodes.keys()], next).map((group) => {
    const leaves = group.some((id) =>
      (flow.nodes.get(id)?.edges ?? []).some(({ target }) => !group.includes(target)),
    );
    const ring = [...group, group[0] ?? ''].join(' → ');
    return {
      rule: 'silent-loop',
      severity: leaves ? 'warning' : 'error',
      node: group[0] ?? '',
      message: leaves
        ? `a call can go in this circle without the caller being asked anything: ${ring}`
        : `a call never gets out of this circle, and the caller is never asked anything: ${ring}`,
      advice:
        'the machine breaks the circle with the fallback edge or lines.recovery; let one of the nodes ask the caller, or make sure that its edges lead out',
    };
  });
};

/** True if a move forgets one of these slots, so that the node it leads to has to ask again. */
function clearsAny(set: Readonly<Record<string, unknown>>, slots: readonly string[]): boolean {
  return Object.entries(set).some(([name, value]) => value === null && slots.includes(name));
}

/** Routers whose edges may all be closed. */
export const routerExit: Rule = ({ flow }) =>
  [...flow.nodes.values()]
    .filter((node) => node.type === 'router' && node.edges.length > 0 && !hasSureExit(node))
    .map((node) => {
      const guarded = node.edges.every((edge) => edge.condition === '');
      return {
        rule: 'router-exit',
        severity: guarded ? 'warning' : 'info',
        node: node.id,
        message: guarded
          ? 'all guards of this router may be false at once, and it has no always or fallback edge'
          : 'where no edge of this router fits, it has no fallback edge to take',
        advice: 'add an edge with is_fallback: true; without one the caller hears lines.recovery',
      };
    });

function hasSureExit({ edges }: FlowNode): boolean {
  if (edges.some((edge) => edge.isFallback || edge.match?.always === true)) return true;
  // A single edge is taken without being read.
  if (edges.length === 1 && edges[0]?.guard === undefined) return true;
  const guards = edges.flatMap(({ guard }) => guard?.source.trim() ?? []);
  return guards.some(
    (guard) => guards.includes(`not ${guard}`) || guards.includes(`not (${guard})`),
  );
}

/** A limit of turns that leads nowhere. */
export const maxTurns: Rule = ({ flow }) =>
  [...flow.nodes.values()]
    .filter((node) => node.maxTurns !== undefined && !node.edges.some((edge) => edge.isFallback))
    .map((node) => ({
      rule: 'max-turns-fallback',
      severity: 'warning',
      node: node.id,
      field: 'max_turns',
      message: `after ${node.maxTurns} turns nothing happens: this node has no fallback edge`,
      advice: 'add an edge with is_fallback: true, or remove max_turns',
    }));

/** Edges that nobody will take. */
export const unusedEdges: Rule = ({ flow }) =>
  [...flow.nodes.values()].flatMap((node) => [
    ...(node.type === 'final' && node.edges.length > 0
      ? [
          {
            rule: 'final-edges',
            severity: 'warning' as const,
            node: node.id,
            message: 'a final node ends the call: its edges are never taken',
            advice: 'remove the edges, or is_final',
          },
        ]
      : []),
    ...collectedFromNothing(node),
    ...node.edges
      .filter((edge) => edge.isFallback)
      .slice(1)
      .map((edge) => ({
        rule: 'second-fallback',
        severity: 'warning' as const,
        node: node.id,
        edge: edge.id,
        message: 'only the first fallback edge of a node is ever taken',
        advice: 'remove it, or make it an ordinary edge',
      })),
  ]);

function collectedFromNothing(node: FlowNode): Finding[] {
  if (node.collect.length > 0) return [];
  return node.edges
    .filter((edge) => edge.match?.collected === true)
    .map((edge) => ({
      rule: 'collected-nothing',
      severity: 'warning',
      node: node.id,
      edge: edge.id,
      field: 'match.collected',
      message: 'the node collects nothing, so this edge has nothing to wait for',
      advice: 'name the slots in collect at the node',
    }));
}

/** Nodes without fixed words, in a flow whose other nodes have them. */
export const needsModel: Rule = ({ flow }) => {
  const speaking = [...flow.nodes.values()].filter(({ type }) => type !== 'router');
  const mute = speaking.filter(
    (node) => node.instruction !== undefined && node.staticText.length === 0,
  );
  if (mute.length * 2 >= speaking.length) return [];
  return mute.map(({ id }) => ({
    rule: 'needs-model',
    severity: 'info',
    node: id,
    field: 'instruction',
    message: 'most of this flow speaks fixed words, but only a model can speak at this node',
    advice: 'give it a static_text if the flow is to run without a model',
  }));
};
