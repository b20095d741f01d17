import type { Edge } from '../../flow/types.ts';
import type { Choice } from './choose.ts';
import { attempt } from './evaluation.ts';
import { globalEdges } from './offers.ts';
import { nodeOf, type Step } from './step.ts';

/** What is heard at once while a move waits for an action (rule 15): the ways to somewhere else, or to the end. */
export function jumps({ flow, node }: Step): Edge[] {
  return globalEdges(flow, node).filter(
    ({ detour, target }) => !detour || nodeOf(flow, target).type === 'final',
  );
}

/** Leaves the move that is under way where it is. False if the jump is refused. */
export function jump(step: Step, choice: Choice): boolean {
  const { work, running } = step.state;
  step.update({ work: [], running: null });
  if (attempt(step, choice)) return true;
  step.update({ work, running });
  return false;
}
