import type { MoveReason } from '../../agent/agent.ts';
import type { Edge } from '../../flow/types.ts';
import { own } from '../../record.ts';
import { endHere, enter, isUnderWay, resume } from './chain.ts';
import { attempt, endTurn } from './evaluation.ts';
import { fallbackEdge, ownEdges } from './offers.ts';
import { newVisit } from './state.ts';
import type { Step } from './step.ts';
import { askAgain, ladder, lineAt } from './words.ts';

/** The turn came to nothing and no model answers: the next rung of `lines.no_match` (rule 8). */
export function noMatch(step: Step): void {
  const misses = step.state.visit.misses + 1;
  step.updateVisit({ misses });
  if (leaveWhenWornOut(step)) return;
  if (misses <= ladder(step, 'noMatch').length) {
    step.speak(lineAt(step, 'noMatch', misses - 1));
    askAgain(step);
    endTurn(step);
  } else if (!takeFallback(step, 'fallback') && !transferOut(step)) {
    endCall(step, 'no_match');
  }
}

/**
 * The model answered without moving. That counts as a miss too, but as the caller was answered, a
 * worn-out ladder leads only to a fallback edge or a transfer, never to a goodbye.
 */
export function answered(step: Step): boolean {
  if (step.state.pending?.progress === true) return leaveWhenWornOut(step);
  const misses = step.state.visit.misses + 1;
  step.updateVisit({ misses });
  if (leaveWhenWornOut(step)) return true;
  if (misses <= ladder(step, 'noMatch').length) return false;
  return takeFallback(step, 'fallback') || transferOut(step);
}

/** The caller said nothing for the `count`-th time in a row (rule 20). */
export function silent(step: Step, count: number): void {
  step.update({ silences: count });
  if (isUnderWay(step)) return resume(step);
  if (step.state.beforeEnd !== null) {
    askAgain(step);
    endHere(step);
    return;
  }
  const edge = ownEdges(step.node).find((own) => own.match?.silence === count);
  if (edge !== undefined && attempt(step, { edge, by: 'silence' })) return;
  if (count <= ladder(step, 'noInput').length) {
    step.speak(lineAt(step, 'noInput', count - 1));
    askAgain(step);
  } else if (!takeFallback(step, 'fallback')) {
    endCall(step, 'no_input');
  }
}

/** The flow allows no more turns, or no more time. */
export function overLimit({ flow, state, nowMs }: Step): boolean {
  const { maxTurns = Infinity, maxDurationMs = Infinity } = flow.limits;
  return state.turns > maxTurns || nowMs - (state.startedAtMs ?? nowMs) > maxDurationMs;
}

/** The engine itself ends the conversation, with a goodbye. */
export function endCall(step: Step, outcome: string): void {
  step.speak(lineAt(step, 'goodbye', 0));
  step.update({ ended: true, outcome, stack: [], beforeEnd: null });
  endTurn(step);
}

/** Rule 10: the utterance after the last one that the node allows. */
export function leaveWhenWornOut(step: Step): boolean {
  const { maxTurns = Infinity } = step.node;
  return step.state.visit.utterances > maxTurns && takeFallback(step, 'max_turns');
}

function takeFallback(step: Step, by: MoveReason): boolean {
  const edge: Edge | undefined = fallbackEdge(step.node);
  return edge !== undefined && attempt(step, { edge, by });
}

/** The nearest thing to a human that the flow has. */
function transferOut(step: Step): boolean {
  const node = [...step.flow.nodes.values()].find(({ transfer }) => transfer !== undefined);
  if (node === undefined || node.id === step.state.node) return false;
  const { node: from, visit, visits } = step.state;
  step.update({
    node: node.id,
    visit: newVisit(visit.number + 1),
    visits: { ...visits, [node.id]: (own(visits, node.id) ?? 0) + 1 },
    stack: [],
    beforeEnd: node.type === 'final' ? { node: from, visit, moves: 0 } : null,
  });
  step.moved('transfer', from, 'fallback');
  enter(step);
  endTurn(step);
  return true;
}
