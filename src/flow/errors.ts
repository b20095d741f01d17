import { UsageError } from '../errors.ts';

/** Where in a flow something is wrong. */
export interface FlowPlace {
  node?: string;
  edge?: string;
  /** Path of the field below the flow, node or edge, as in `match.patterns[0]`. */
  field?: string;
}

/** One thing that is wrong with a flow, and where. */
export interface FlowProblem extends FlowPlace {
  message: string;
  /** 1-based line of the file, where it is known. */
  line?: number;
}

const SHOWN = 10;

/** A flow that cannot be used. `problems` has every fault that was found, the first one first. */
export class FlowError extends UsageError {
  readonly file: string | undefined;
  readonly problems: readonly FlowProblem[];

  constructor(problems: readonly FlowProblem[], file?: string) {
    const shown = problems.slice(0, SHOWN).map((problem) => describe(problem, file));
    if (problems.length > SHOWN) shown.push(`and ${problems.length - SHOWN} more`);
    super(shown.join('\n'));
    this.file = file;
    this.problems = problems;
  }
}

function describe(problem: FlowProblem, file: string | undefined): string {
  const source =
    problem.line === undefined ? (file ?? 'flow') : `${file ?? 'flow'}:${problem.line}`;
  const place = [
    problem.node === undefined ? undefined : `node "${problem.node}"`,
    problem.edge === undefined ? undefined : `edge "${problem.edge}"`,
    problem.field,
  ].filter((part) => part !== undefined);
  return [source, place.join(', '), problem.message].filter((part) => part !== '').join(': ');
}
