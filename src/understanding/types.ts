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

/** A regular expression of a flow. */
export interface Pattern {
  readonly source: string;
  /** The first place where it fits. */
  find(text: string): Span | undefined;
  /** Whether the whole text fits, whichever way the pattern was anchored. */
  fitsWhole(text: string): boolean;
  /** The same, where case matters: `ab12` does not fit `[A-Z]+[0-9]+`. */
  fitsInCase(text: string): boolean;
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

/** What kind of value a slot holds. */
export type SlotType =
  | 'text'
  | 'number'
  | 'integer'
  | 'digits'
  | 'date'
  | 'time'
  | 'datetime'
  | 'phone'
  | 'email'
  | 'enum'
  | 'boolean';

/** One allowed value of an enum slot, and other ways in which callers name it. */
export interface SlotOption {
  value: string;
  synonyms: readonly string[];
}

/**
 * A value that the flow collects. Normal forms: date `YYYY-MM-DD`, time `HH:MM`, datetime
 * `YYYY-MM-DDTHH:MM`, phone E.164, digits a string of 0-9, number and integer a JSON number,
 * boolean true or false, enum one of `options`, text and email a string.
 */
export interface Slot {
  name: string;
  type: SlotType;
  /** For `enum`, never empty; for other types empty. */
  options: readonly SlotOption[];
  /** The whole normal form must fit, whether it is anchored or not. */
  pattern?: Pattern;
  /** Exact number of characters of a digits or text value. */
  length?: number;
  /** The value is read back and counts only after a yes. */
  confirm: boolean;
  /** Masked in logs and reports. */
  sensitive: boolean;
  /** Slots to clear when this one changes. */
  invalidates: readonly string[];
  description?: string;
}

/** A named list of ways to say one thing. */
export interface Intent {
  examples: readonly string[];
  patterns: readonly Pattern[];
}
