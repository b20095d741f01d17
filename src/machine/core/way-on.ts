import type { MoveReason } from '../../agent/agent.ts';
import type { Edge, FlowNode } from '../../flow/types.ts';
import { edgeOfKeys, fillTypedAhead } from './keys.ts';
import { fallbackEdge, isGuarded, ownEdges } from './offers.ts';
import type { Step } from './step.ts';

/** The next step of a chain. */
export interface Onward {
  edge: Edge;
  by: MoveReason;
  /** The words of the node come before the move. */
  speakFirst: boolean;
  /** Only the model can tell where this router leads. */
  ask?: true;
}

/** Where the call goes from here without the caller: on, nowhere (`rest`), or it cannot be told. */
export function wayOn(step: Step): Onward | 'rest' | 'stuck' {
  const { node } = step;
  if (node.type === 'final') return 'rest';
  if (node.type === 'router') return wayUnheard(step) ?? 'stuck';
  if (isAnnouncement(node)) return wayByData(step, true) ?? 'rest';
  if (node.autoProceed) return wayUnheard(step) ?? 'rest';
  const typed = typedAhead(step);
  if (typed !== undefined) return typed;
  fillTypedAhead(step);
  return (isAnswered(step) ? wayByData(step, false) : undefined) ?? 'rest';
}

/**
 * On from a node that does not wait for the caller. Where no data decide: by the only edge that is
 * open, as the model reads the conditions of several, or by the fallback edge.
 */
function wayUnheard(step: Step): Onward | undefined {
  const { node } = step;
  const speaks = node.type !== 'router';
  const decided = wayByData(step, speaks);
  if (decided !== undefined) return decided;
  const fallback = fallbackEdge(node);
  const open = ownEdges(node).filter(
    (edge) => edge.guard === undefined || step.holds(edge.guard, edge),
  );
  const [only, another] = open;
  if (only !== undefined && another === undefined && fallback === undefined) {
    return { edge: only, by: 'always', speakFirst: speaks };
  }
  const prose = open.find(({ condition }) => condition !== '');
  // An instruction is carried out by the words that come with the decision.
  const speakFirst = speaks && node.staticText.length > 0;
  if (prose !== undefined) return { edge: prose, by: 'model', speakFirst, ask: true };
  return fallback && { edge: fallback, by: 'fallback', speakFirst: speaks };
}

/** `collected` decides where all is there, then exactly one true guard, and `always` last. */
export function wayByData(step: Step, speakFirst: boolean): Onward | undefined {
  const edges = ownEdges(step.node);
  const holds = (edge: Edge) => edge.guard === undefined || step.holds(edge.guard, edge);
  const collected = isAnswered(step)
    ? edges.find((edge) => edge.match?.collected === true && holds(edge))
    : undefined;
  if (collected !== undefined) return { edge: collected, by: 'collected', speakFirst };
  const isByData = step.node.type === 'router' ? isGuarded : isByGuardAlone;
  const guarded = edges.filter((edge) => isByData(edge) && holds(edge));
  const [guard] = guarded;
  if (guard !== undefined && guarded.length === 1) return { edge: guard, by: 'guard', speakFirst };
  const always = edges.find((edge) => edge.match?.always === true && holds(edge));
  return always && { edge: always, by: 'always', speakFirst };
}

/** True for an edge that its guard alone decides: no prose, nothing to listen for. */
function isByGuardAlone({ guard, condition, match }: Edge): boolean {
  return guard !== undefined && condition === '' && match === undefined;
}

/** Fixed words whose only way on is `always`: spoken, and the call goes on. */
export function isAnnouncement(node: FlowNode): boolean {
  const edges = ownEdges(node);
  return node.type === 'static' && edges.length === 1 && edges[0]?.match?.always === true;
}

/** All that the node would ask for is there already. */
export function isAnswered(step: Step): boolean {
  const { collect, criteria } = step.node;
  const required = criteria.filter((criterion) => criterion.required).map(({ key }) => key);
  const wanted = [...collect, ...required];
  return wanted.length > 0 && wanted.every((name) => step.isFilled(name));
}

function typedAhead(step: Step): Onward | undefined {
  const keyed = edgeOfKeys(ownEdges(step.node), step.state.typedAhead);
  if (keyed === undefined) return undefined;
  step.update({ typedAhead: keyed.rest });
  return { edge: keyed.edge, by: 'dtmf', speakFirst: false };
}
