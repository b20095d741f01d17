import type { MoveReason } from '../../agent/agent.ts';
import type { Edge } from '../../flow/types.ts';
import { runAction } from './actions.ts';
import { backToFrame, cross } from './move.ts';
import { fallbackEdge, type Offer, ownEdges } from './offers.ts';
import type { Work } from './state.ts';
import { nodeOf, type Step } from './step.ts';
import { isAnnouncement, isAnswered, wayOn } from './way-on.ts';
import { askAgain, lineAt, nextWords, speakAndWait, speakNode } from './words.ts';

/*
 * A move is worked off in small pieces that stand in the state, because an action may come between
 * any two of them: the chain then waits, and `action_done` goes on with it.
 */

/** Moves that one turn may chain. */
const MAX_HOPS = 12;
const SETTLE: Work = { do: 'settle', spoken: false };

/** Takes an offered move and every move that follows from it without the caller. */
export function take(step: Step, offer: Offer, by: MoveReason): void {
  begin(step, [...offer.path.map((edge) => leaveBy(step, edge, by)), SETTLE]);
}

/** Enters the node where the call is, as the first one or after a jump that no edge describes. */
export function enter(step: Step): void {
  begin(step, [{ do: 'enter' }, SETTLE]);
}

/** Works off what is due, as far as it needs nothing from outside. */
export function workOn(step: Step): void {
  for (;;) {
    const [next, ...rest] = step.state.work;
    if (next === undefined || step.state.running !== null) return;
    step.update({ work: rest });
    workOff(step, next);
  }
}

/** A move was begun and has not come to rest: it waited for an action when it was cut off. */
export function isUnderWay({ state }: Step): boolean {
  return state.running !== null || state.work.length > 0;
}

/** Goes on with a move whose action was never answered: the ledger knows whether it may run again. */
export function resume(step: Step): void {
  const { running } = step.state;
  step.update({ running: null });
  if (running !== null) first(step, [runOf(running.action)]);
  workOn(step);
}

function begin(step: Step, work: Work[]): void {
  step.update({ work });
  workOn(step);
}

function first(step: Step, work: readonly Work[]): void {
  step.update({ work: [...work, ...step.state.work] });
}

/** An edge is named by its id and, for own edges, by its node: state is plain JSON. */
function leaveBy(step: Step, edge: Edge, by: MoveReason): Work {
  const owner = [...step.flow.nodes.values()].find((node) => node.edges.includes(edge));
  return { do: 'leave', node: owner?.id ?? null, edge: edge.id, by };
}

function edgeNamed(step: Step, { node, edge: id }: { node: string | null; edge: string }): Edge {
  const edges = node === null ? step.flow.globalEdges : nodeOf(step.flow, node).edges;
  const edge = edges.find((candidate) => candidate.id === id);
  if (edge === undefined) throw new Error(`no edge "${id}" in flow "${step.flow.name}"`);
  return edge;
}

function workOff(step: Step, work: Work): void {
  switch (work.do) {
    case 'leave':
      return leave(step, work);
    case 'cross':
      return crossTo(step, work);
    case 'enter':
      return enterNode(step);
    case 'run':
      return runAction(step, work.action);
    case 'settle':
      return settle(step, work);
    case 'rest':
      return rest(step, false);
  }
}

/** Exit actions, then the edge's. A detour only interrupts its node: it runs no exit actions. */
function leave(step: Step, work: Extract<Work, { do: 'leave' }>): void {
  const edge = edgeNamed(step, work);
  const onExit = edge.isGlobal && edge.detour ? [] : step.node.onExit;
  first(step, [...[...onExit, ...edge.actions].map(runOf), { ...work, do: 'cross' }]);
}

function crossTo(step: Step, work: Extract<Work, { do: 'cross' }>): void {
  cross(step, edgeNamed(step, work), work.by);
  enterNode(step);
}

/** Entry actions. Fixed words that do not need their results are not kept waiting for them. */
function enterNode(step: Step): void {
  const { onEnter } = step.node;
  if (onEnter.length === 0) return;
  const early = speaksInAnyCase(step) && !needsResultsOf(step, onEnter);
  if (early && speakNode(step)) step.update({ work: step.state.work.map(asSpoken) });
  first(step, onEnter.map(runOf));
}

function asSpoken(work: Work): Work {
  return work.do === 'settle' ? { ...work, spoken: true } : work;
}

function runOf(action: string): Work {
  return { do: 'run', action };
}

function speaksInAnyCase(step: Step): boolean {
  const { node, state } = step;
  if (node.type === 'router' || node.staticText.length === 0) return false;
  return node.autoProceed || isAnnouncement(node) || (state.typedAhead === '' && !isAnswered(step));
}

function needsResultsOf(step: Step, actions: readonly string[]): boolean {
  const names = nextWords(step)?.names ?? new Set();
  return actions
    .flatMap((id) => step.flow.actions.get(id) ?? [])
    .flatMap(({ storeAs, envUpdates }) => [
      ...(storeAs === undefined ? [] : [storeAs]),
      ...envUpdates.map(({ name }) => name),
    ])
    .some((name) => names.has(name));
}

/** One step on from a node that has been entered, until one waits for the caller. */
function settle(step: Step, { spoken }: Extract<Work, { do: 'settle' }>): void {
  const onward = wayOn(step);
  if (onward === 'rest') return rest(step, spoken);
  if (onward === 'stuck') return breakOff(step, 'no edge of the router can be taken');
  const { passed } = step.state;
  if (passed.length >= MAX_HOPS || passed.includes(step.state.node)) {
    return breakOff(step, 'the chain came through a node twice or grew too long');
  }
  step.update({ passed: [...passed, step.state.node] });
  if (onward.speakFirst && !spoken) speakNode(step);
  if (onward.ask === true) {
    step.effects.push({ type: 'ask' });
    return;
  }
  first(step, [leaveBy(step, onward.edge, onward.by), SETTLE]);
}

/** The call stays at this node: its words, and what the end of the call brings. */
function rest(step: Step, spoken: boolean): void {
  const { node, state } = step;
  step.update({ typedAhead: '' });
  if (!spoken) speakAndWait(step);
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
  if (fallback !== undefined && nodeOf(step.flow, fallback.target).type !== 'router') {
    first(step, [leaveBy(step, fallback, 'fallback'), { do: 'rest' }]);
  } else {
    step.speak(lineAt(step, 'recovery', 0));
  }
}
