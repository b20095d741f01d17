import type { Hook } from '@hono/zod-openapi';
import type { Env } from 'hono';
import { failed } from './failures.ts';

/** What came is not told back: it may be personal. */
export const refuseBadInput: Hook<unknown, Env, string, Response | undefined> = (result, c) => {
  if (result.success) return undefined;
  const issues = result.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join('.')}: ${message}` : message,
  );
  return failed(c, { status: 400, code: 'bad_request', message: issues.join('; ') });
};
