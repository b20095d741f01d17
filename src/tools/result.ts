import type { Json } from '../json.ts';
import type { ToolResult } from './tool.ts';

export function succeeded(data: Json, status: number | null = null): ToolResult {
  return { success: true, status, data, error: null };
}

/** `error` must hold no values: it goes to logs. */
export function failed(
  error: string,
  { status = null, data = null }: Partial<Pick<ToolResult, 'status' | 'data'>> = {},
): ToolResult {
  return { success: false, status, data, error };
}
