import { basename, extname } from 'node:path';
import { FlowError } from './errors.ts';
import { normalise } from './normalise.ts';
import { fromReactFlow, isReactFlow } from './react-flow.ts';
import { flowSchema } from './schema.ts';
import { schemaProblems } from './schema-problems.ts';
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
  const data = isReactFlow(source.data) ? fromReactFlow(source.data) : source.data;
  const checked = flowSchema.safeParse(data);
  if (!checked.success) {
    throw new FlowError(schemaProblems(checked.error, data, source), origin.file);
  }
  return Object.freeze(normalise(checked.data, origin));
}
