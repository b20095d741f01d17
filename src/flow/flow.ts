import { basename, extname } from 'node:path';
import type { z } from 'zod';
import { FlowError, type FlowProblem } from './errors.ts';
import { normalise } from './normalise.ts';
import { pathOf, placeOf } from './places.ts';
import { fromReactFlow, isReactFlow } from './react-flow.ts';
import { flowSchema } from './schema.ts';
import { type FlowSource, parseFlowText, readFlowText } from './source.ts';
import type { Flow as FlowType } from './types.ts';

export type Flow = FlowType;

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

function flowOf(source: FlowSource, origin: { file?: string; name: string }): Flow {
  const data = isReactFlow(source.data) ? fromReactFlow(source.data, origin.file) : source.data;
  const checked = flowSchema.safeParse(data);
  const { flow, problems } = checked.success
    ? normalise(checked.data, origin)
    : { flow: undefined, problems: schemaProblems(checked.error, data) };
  if (flow !== undefined && problems.length === 0) return Object.freeze(flow);
  throw new FlowError(
    problems.map((problem) => ({ ...problem, ...lineOf(problem, source) })),
    origin.file,
  );
}

function schemaProblems(error: z.ZodError, data: unknown): FlowProblem[] {
  return error.issues.map((issue) => {
    const [unknown] = issue.code === 'unrecognized_keys' ? issue.keys : [];
    const path = unknown === undefined ? issue.path : [...issue.path, unknown];
    return {
      ...placeOf(path, data),
      message: unknown === undefined ? issue.message : 'there is no such key',
    };
  });
}

function lineOf(problem: FlowProblem, source: FlowSource): { line?: number } {
  const line = source.lineOf(pathOf(problem, source.data));
  return line === undefined ? {} : { line };
}
