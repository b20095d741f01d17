import { z } from 'zod';
import type { ChatMessage } from '../agent/chat-context.ts';
import type { SessionHandle } from './handle.ts';

const machineState = z.object({ startedAtMs: z.number().nullable() });

/** Nothing has happened in it yet. The history tells, except of a machine that opens without a word. */
export function isNew({ flowState, chatCtx }: SessionHandle): boolean {
  const state = machineState.safeParse(flowState).data;
  return state === undefined ? chatCtx.items.length === 0 : state.startedAtMs === null;
}

/**
 * What stands in for the opening where a conversation is taken up again: a machine asks its question
 * once more; of any other agent these are its last words, since it would greet again.
 */
export function wordsToTakeUp(session: SessionHandle): ChatMessage | undefined {
  if (machineState.safeParse(session.flowState).success || isNew(session)) return undefined;
  return session.chatCtx.items.findLast(({ role }) => role === 'assistant');
}
