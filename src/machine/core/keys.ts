import type { Edge, Slot } from '../../flow/types.ts';
import { dtmfMatches } from '../../understanding/index.ts';
import { askedSlots, listen } from './listen.ts';
import type { Step } from './step.ts';

/** Slots whose value can be typed on a telephone. */
const TYPED = new Set<Slot['type']>(['digits', 'number', 'integer', 'phone', 'date', 'time']);

/** The edge that the longest sequence at the start of the keys leads along, and the keys behind it. */
export function edgeOfKeys(
  edges: readonly Edge[],
  keys: string,
): { edge: Edge; matched: string; rest: string } | undefined {
  return edges
    .flatMap((edge) => {
      const { matched, rest } = dtmfMatches(keys, edge.match?.dtmf ?? []);
      return matched === undefined ? [] : [{ edge, matched, rest }];
    })
    .sort((a, b) => b.matched.length - a.matched.length)[0];
}

/** The node asks for something that can be typed. */
export function asksForKeys(step: Step): boolean {
  return askedSlots(step).some(({ type }) => TYPED.has(type));
}

/** What the keys stand for as a value; `*` and `#` only end it. */
export function typedValue(keys: string): string {
  return keys.replace(/[*#]/g, '');
}

/** Keys typed ahead are the value that the node asks for, if it asks for one and they fit. */
export function fillTypedAhead(step: Step): void {
  const { typedAhead } = step.state;
  const value = typedValue(typedAhead);
  if (value !== '' && asksForKeys(step)) listen(step, value);
}
