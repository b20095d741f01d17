import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Flows that others wrote. They are not part of this repository. */
const FOLDER = fileURLToPath(new URL('../../../shared/flows/', import.meta.url));

export const hasSharedFlows = existsSync(FOLDER);

export function sharedFlow(name: string): string {
  return `${FOLDER}${name}.json`;
}

/** Says which suites run on nothing: a skipped one is easily taken for one that passed. */
export function warnIfSkipped(...flows: readonly string[]): void {
  if (!hasSharedFlows) console.warn(`SKIPPED: ${flows.join(', ')}. There is no folder ${FOLDER}`);
}
