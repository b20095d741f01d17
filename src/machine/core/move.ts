import type { MoveReason } from '../../agent/agent.ts';
import type { Edge, FlowNode } from '../../flow/types.ts';
import { own } from '../../record.ts';
import { edgeOfKeys, fillTypedAhead } from './keys.ts';
import { clear } from './listen.ts';
import { fallbackEdge, type Offer, ownEdges } from './offers.ts';
import { type Frame, newVisit } from './state.ts';
import { nodeOf, type Step, templateData } from './step.ts';
import { askAgain, lineAt, speakNode } from './words.ts';

/** Moves that one turn may chain. */
const MAX_HOPS = 12;
/** Detours deep; beyond it the oldest is forgotten. */
const MAX_FRAMES = 5;
/** An ordinary move away from a detour, and one more: the call went elsewhere. */
const MOVES_THAT_DROP_A_FRAME = 2;

/** Takes an offered move and every move that follows from it without the caller. */
export function take(step: Step, offer: Offer, by: MoveReason): void {
  for (const edge of offer.path) enterBy(step, edge, by);
  settle(step);
}

/** Goes back to the interrupted node, or to the one before a farewell that was cut off. */
export function backToFrame(step: Step): void {
  const { state } = step;
  const frame = state.beforeEnd ?? state.stack.at(-1);
  if (frame === undefined) return;
  step.update({
    node: frame.node,
    visit: frame.visit,
    stack: state.beforeEnd === null ? state.stack.slice(0, -1) : [],
    beforeEnd: null,
    outcome: null,
  });
  step.moved('return', state.node, 'return');
}

/** One edge: what it sets, the new node, counters to zero. */
function enterBy(step: Step, edge: Edge, by: MoveReason): void {
  const { state, flow } = step;
  const from = state.node;
  const target = nodeOf(flow, edge.target);
  const stack = stackAfter(step, edge);
  const returned = edge.isGlobal ? undefined : state.stack.at(-1);
  const number = Object.values(state.visits).reduce((sum, count) => sum + count, 1);
  step.update({
    node: target.id,
    visit:
      returned?.node === target.id && stack.length < state.stack.length
        ? returned.visit
        : newVisit(number),
    visits: { ...state.visits, [target.id]: (own(state.visits, target.id) ?? 0) + 1 },
    selfLoops: from === target.id ? state.selfLoops + 1 : 0,
    stack: target.type === 'final' ? [] : stack,
    beforeEnd: target.type === 'final' ? { node: from, visit: state.visit, moves: 0 } : null,
  });
  assign(step, edge);
  step.moved(edge.id, from, by);
}

function assign(step: Step, edge: Edge): void {
  for (const { name, value } of edge.set) {
    const result = value(templateData(step.flow, step.state));
    if (step.flow.slots.has(name) && result === null) clear(step, name);
    else if (step.flow.slots.has(name)) step.setSlot(name, result, { by: 'flow', confirmed: true });
    else step.update({ variables: { ...step.state.variables, [name]: result } });
  }
}

/** A detour pushes the node it leaves, or the one before a cut farewell; ordinary moves pop it or, two in a row, drop it. */
function stackAfter({ state }: Step, edge: Edge): Frame[] {
  if (edge.isGlobal && edge.detour) {
    const left = state.beforeEnd ?? { node: state.node, visit: state.visit, moves: 0 };
    return [...state.stack, left].slice(-MAX_FRAMES);
  }
  const top = state.stack.at(-1);
  if (top === undefined) return state.stack;
  const below = state.stack.slice(0, -1);
  if (top.node === edge.target) return below;
  const moves = top.moves + 1;
  return moves >= MOVES_THAT_DROP_A_FRAME ? below : [...below, { ...top, moves }];
}

/**
 * Goes on from a node that has just been entered until one is reached that waits for the caller,
 * and speaks on the way.
 */
export function settle(step: Step): void {
  const passed = new Set<string>();
  for (;;) {
    const onward = wayOn(step);
    if (onward === 'rest') return rest(step);
    if (onward === 'stuck') return breakOff(step, 'no edge of the router can be taken');
    if (passed.size >= MAX_HOPS || passed.has(step.state.node)) {
      return breakOff(step, 'the chain came through a node twice or grew too long');
    }
    passed.add(step.state.node);
    if (onward.speakFirst) speakNode(step);
    if (onward.ask === true) {
      step.effects.push({ type: 'ask' });
      return;
    }
    enterBy(step, onward.edge, onward.by);
  }
}

interface Onward {
  edge: Edge;
  by: MoveReason;
  speakFirst: boolean;
  ask?: true;
}

function wayOn(step: Step): Onward | 'rest' | 'stuck' {
  const { node } = step;
  if (node.type === 'final') return 'rest';
  if (node.type === 'router') return wayThroughRouter(step);
  if (node.autoProceed || isAnnouncement(node)) return wayByData(step, true) ?? 'rest';
  const typed = typedAhead(step);
  if (typed !== undefined) return typed;
  fillTypedAhead(step);
  return (isAnswered(step) ? wayByData(step, false) : undefined) ?? 'rest';
}

function wayThroughRouter(step: Step): Onward | 'stuck' {
  const decided = wayByData(step, false);
  if (decided !== undefined) return decided;
  const [prose] = ownEdges(step.node).filter((edge) => edge.condition !== '');
  if (prose !== undefined) return { edge: prose, by: 'model', speakFirst: false, ask: true };
  const fallback = fallbackEdge(step.node);
  return fallback === undefined ? 'stuck' : { edge: fallback, by: 'fallback', speakFirst: false };
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

function isGuarded({ guard }: Edge): boolean {
  return guard !== undefined;
}

/** True for an edge that its guard alone decides: no prose, nothing to listen for. */
function isByGuardAlone({ guard, condition, match }: Edge): boolean {
  return guard !== undefined && condition === '' && match === undefined;
}

/** Fixed words whose only way on is `always`: spoken, and the call goes on. */
function isAnnouncement(node: FlowNode): boolean {
  const edges = ownEdges(node);
  return node.type === 'static' && edges.length === 1 && edges[0]?.match?.always === true;
}

/** All that the node would ask for is there already. */
function isAnswered(step: Step): boolean {
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

/** The call stays at this node: its words, and what the end of the call brings. */
function rest(step: Step): void {
  const { node, state } = step;
  step.update({ typedAhead: '' });
  speakNode(step);
  if (node.transfer?.announce !== undefined) step.speak(step.render(node.transfer.announce));
  endHere(step);
  if (node.type === 'final') return;
  if (state.stack.length > 0 && ownEdges(node).length === 0) {
    backToFrame(step);
    askAgain(step);
  }
}

/** What the node means for the host, and for the conversation if the node is its end. */
export function endHere(step: Step): void {
  const { transfer, hangUp, type, outcome, id } = step.node;
  if (transfer !== undefined) {
    step.host({ kind: 'transfer', to: step.render(transfer.to), mode: transfer.mode });
  }
  if (hangUp) step.host({ kind: 'hang_up' });
  if (type === 'final') step.update({ ended: true, outcome: outcome ?? id });
}

/** A chain that cannot end: the fallback edge of the node where it stands, else the recovery line. */
function breakOff(step: Step, reason: string): void {
  step.refused({ rule: 'chain', reason });
  const fallback = fallbackEdge(step.node);
  const target = fallback && nodeOf(step.flow, fallback.target);
  if (fallback !== undefined && target !== undefined && target.type !== 'router') {
    enterBy(step, fallback, 'fallback');
    rest(step);
  } else {
    step.speak(lineAt(step, 'recovery', 0));
  }
}
