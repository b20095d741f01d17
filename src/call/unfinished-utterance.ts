import { english } from '../understanding/english.ts';
import { tokenise } from '../understanding/tokens.ts';

/** English words that nobody ends a sentence with. */
const LEADING_ON = new Set(
  (
    "a an the my your our and or but because so if when that which is are was it's i'm i'd i'll " +
    'to of for from with in on at by um uh er erm'
  ).split(' '),
);

/**
 * Whether the caller will probably go on after a pause: in the middle of a number, which people say
 * in groups, or of a sentence. It only makes the agent wait a little longer. Punctuation is the
 * recogniser's guess and says nothing.
 */
export function soundsUnfinished(text: string): boolean {
  const last = tokenise(text).findLast((token) => token.kind !== 'mark');
  if (last === undefined) return false;
  if (last.kind === 'number') return !last.ordinal;
  return (
    english.cardinals.has(last.text) ||
    english.zeroInDigits.has(last.text) ||
    english.repeats.has(last.text) ||
    LEADING_ON.has(last.text)
  );
}
