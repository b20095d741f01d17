import type { Decoded } from './moonshine-model.ts';

/**
 * Mean log probability of a token. Noise, tones and music, forced to give words, stayed below -0.75;
 * digit strings that came out right were at -0.57 and above (tiny and base, both voices, and both
 * over the telephone).
 */
const leastForcedLogProbability = -0.73;

/** Whether the model made the words up. `forced`: it had to be kept from saying nothing. */
export function isHallucination(decoded: Decoded, forced: boolean): boolean {
  if (!/[a-z\d]/i.test(decoded.text)) return true;
  return forced && decoded.logProbability < leastForcedLogProbability;
}
