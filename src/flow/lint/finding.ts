import type { FlowPlace } from '../errors.ts';
import type { FlowFile } from '../schema.ts';
import type { Flow } from '../types.ts';

/** `error`: a call goes wrong there. `warning`: it may. `info`: nothing is wrong with the call. */
export type Severity = 'error' | 'warning' | 'info';

/** What lint has to say about one place of a flow. */
export interface Finding extends FlowPlace {
  /** Stable name of the check, as in `unreachable`. */
  rule: string;
  severity: Severity;
  /** What is wrong. */
  message: string;
  /** What to do about it. Empty where the message says it. */
  advice: string;
  /** 1-based line of the file, where it is known. */
  line?: number;
}

/** A flow as it is written and as it is understood. */
export interface Linted {
  file: FlowFile;
  flow: Flow;
}

/** One subject of lint. */
export type Rule = (linted: Linted) => Finding[];
