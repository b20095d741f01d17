/** What the digits typed so far mean. */
export interface DtmfMatch {
  /** The longest wanted sequence at the start of what was typed. */
  matched?: string;
  /** Typed ahead: belongs to the next question. */
  rest: string;
  /** A further digit could still make a longer sequence: wait before deciding. */
  mightGrow: boolean;
}

export function dtmfMatches(pressed: string, wanted: readonly string[]): DtmfMatch {
  const mightGrow = wanted.some((keys) => keys.length > pressed.length && keys.startsWith(pressed));
  const [matched] = wanted
    .filter((keys) => keys !== '' && pressed.startsWith(keys))
    .sort((a, b) => b.length - a.length);
  if (matched === undefined) return { rest: pressed, mightGrow };
  return { matched, rest: pressed.slice(matched.length), mightGrow };
}
