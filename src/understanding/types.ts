import type { Json } from '../json.ts';

/** What an utterance is understood against. */
export interface UnderstandingContext {
  /** The call's clock, milliseconds since the epoch. */
  nowMs: number;
  /** IANA name; relative dates are counted in it. */
  timeZone: string;
  /** ISO 3166-1 alpha-2; phone numbers without a country code belong to it. */
  region: string;
}

/** A piece of the utterance, in UTF-16 code units: `[from, to)`. */
export interface Span {
  from: number;
  to: number;
}

/** A value found in an utterance for one slot. */
export interface Extraction extends Span {
  /** `complete`: `value` is in normal form and valid. `partial`: a beginning. `too_long`: more than fits. */
  status: 'complete' | 'partial' | 'too_long';
  /** Normal form; for a partial value what is there so far (digits: the digits). */
  value: Json;
  /** The caller's words it stands on. */
  words: string;
}

/** How well an utterance fits what an edge listens for. */
export interface MatchScore {
  /** 0 to 1; 1 for a pattern. */
  score: number;
  by?: 'pattern' | 'example';
  /** What is left of the utterance holds no negation, contrast or question and at most two content words. */
  covers: boolean;
}
