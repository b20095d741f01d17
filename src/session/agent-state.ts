import { ChatContext, type ChatMessage } from '../agent/chat-context.ts';
import type { Json } from '../json.ts';
import type { SessionAgent } from './handle.ts';

/** Makes the agent of one session. */
export type AgentFactory = (id: string) => SessionAgent | Promise<SessionAgent>;

/** All that an agent needs to go on where another one was. */
export interface AgentState {
  messages: readonly ChatMessage[];
  /** `null` for an agent without a state of its own. */
  flowState: Json;
  /** See `SessionRecord.whispers`. */
  whispers: readonly string[];
}

/** Puts a new agent where another one was. Throws what the agent throws at a state it cannot read. */
export function putInto(agent: SessionAgent, { messages, flowState, whispers }: AgentState): void {
  agent.loadChatCtx(new ChatContext(messages));
  if (flowState !== null) agent.loadFlowState?.(flowState);
  for (const whisper of whispers) agent.assist(whisper);
}

/** True if the agent keeps whispers in its own state, and does not need them kept. */
export function keepsWhispers(agent: SessionAgent): boolean {
  return agent.flowState !== undefined;
}

/** True for a conversation that is not to be gone on with. */
export function hasEnded(flowState: unknown): boolean {
  return (
    typeof flowState === 'object' &&
    flowState !== null &&
    'ended' in flowState &&
    flowState.ended === true
  );
}
