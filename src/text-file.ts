import { readFileSync } from 'node:fs';
import { UsageError } from './errors.ts';

/** Throws a UsageError that names the file. */
export function readTextFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${path}: cannot be read: ${reason}`, { cause });
  }
}
