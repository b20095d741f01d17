import type { Flow } from '../../flow/types.ts';
import { decided, undecided } from './decided.ts';
import type { Advance, MachineEvent } from './events.ts';
import { silent } from './ladder.ts';
import { settle } from './move.ts';
import { pressed } from './pressed.ts';
import { said } from './said.ts';
import type { FlowState } from './state.ts';
import { newVisit } from './state.ts';
import { Step } from './step.ts';

/**
 * The machine itself: folds one event into the state and says what is to be done. Pure: the same
 * arguments give the same result, nothing is changed in place, nothing but the arguments is read.
 */
export function advance(flow: Flow, state: FlowState, event: MachineEvent): Advance {
  if (event.type === 'end_cut') return { state: { ...state, ended: false }, effects: [] };
  const step = new Step(flow, state, event.atMs);
  if (!state.ended) evaluate(step, event);
  return { state: step.state, effects: step.effects };
}

function evaluate(step: Step, event: Exclude<MachineEvent, { type: 'end_cut' }>): void {
  switch (event.type) {
    case 'opened':
      return open(step);
    case 'said':
      return said(step, event.text);
    case 'dtmf':
      return pressed(step, event.digits);
    case 'silence':
      return silent(step, event.count);
    case 'decided':
      return decided(step, event.decision, event.evidence);
    case 'undecided':
      return undecided(step);
  }
}

/** Enters the initial node. A conversation that is open already only hears its question again. */
function open(step: Step): void {
  const { state, nowMs } = step;
  if (state.startedAtMs === null) {
    step.update({ startedAtMs: nowMs, visit: newVisit(1), visits: { [state.node]: 1 } });
  }
  settle(step);
}
