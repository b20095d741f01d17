import { createHash } from 'node:crypto';

/** Most file systems allow 255 bytes; the writer of files adds some of its own. */
const MAX_NAME_LENGTH = 200;

/**
 * A file name that stands for this id alone, whatever stands in the id, and also where file names
 * are compared without regard to case.
 */
export function fileNameOf(id: string): string {
  const name = [...Buffer.from(id)].map(encodedByte).join('');
  if (name.length <= MAX_NAME_LENGTH) return `${name}.json`;
  const digest = createHash('sha256').update(id).digest('hex');
  // No short name has a tilde in it.
  return `${name.slice(0, MAX_NAME_LENGTH - digest.length)}~${digest}.json`;
}

function encodedByte(byte: number): string {
  const character = String.fromCharCode(byte);
  return /[a-z0-9_-]/.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
}
