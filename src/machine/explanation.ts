import type { JsonObject } from '../json.ts';
import { own } from '../record.ts';
import type { Candidate } from './core/events.ts';
import type { FlowState } from './core/state.ts';

/**
 * Why a turn came out as it did, for `metadata.explain`: what the caller's words were compared with,
 * the slots that changed with the words they came from, and values that have begun. Holds what the
 * caller said.
 */
export function explanationOf(
  before: FlowState,
  after: FlowState,
  candidates: readonly Candidate[],
): JsonObject {
  return {
    candidates: candidates.map((candidate) => ({ ...candidate })),
    slots: changedSlots(before, after),
    begun: { ...after.visit.partials },
  };
}

function changedSlots(before: FlowState, after: FlowState): JsonObject[] {
  const names = new Set([...Object.keys(before.slots), ...Object.keys(after.slots)]);
  return [...names].filter((name) => !isSame(name, before, after)).map(describe);

  function describe(slot: string): JsonObject {
    const value = own(after.slots, slot);
    if (value === undefined) return { slot, value: null };
    return { slot, value, ...own(after.slotInfo, slot) };
  }
}

function isSame(name: string, before: FlowState, after: FlowState): boolean {
  const [old, current] = [before, after].map(({ slots, slotInfo }) =>
    JSON.stringify([own(slots, name), own(slotInfo, name)]),
  );
  return old === current;
}
