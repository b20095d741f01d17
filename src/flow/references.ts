import type { FlowPlace, FlowProblem } from './errors.ts';
import type { EdgeFile, FlowFile } from './schema.ts';
import type { Intent } from './types.ts';

/** Names that lead nowhere or stand twice. */
export function referenceProblems(
  file: FlowFile,
  intents: ReadonlyMap<string, Intent>,
): FlowProblem[] {
  const nodeIds = new Set(file.nodes.map((node) => node.id));
  const globalIds = new Set((file.global_edges ?? []).map((edge) => edge.id));
  const actionIds = new Set((file.actions ?? file.global_actions ?? []).map(({ id }) => id));
  const toolIds = new Set((file.tools ?? []).map((tool) => tool.id));
  const problems: FlowProblem[] = [];

  if (!nodeIds.has(file.initial_node)) {
    problems.push({
      field: 'initial_node',
      message: `there is no node "${file.initial_node}"; the nodes are: ${[...nodeIds].join(', ')}`,
    });
  }
  for (const id of repeated(file.nodes.map((node) => node.id))) {
    problems.push({ node: id, field: 'id', message: 'this node id stands twice' });
  }
  for (const id of repeated((file.global_edges ?? []).map((edge) => edge.id))) {
    problems.push({ edge: id, field: 'id', message: 'this global edge id stands twice' });
  }
  for (const edge of file.global_edges ?? []) problems.push(...edgeProblems(edge, {}));
  for (const node of file.nodes) {
    const edges = node.edges ?? [];
    const place = { node: node.id };
    for (const id of repeated(edges.map((edge) => edge.id))) {
      problems.push({
        ...place,
        edge: id,
        field: 'id',
        message: 'this edge id stands twice at its node',
      });
    }
    for (const edge of edges) {
      if (globalIds.has(edge.id)) {
        problems.push({
          ...place,
          edge: edge.id,
          field: 'id',
          message: 'a global edge has this id too',
        });
      }
      problems.push(...edgeProblems(edge, place));
    }
    for (const trigger of node.actions ?? []) problems.push(...actionProblems(trigger, place));
    for (const tool of node.tools ?? []) {
      if (typeof tool === 'string' && !toolIds.has(tool)) {
        problems.push({ ...place, field: 'tools', message: `there is no tool "${tool}"` });
      }
    }
  }
  return problems;

  function edgeProblems(edge: EdgeFile, at: FlowPlace): FlowProblem[] {
    const place: FlowPlace = { ...at, edge: edge.id };
    const found: FlowProblem[] = [];
    const clash = clashOf(edge.id);
    if (clash !== undefined) found.push({ ...place, field: 'id', message: clash });
    const target = edge.target_node_id;
    if (target === undefined || target === null) {
      found.push({ ...place, field: 'target_node_id', message: 'an edge needs a node to lead to' });
    } else if (!nodeIds.has(target)) {
      found.push({ ...place, field: 'target_node_id', message: `there is no node "${target}"` });
    }
    const intent = edge.match?.intent;
    if (intent !== undefined && !intents.has(intent)) {
      found.push({ ...place, field: 'match.intent', message: `there is no intent "${intent}"` });
    }
    for (const trigger of edge.actions ?? []) found.push(...actionProblems(trigger, place));
    return found;
  }

  function actionProblems(trigger: { action_id: string }, place: FlowPlace): FlowProblem[] {
    if (actionIds.has(trigger.action_id)) return [];
    return [{ ...place, field: 'actions', message: `there is no action "${trigger.action_id}"` }];
  }
}

/** Why an edge cannot be called so: a model could not tell it from other things it may answer. */
function clashOf(id: string): string | undefined {
  if (id === 'stay' || id === 'return') {
    return `a model says "${id}" where it takes no edge: give this edge another id`;
  }
  if (!id.includes('>')) return undefined;
  return '">" joins the ids of edges that are taken one after another: write _ or - instead';
}

function repeated(ids: readonly string[]): Set<string> {
  return new Set(ids.filter((id, index) => ids.indexOf(id) !== index));
}
