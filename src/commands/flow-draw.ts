import { basename, extname } from 'node:path';
import { UsageError } from '../errors.ts';
import { type Drawing, drawFlow, toMermaid } from '../flow/draw.ts';
import { readFlow } from '../flow/flow.ts';
import { parseFlowText, readFlowText } from '../flow/source.ts';
import { writeOutput } from './flow-output.ts';

export interface FlowDrawOptions {
  format: string;
  /** File to write; without one the drawing goes to standard output. */
  out?: string | undefined;
}

/**
 * `superdialog flow draw`. Draws also a flow that cannot be run yet: an edge to nowhere ends at a box
 * of its own. Throws a UsageError for an unknown format or a file that is no flow.
 */
export async function flowDraw(file: string, { format, out }: FlowDrawOptions): Promise<void> {
  const source = parseFlowText(readFlowText(file), file);
  const { flow } = readFlow(source, { file, name: basename(file, extname(file)) });
  writeOutput(await render(drawFlow(flow), format), out);
}

async function render(drawing: Drawing, format: string): Promise<string> {
  if (format === 'mermaid') return toMermaid(drawing);
  if (format !== 'svg') {
    throw new UsageError(`there is no drawing format "${format}"; use mermaid or svg`);
  }
  const { toSvg } = await import('./flow-svg.ts');
  return toSvg(drawing);
}
