import { z } from 'zod';
import { agentErrorOf } from '../agent/turns.ts';
import { FlowSet } from '../flow/flow-set.ts';
import type { Flow } from '../flow/types.ts';
import type { Json } from '../json.ts';
import { namedRecord } from '../named-record.ts';
import type { SessionHandle } from '../session/handle.ts';
import { BETWEEN_TURNS, type Exchange } from './exchange.ts';
import type { SessionView, TurnReply } from './schemas.ts';

/** A turn as the client sees it. */
export function turnReplyOf(sessionId: string, { results, opened }: Exchange): TurnReply {
  const last = results.at(-1) ?? results[0];
  const spoken = results.filter(({ text }) => text !== '');
  const error = results.map(agentErrorOf).find((found) => found !== undefined);
  const messageId = spoken.at(-1)?.messageId;
  const node = last.metadata.to;
  return {
    session_id: sessionId,
    reply: spoken.map(({ text }) => text).join(BETWEEN_TURNS),
    ...(messageId !== undefined && { message_id: messageId }),
    opened,
    ended: last.ended,
    ...(last.outcome !== undefined && { outcome: last.outcome }),
    ...(typeof node === 'string' && { node }),
    moves: results.flatMap(({ moves }) => moves),
    effects: results.flatMap(({ effects }) => effects),
    tool_calls: results.flatMap(({ toolCalls }) => toolCalls),
    ...(error !== undefined && { error: { code: error.code } }),
  };
}

const machineState = z.object({
  flow: z.object({ name: z.string() }),
  node: z.string(),
  slots: namedRecord<Json>(z.json()),
});

type MachineState = z.infer<typeof machineState>;

/** What may be shown of a session. */
export function sessionViewOf(
  session: SessionHandle,
  flow: Pick<Flow, 'slots'> | FlowSet | undefined,
): SessionView {
  const state = machineState.safeParse(session.flowState).data;
  return {
    session_id: session.id,
    messages: session.chatCtx.items.map(({ id, role, content, createdAt, interrupted, human }) => ({
      id,
      role,
      content,
      created_at: new Date(createdAt).toISOString(),
      ...(interrupted !== undefined && { interrupted }),
      ...(human !== undefined && { human }),
    })),
    ...(state !== undefined && { node: state.node }),
    slots: state === undefined ? {} : shownSlots(state, flow),
  };
}

const SENSITIVE = '[sensitive]';

/** A slot of a flow that is not known may be anything: it is there without its value. */
function shownSlots(
  { flow: { name }, slots }: MachineState,
  flow: Pick<Flow, 'slots'> | FlowSet | undefined,
): Record<string, Json> {
  const followed = flow instanceof FlowSet ? (flow.has(name) ? flow.get(name) : undefined) : flow;
  const shown = Object.entries(slots).map(([slot, value]): [string, Json] => [
    slot,
    followed?.slots.get(slot)?.sensitive === false ? value : SENSITIVE,
  ]);
  return Object.fromEntries(shown);
}
