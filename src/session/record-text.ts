import { z } from 'zod';
import type { SessionRecord } from './store.ts';
import { SessionCorruptError, SessionFormatError } from './store.ts';

/** Grows when an older version of this package could no longer read what is written. */
const FORMAT = 1;

const envelope = z.object({ format: z.int() });

const message = z.looseObject({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.string(),
  id: z.string(),
  createdAt: z.number(),
  interrupted: z.boolean().exactOptional(),
});

const record = z.object({
  id: z.string(),
  version: z.int().positive(),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
  messages: z.array(message),
  // The agent checks its own state when it loads it.
  flowState: z.unknown(),
  whispers: z.array(z.string()).exactOptional(),
});

/** A session as text, for stores that keep text. */
export function writeRecord(session: SessionRecord): string {
  return JSON.stringify({ format: FORMAT, ...session });
}

/** Reads what `writeRecord` wrote. `where` names the place in errors: a file, or a key. */
export function readRecord(text: string, where: string): SessionRecord {
  const value = parsed(text, where);
  const head = envelope.safeParse(value);
  if (head.success && head.data.format > FORMAT) {
    throw new SessionFormatError(where, head.data.format, FORMAT);
  }
  const checked = record.safeParse(value);
  if (!head.success || !checked.success) {
    const [issue] = head.error?.issues ?? checked.error?.issues ?? [];
    throw new SessionCorruptError(where, `${issue?.path.join('.')}: ${issue?.message}`);
  }
  // What came out of JSON is JSON, and the schema checked the rest.
  return checked.data as SessionRecord;
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // The parser's own message would quote from the conversation.
    throw new SessionCorruptError(where, 'not JSON, or cut off', {
      cause: cause instanceof SyntaxError ? undefined : cause,
    });
  }
}
