import { take } from './chain.ts';
import type { Choice } from './choose.ts';
import { refusalOf } from './gate.ts';
import type { Step } from './step.ts';

/** Counts the turn and opens its evaluation. */
export function beginTurn(step: Step, text: string): void {
  step.update({
    turns: step.state.turns + 1,
    silences: 0,
    pending: { text, progress: false },
  });
  step.updateVisit({ utterances: step.state.visit.utterances + 1 });
}

export function endTurn(step: Step): void {
  const { pending, visit } = step.state;
  if (pending?.progress === true && visit.misses > 0) step.updateVisit({ misses: 0 });
  step.update({ pending: null });
}

export function noteProgress(step: Step): void {
  const { pending } = step.state;
  if (pending !== null) step.update({ pending: { ...pending, progress: true } });
}

/** Tries a move. A refused one is recorded, and the evaluation goes on. */
export function attempt(step: Step, { edge, by }: Choice): boolean {
  const offer = { id: edge.id, path: [edge], target: edge.target, condition: edge.condition };
  const refusal = refusalOf(step, offer, by);
  if (refusal !== undefined) {
    step.refused(refusal);
    return false;
  }
  take(step, offer, by);
  endTurn(step);
  return true;
}
