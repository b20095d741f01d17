import type { Flow } from '../../flow/types.ts';
import { chooseByWords, isIntent } from './choose.ts';
import { decided } from './decided.ts';
import type { Advance, MachineEvent } from './events.ts';
import { pressed } from './keys.ts';
import { atEndOfLadder, noMatch, silent } from './ladder.ts';
import { settle } from './move.ts';
import type { FlowState } from './state.ts';
import { Step } from './step.ts';
import { said } from './said.ts';
import { newVisit } from './state.ts';

/**
 * The machine itself: folds one event into the state and says what is to be done. Pure: same
 * arguments, same result; nothing is changed in place, nothing is read but the arguments.
 */
export function advance(flow: Flow, state: FlowState, event: MachineEvent): Advance<FlowState> {
  if (event.type === 'end_cut') return { state: { ...state, ended: false }, effects: [] };
  const step = new Step(flow, state, event.atMs);
  if (!state.ended) evaluate(step, event);
  return { state: step.state, effects: step.effects };
}
