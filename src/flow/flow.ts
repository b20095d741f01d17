import { basename, extname } from 'node:path';
import type { z } from 'zod';
import { FlowError, type FlowProblem } from './errors.ts';
import { normalise } from './normalise.ts';
import { pathOf, placeOf } from './places.ts';
import { fromReactFlow, isReactFlow } from './react-flow.ts';
import { type FlowFile, flowSchema } from './schema.ts';
import { type FlowSource, parseFlowText, readFlowText } from './source.ts';
import type { Flow as FlowType } from './types.ts';

/** A loaded flow. */
export type Flow = FlowType;

/** Loads flows from files and texts. */
export const Flow = {
  /**
   * Reads a JSON or YAML file, synchronously. Throws a UsageError if it cannot be read and a
   * FlowError, which says what is wrong and where, if it is no flow.
   */
  load(path: string): Flow {
    return flowOf(parseFlowText(readFlowText(path), path), {
      file: path,
      name: basename(path, extname(path)),
    });
  },

  /** Takes the text of a JSON or YAML file, or the object it stands for. */
  parse(source: string | object, options: { file?: string; name?: string } = {}): Flow {
    const parsed =
      typeof source === 'string'
        ? parseFlowText(source, options.file)
        : { data: source, lineOf: () => undefined };
    return flowOf(parsed, { ...options, name: options.name ?? 'flow' });
  },
};

/** Finding a line takes a look through the file; a message shows no more problems than these. */
const LINES_TOLD = 20;
/** Deeper than any flow, and shallow enough for what walks over it. Cyclic aliases are endless. */
const MAX_DEPTH = 60;

function flowOf(source: FlowSource, origin: { file?: string; name: string }): Flow {
  const { flow, problems } = readFlow(source, origin);
  if (problems.length === 0) return Object.freeze(flow);
  throw new FlowError(problems, origin.file);
}

/** A file of the right shape: as it is written, and as the flow it stands for. */
export interface FlowReading {
  /** The file's data, React Flow exports already in the form of a flow file. */
  file: FlowFile;
  /** Not to be run if there are problems. */
  flow: Flow;
  problems: readonly FlowProblem[];
}

/** Throws a FlowError if the shape is wrong. */
export function readFlow(source: FlowSource, origin: { file?: string; name: string }): FlowReading {
  if (isDeeperThan(source.data, MAX_DEPTH)) {
    throw new FlowError([{ message: `nested more than ${MAX_DEPTH} deep` }], origin.file);
  }
  const data = isReactFlow(source.data) ? fromReactFlow(source.data, origin.file) : source.data;
  const withLine = (problem: FlowProblem, index: number) =>
    index < LINES_TOLD ? { ...problem, ...lineOf(problem, source) } : problem;
  const checked = flowSchema.safeParse(data);
  if (!checked.success) {
    throw new FlowError(schemaProblems(checked.error, data).map(withLine), origin.file);
  }
  const { flow, problems } = normalise(checked.data, origin);
  return { file: checked.data, flow, problems: problems.map(withLine) };
}

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeperThan(inner, depth - 1));
}

function schemaProblems(error: z.ZodError, data: unknown): FlowProblem[] {
  return error.issues.flatMap(detailed).map((issue) => {
    const [unknown] = issue.code === 'unrecognized_keys' ? issue.keys : [];
    const path = unknown === undefined ? issue.path : [...issue.path, unknown];
    return {
      ...placeOf(path, data),
      message: unknown === undefined ? issue.message : 'there is no such key',
    };
  });
}

/** What is wrong with the kind of value that was meant, where a field takes several. */
function detailed(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const isOtherKind = ({ code, path }: z.core.$ZodIssue) =>
    path.length === 0 && (code === 'invalid_type' || code === 'custom');
  const meant = issue.errors.find((issues) => !issues.some(isOtherKind));
  if (meant === undefined) return [issue];
  return meant.flatMap((inner) => detailed({ ...inner, path: [...issue.path, ...inner.path] }));
}

function lineOf(problem: FlowProblem, source: FlowSource): { line?: number } {
  const line = source.lineOf(pathOf(problem, source.data));
  return line === undefined ? {} : { line };
}
