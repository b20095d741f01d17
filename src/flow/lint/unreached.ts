import type { FlowPlace } from '../errors.ts';
import type { FlowFile } from '../schema.ts';
import type { Flow } from '../types.ts';
import type { Rule } from './finding.ts';
import { reachableNodes } from './graph.ts';

/** Actions that nothing sets off, or only what no call comes to. */
export const unusedAction: Rule = ({ file, flow }) => {
  const edges = [...flow.nodes.values()].flatMap((node) => node.edges);
  const anywhere = new Set([
    ...[...flow.nodes.values()].flatMap(({ onEnter, onExit }) => [...onEnter, ...onExit]),
    ...[...edges, ...flow.globalEdges].flatMap(({ actions }) => actions),
  ]);
  const reached = reachedActions(flow);
  const list = file.actions ? 'actions' : 'global_actions';
  return [...flow.actions.keys()]
    .map((id, index) => ({ id, index }))
    .filter(({ id }) => !reached.has(id))
    .map(({ id, index }) => ({
      rule: 'unused-action',
      severity: 'info',
      field: `${list}[${index}]`,
      message: anywhere.has(id)
        ? `only nodes that no call comes to set off the action "${id}"`
        : `no node and no edge sets off the action "${id}"`,
      advice: 'set it off where a call comes to, or remove it',
    }));
};

function reachedActions(flow: Flow): Set<string> {
  const nodes = [...reachableNodes(flow)].flatMap((id) => flow.nodes.get(id) ?? []);
  return new Set([
    ...nodes.flatMap(({ onEnter, onExit }) => [...onEnter, ...onExit]),
    ...nodes.flatMap(({ edges }) => edges.flatMap(({ actions }) => actions)),
    ...flow.globalEdges.flatMap(({ actions }) => actions),
  ]);
}

/** Tools that are on offer nowhere, or only where no model is asked. */
export const unusedTool: Rule = ({ file, flow }) => {
  const asking = [...reachableNodes(flow)]
    .flatMap((id) => flow.nodes.get(id) ?? [])
    .filter(({ type }) => type !== 'router');
  const offered = new Set(asking.flatMap(({ tools }) => tools));
  return writtenTools(file)
    .filter(({ id }) => !offered.has(id))
    .map(({ id, place }) => ({
      rule: 'unused-tool',
      severity: 'info',
      ...place,
      message: `no node that speaks and that a call comes to has the tool "${id}" on offer`,
      advice: 'name it in tools of a node, or remove it',
    }));
};

function writtenTools(file: FlowFile): { id: string; place: FlowPlace }[] {
  const ofFlow = (file.tools ?? []).map(({ id }, index) => ({
    id,
    place: { field: `tools[${index}]` },
  }));
  const ofNodes = file.nodes.flatMap((node) =>
    (node.tools ?? []).flatMap((tool, index) =>
      typeof tool === 'string'
        ? []
        : [{ id: tool.id, place: { node: node.id, field: `tools[${index}]` } }],
    ),
  );
  return [...ofFlow, ...ofNodes];
}
