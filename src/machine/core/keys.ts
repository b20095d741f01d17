import type { Slot } from '../../flow/types.ts';
import { dtmfMatches } from '../../understanding/index.ts';
import { attempt, beginTurn, endTurn } from './evaluation.ts';
import { noMatch } from './ladder.ts';
import { askedSlots } from './listen.ts';
import { globalEdges, ownEdges } from './offers.ts';
import { understand } from './said.ts';
import type { Step } from './step.ts';

/** Slots whose value can be typed on a telephone. */
const TYPED = new Set<Slot['type']>(['digits', 'number', 'integer', 'phone', 'date', 'time']);

/** Keys of the telephone: a choice that an edge waits for, or the value that is asked for. */
export function pressed(step: Step, digits: string): void {
  const typed = step.state.typedAhead + digits;
  beginTurn(step, typed);
  step.update({ typedAhead: '' });
  for (const edge of [...ownEdges(step.node), ...globalEdges(step.flow, step.node)]) {
    const { matched, rest } = dtmfMatches(typed, edge.match?.dtmf ?? []);
    if (matched === undefined) continue;
    step.update({ typedAhead: rest });
    if (attempt(step, { edge, by: 'dtmf' })) return;
  }
  const value = typed.replace(/[*#]/g, '');
  if (value !== '' && askedSlots(step).some(({ type }) => TYPED.has(type))) understand(step, value);
  else noMatch(step);
  endTurn(step);
}
