import type { FlowPlace, FlowProblem } from './errors.ts';
import type { FlowFile } from './schema.ts';

const LATER = 'is part of the flow language, but this version does not run it yet';

/** Constructs that parse and that the machine would have to ignore: refused, so that none is. */
export function unsupportedProblems(file: FlowFile): FlowProblem[] {
  const problems: FlowProblem[] = [];
  const refuse = (used: boolean, field: string, place: FlowPlace): void => {
    if (used) problems.push({ ...place, field, message: LATER });
  };
  refuse((file.tools ?? []).length > 0, 'tools', {});
  for (const node of file.nodes) {
    const place = { node: node.id };
    refuse((node.tools ?? []).length > 0, 'tools', place);
    refuse(node.interruptible === false, 'interruptible', place);
    refuse(node.must_be_heard === true, 'must_be_heard', place);
    refuse(node.endpointing !== undefined, 'endpointing', place);
  }
  return problems;
}
