import { UsageError } from '../errors.ts';

/** What both providers accept. */
const TOOL_NAME = /^[\w-]{1,64}$/;

export function checkToolName(name: string): void {
  if (TOOL_NAME.test(name)) return;
  throw new UsageError(
    `tool name "${name}": expected 1 to 64 letters, digits, underscores or hyphens, as in check_stock`,
  );
}

/** The nearest name that is accepted. */
export function toToolName(name: string): string {
  return name.replace(/[^\w-]/g, '_').slice(0, 64);
}
