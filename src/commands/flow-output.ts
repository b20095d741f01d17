import { writeFileSync } from 'node:fs';
import { UsageError } from '../errors.ts';

/** Writes a text to a file, or to standard output where none is named. Throws a UsageError. */
export function writeOutput(text: string, file: string | undefined): void {
  if (file === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(file, text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${file} cannot be written: ${reason}`, { cause });
  }
}
