import { UsageError } from '../errors.ts';

/** What both providers accept. */
const TOOL_NAME = /^[\w-]{1,64}$/;

export const TOOL_NAME_EXPECTED =
  'expected 1 to 64 letters, digits, underscores or hyphens, as in check_stock';

export function isToolName(name: string): boolean {
  return TOOL_NAME.test(name);
}

export function checkToolName(name: string): void {
  if (!isToolName(name)) throw new UsageError(`tool name "${name}": ${TOOL_NAME_EXPECTED}`);
}

/** The nearest name that is accepted. */
export function toToolName(name: string): string {
  return name.replace(/[^\w-]/g, '_').slice(0, 64);
}
