import type { Flow } from '../../flow/types.ts';
import { actionDone } from './actions.ts';
import { enter, isUnderWay, resume, workOn } from './chain.ts';
import { decided, undecided } from './decided.ts';
import type { Advance, MachineEvent } from './events.ts';
import { silent } from './ladder.ts';
import { pressed } from './pressed.ts';
import { hearLate, said } from './said.ts';
import { seed } from './seed.ts';
import type { FlowState } from './state.ts';
import { newVisit } from './state.ts';
import { Step } from './step.ts';
import { toolDone, toolsBegun } from './tools.ts';
import { askAgain } from './words.ts';

/**
 * The machine itself: folds one event into the state and says what is to be done. Pure: the same
 * arguments give the same result, nothing is changed in place, nothing but the arguments is read.
 */
export function advance(flow: Flow, state: FlowState, event: MachineEvent): Advance {
  switch (event.type) {
    case 'end_cut':
      return { state: { ...state, ended: false }, effects: [] };
    case 'taken_over':
      return { state: { ...state, takenOver: true }, effects: [] };
    case 'handed_back':
      return { state: { ...state, takenOver: false }, effects: [] };
  }
  const step = new Step(flow, state, event.atMs);
  const isMuted = state.takenOver && !ANSWERS.has(event.type);
  if (!state.ended && !isMuted) evaluate(step, event);
  return { state: step.state, effects: step.effects };
}

function evaluate(step: Step, event: Extract<MachineEvent, { atMs: number }>): void {
  if (!ANSWERS.has(event.type)) step.update({ passed: [], pending: null });
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
    case 'action_done':
      actionDone(step, event.result);
      if (event.cut === true) return;
      workOn(step);
      return hearLate(step);
    case 'tools_begun':
      return toolsBegun(step, event.keys);
    case 'tool_done':
      return toolDone(step, event.tool, event.key, event.result);
    case 'seeded':
      return seed(step, event.values);
    case 'wordless':
      return askAgain(step);
    case 'undecided':
      return undecided(step);
  }
}

/** Events that go on with a turn; any other begins one. */
const ANSWERS = new Set<MachineEvent['type']>([
  'decided',
  'undecided',
  'action_done',
  'tools_begun',
  'tool_done',
  'wordless',
  'seeded',
]);

/**
 * Enters the initial node. A conversation that is open already goes on with what an action had
 * interrupted, or hears its question again.
 */
function open(step: Step): void {
  const { state, nowMs } = step;
  if (state.startedAtMs === null) {
    step.update({ startedAtMs: nowMs, visit: newVisit(1), visits: { [state.node]: 1 } });
  }
  if (isUnderWay(step)) return resume(step);
  step.updateVisit({ spoken: false });
  enter(step);
}
