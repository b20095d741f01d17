import type { Decoded } from './moonshine-model.ts';

/**
 * Noise, tones and music decode to nothing by themselves. Forced to begin, they gave made-up words
 * with at most -0.76 a token, digits were seen at -0.71 and better (tiny and base, both voices).
 */
const leastForcedLogProbability = -0.73;

/** Whether the model made the words up. `forced`: it had to be kept from saying nothing. */
export function isHallucination(decoded: Decoded, forced: boolean): boolean {
  if (!/[a-z\d]/i.test(decoded.text)) return true;
  return forced && decoded.logProbability < leastForcedLogProbability;
}
