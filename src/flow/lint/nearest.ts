import { distance } from 'fastest-levenshtein';

/** So many letters may be wrong, and never more than a third of the name. */
const MOST_WRONG = 2;

/** The name that was probably meant. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const most = Math.min(MOST_WRONG, Math.floor(name.length / 3));
  const close = [...known]
    .map((other) => ({ other, away: distance(name.toLowerCase(), other.toLowerCase()) }))
    .filter(({ other, away }) => other !== name && away <= most)
    .sort((a, b) => a.away - b.away);
  return close[0]?.other;
}
