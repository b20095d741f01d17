import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { type Document, isCollection, LineCounter, parseDocument } from 'yaml';
import { UsageError } from '../errors.ts';
import { FlowError } from './errors.ts';

/** The parsed text of a flow file, and where in the text its parts stand. */
export interface FlowSource {
  data: unknown;
  /** 1-based line of the value at `path`, or of the nearest part above it. */
  lineOf(path: readonly PropertyKey[]): number | undefined;
}

/** Throws a UsageError if the file cannot be read. */
export function readFlowText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : String(error);
    const message =
      reason === 'ENOENT'
        ? `there is no flow file ${path}`
        : `cannot read flow file ${path}: ${reason}`;
    throw new UsageError(message, { cause: error });
  }
}

/** Reads JSON or YAML. JSON is tried first: it is faster, and every JSON flow is also valid YAML. */
export function parseFlowText(text: string, file?: string): FlowSource {
  let document: Document | undefined;
  const counter = new LineCounter();
  const parsed = () => {
    document ??= documentOf(text, counter, file);
    return document;
  };
  const lineOf = (path: readonly PropertyKey[]) => lineIn(parsed(), counter, path);
  const json =
    extname(file ?? '') === '.yaml' || extname(file ?? '') === '.yml' ? undefined : jsonOf(text);
  if (json !== undefined) return { data: json.data, lineOf };

  const [error] = parsed().errors;
  if (error !== undefined) {
    const { line, col } = counter.linePos(error.pos[0]);
    throw new FlowError([{ message: `column ${col}: ${error.message}`, line }], file);
  }
  return { data: contentOf(parsed(), file), lineOf };
}

function documentOf(text: string, lineCounter: LineCounter, file: string | undefined): Document {
  try {
    // A key that is no text is a slip, as in `static_text: {{ name }}` without quotes.
    return parseDocument(text, { lineCounter, prettyErrors: false, stringKeys: true });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new FlowError([{ message: 'nested too deep to be read' }], file);
  }
}

/** Aliases that lead nowhere, or to too much, only show here. */
function contentOf(document: Document, file: string | undefined): unknown {
  try {
    return document.toJS();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new FlowError([{ message }], file);
  }
}

function jsonOf(text: string): { data: unknown } | undefined {
  try {
    return { data: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function lineIn(
  document: Document,
  counter: LineCounter,
  path: readonly PropertyKey[],
): number | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    const range = isNode(node) ? node.range : undefined;
    if (range) return counter.linePos(range[0]).line;
  }
  return undefined;
}

function isNode(value: unknown): value is { range?: [number, number, number] | null } {
  return isCollection(value) || (typeof value === 'object' && value !== null && 'range' in value);
}
