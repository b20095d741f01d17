import type { MoveReason, Refusal } from '../../agent/agent.ts';
import { own } from '../../record.ts';
import type { Offer } from './offers.ts';
import { nodeOf, type Step } from './step.ts';

/** A self-loop is refused when as many came before it in a row without changing a slot. */
const SELF_LOOPS = 2;

/** Who may move before the node's words were spoken: the machine itself and keys typed ahead. */
const NEEDS_NO_WORDS = new Set<MoveReason>(['dtmf', 'guard', 'always', 'collected', 'silence']);

/**
 * The checks of an offered move, in order; the first that fails is returned. Whether the edge is
 * offered here at all (a) has been found out by the caller.
 */
export function refusalOf(step: Step, offer: Offer, by: MoveReason): Refusal | undefined {
  return (
    guardRefusal(step, offer) ??
    loopRefusal(step, offer) ??
    slotRefusal(step, offer) ??
    criteriaRefusal(step, offer) ??
    wordsRefusal(step, offer, by)
  );
}

/** b. Its guard, if any, is true. */
function guardRefusal(step: Step, { id, path }: Offer): Refusal | undefined {
  const failed = path.find((edge) => edge.guard !== undefined && !step.holds(edge.guard, edge));
  if (failed?.guard === undefined) return undefined;
  return { rule: 'guard', edge: id, reason: `its guard is false: ${failed.guard.source}` };
}

/** c. Not the third self-loop in a row that changed no slot. */
function loopRefusal({ state }: Step, { id, target }: Offer): Refusal | undefined {
  if (target !== state.node || state.selfLoops < SELF_LOOPS) return undefined;
  return { rule: 'self_loop', edge: id, reason: 'it leads back to its own node once too often' };
}

/** d. What the edge carries is there. */
function slotRefusal(step: Step, { id, path }: Offer): Refusal | undefined {
  const missing = path.flatMap((edge) => edge.requires).filter((name) => !step.isFilled(name));
  if (missing.length === 0) return undefined;
  return { rule: 'slots', edge: id, reason: `missing: ${missing.join(', ')}` };
}

/** e. What the node collects is there, or the caller insists on going on without it. */
function criteriaRefusal(step: Step, { id, path }: Offer): Refusal | undefined {
  const [first] = path;
  if (first === undefined || first.isGlobal || first.isFallback) return undefined;
  const { node, state } = step;
  const missing = missingCriteria(step);
  if (missing.length === 0) return undefined;
  const refusal = { rule: 'criteria', edge: id, reason: `missing: ${missing.join(', ')}` };
  if (!node.allowSkip) return refusal;
  const refusedAt = own(state.visit.insisted, id);
  const insists =
    refusedAt !== undefined && state.turns > refusedAt && state.pending?.progress !== true;
  if (insists) return undefined;
  step.updateVisit({ insisted: { ...state.visit.insisted, [id]: state.turns } });
  return refusal;
}

/** f. The caller has heard the node's words begin, and answers them; no model ends an unheard call. */
function wordsRefusal(step: Step, offer: Offer, by: MoveReason): Refusal | undefined {
  const { node, state, flow } = step;
  const isEnd = nodeOf(flow, offer.target).type === 'final';
  if (by === 'model' && isEnd && node.type !== 'router' && state.turns === 0) {
    return { rule: 'words', edge: offer.id, reason: 'the caller has not said anything yet' };
  }
  if (NEEDS_NO_WORDS.has(by) || node.autoProceed || node.type === 'router') return undefined;
  if (node.type === 'static' || state.visit.spoken) return undefined;
  return { rule: 'words', edge: offer.id, reason: 'the words of the node have not begun' };
}

export function missingCriteria(step: Step): string[] {
  return step.node.criteria
    .filter((criterion) => criterion.required && !step.isFilled(criterion.key))
    .map((criterion) => criterion.key);
}
