import type { Json } from '../json.ts';
import { correctionIn, standing } from './correction.ts';
import { readDigitRuns } from './digits.ts';
import { normaliseValue } from './normalise.ts';
import { readSpelled } from './spelled.ts';
import { readTimes, timeValue } from './times.ts';
import { tokenise } from './tokens.ts';
import type { Slot, UnderstandingContext } from './types.ts';
import { findValues } from './values.ts';

/** A value is said in at most this many utterances. */
const MOST_PIECES = 6;

/** Whether a value of this slot has to be found in what was said. */
export function isExact(slot: Slot): boolean {
  if (slot.pattern !== undefined) return true;
  return slot.type !== 'text' && slot.type !== 'enum' && slot.type !== 'boolean';
}

/**
 * Whether an exact value stands in one of the evidence texts, or in consecutive ones joined, as
 * digits and dates are said in pieces. Values that need not be said are always grounded.
 */
export function isGrounded(
  slot: Slot,
  value: Json,
  evidence: readonly string[],
  context: UnderstandingContext,
): boolean {
  if (!isExact(slot)) return true;
  const normalised = normaliseValue(slot, value, context);
  if (!normalised.ok) return false;
  for (let size = 1; size <= Math.min(MOST_PIECES, evidence.length); size += 1) {
    for (let start = 0; start + size <= evidence.length; start += 1) {
      const text = evidence.slice(start, start + size).join(' ');
      if (standsIn(text, slot, normalised.value, context)) return true;
    }
  }
  return false;
}

function standsIn(text: string, slot: Slot, value: Json, context: UnderstandingContext): boolean {
  const tokens = tokenise(text);
  const found = standing(findValues(text, slot, context), tokens, correctionIn(tokens));
  if (found.some((said) => said.status === 'complete' && said.value === value)) return true;
  switch (slot.type) {
    case 'time':
      return readTimes(tokens).some(
        (time) =>
          time.guessed &&
          timeValue({ ...time, minuteOfDay: (time.minuteOfDay + 720) % 1_440 }) === value,
      );
    case 'digits':
    case 'integer':
      return readDigitRuns(tokens).some(({ whole, parts }) =>
        [whole, ...parts].some((run) => run.digits === String(value)),
      );
    case 'text':
      return readSpelled(tokens).some((run) =>
        sameCode(run.map((piece) => piece.text).join(''), String(value)),
      );
    default:
      return false;
  }
}

function sameCode(a: string, b: string): boolean {
  const plain = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
  return plain(a) === plain(b);
}
