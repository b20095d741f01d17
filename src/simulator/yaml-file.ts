import { type Document, isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { UsageError } from '../errors.ts';

/** Parses YAML and checks it. Throws `UsageError`: `path:line:column: field: what is wrong`. */
export function readYaml<T extends z.ZodType>(text: string, path: string, schema: T): z.output<T> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const broken = document.errors[0];
  if (broken !== undefined) throw new UsageError(`${place(broken.pos[0])}: ${broken.message}`);
  const parsed = schema.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap(innermost).flatMap(unknownKeysApart);
  const messages = problems.map(({ keys, message }) => {
    const field = keys.length === 0 ? 'file' : keys.join('.');
    return `${place(offsetOf(document, keys))}: ${field}: ${message}`;
  });
  throw new UsageError([...new Set(messages)].join('\n'));
}

interface Problem {
  keys: PropertyKey[];
  message: string;
}

/** A union fails with one list of issues for each of its members: the nearest one tells most. */
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const deepest = issue.errors.toSorted((a, b) => depth(b) - depth(a))[0] ?? [];
  if (depth(deepest) === 0) return [{ ...issue, message: 'has a wrong type' }];
  return deepest
    .map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }))
    .flatMap(innermost);
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(
    0,
    ...issues.map((issue) => issue.path.length + (issue.code === 'unrecognized_keys' ? 1 : 0)),
  );
}

function unknownKeysApart(issue: z.core.$ZodIssue): Problem[] {
  if (issue.code !== 'unrecognized_keys') return [{ keys: issue.path, message: issue.message }];
  return issue.keys.map((key) => ({ keys: [...issue.path, key], message: 'unknown key' }));
}

/** Where a field stands: its key if it has one, else its value, else the nearest around it. */
function offsetOf(document: Document.Parsed, keys: readonly PropertyKey[]): number {
  for (let length = keys.length; length > 0; length--) {
    const offset = offsetOfField(document, keys.slice(0, length));
    if (offset !== undefined) return offset;
  }
  return 0;
}

function offsetOfField(
  document: Document.Parsed,
  keys: readonly PropertyKey[],
): number | undefined {
  const parent = keys.length === 1 ? document.contents : document.getIn(keys.slice(0, -1), true);
  const last = keys.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === last);
    return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
  }
  const node = document.getIn(keys, true);
  return hasRange(node) ? node.range[0] : undefined;
}

function hasRange(node: unknown): node is { range: [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}
