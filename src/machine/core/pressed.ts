import { isUnderWay, resume } from './chain.ts';
import { attempt, beginTurn, endTurn } from './evaluation.ts';
import { jump, jumps } from './jump.ts';
import { asksForKeys, edgeOfKeys, typedValue } from './keys.ts';
import { endCall, noMatch, overLimit } from './ladder.ts';
import { globalEdges, ownEdges } from './offers.ts';
import { understand } from './said.ts';
import type { Step } from './step.ts';

/**
 * Keys of the telephone: a choice that an edge waits for, or the value that is asked for. While a
 * number is asked for, a global edge is meant only by its keys alone: the number may begin with them.
 */
export function pressed(step: Step, digits: string): void {
  const keys = step.state.typedAhead + digits;
  beginTurn(step, keys);
  step.update({ typedAhead: '' });
  if (overLimit(step)) return endCall(step, 'limit');
  if (isUnderWay(step)) return pressedMeanwhile(step, keys);
  if (step.state.beforeEnd === null && follows(step, edgeOfKeys(ownEdges(step.node), keys))) return;
  const global = edgeOfKeys(globalEdges(step.flow, step.node), keys);
  const asksForNumber = asksForKeys(step);
  if ((!asksForNumber || global?.rest === '') && follows(step, global)) return;
  if (step.state.beforeEnd !== null) {
    step.effects.push({ type: 'ask' });
    return;
  }
  const value = typedValue(keys);
  if (value !== '' && asksForNumber) understand(step, value);
  else noMatch(step);
}

/** Keys that lead nowhere else are typed ahead for where the move comes to rest. */
function pressedMeanwhile(step: Step, keys: string): void {
  const keyed = edgeOfKeys(jumps(step), keys);
  if (keyed?.rest === '' && jump(step, { edge: keyed.edge, by: 'dtmf' })) return;
  step.update({ typedAhead: keys });
  resume(step);
  endTurn(step);
}

function follows(step: Step, keyed: ReturnType<typeof edgeOfKeys>): boolean {
  if (keyed === undefined) return false;
  step.update({ typedAhead: keyed.rest });
  if (attempt(step, { edge: keyed.edge, by: 'dtmf' })) {
    endTurn(step);
    return true;
  }
  step.update({ typedAhead: '' });
  return false;
}
