import type { llm } from '@livekit/agents';
import { readArguments } from '../llm/tool-calls.ts';
import type { ChatMessage } from './chat-context.ts';

/** What of LiveKit's history has words, or is the answer of a tool. */
export function fromLiveKit(items: readonly llm.ChatItem[]): ChatMessage[] {
  const calls = new Map(
    items.filter((item) => item.type === 'function_call').map((call) => [call.callId, call]),
  );
  return items.flatMap((item) => {
    if (item.type === 'message') return messageOf(item);
    return item.type === 'function_call_output' ? [answerOf(item, calls.get(item.callId))] : [];
  });
}

function messageOf({ id, role, createdAt, interrupted, extra, textContent }: llm.ChatMessage) {
  if (textContent === undefined) return [];
  const message: ChatMessage = {
    role: role === 'developer' ? 'system' : role,
    content: textContent,
    id,
    createdAt,
    ...(interrupted && { interrupted }),
    ...(extra.human === true && { human: true }),
  };
  return [message];
}

function answerOf(
  { id, callId, name, output, isError, createdAt }: llm.FunctionCallOutput,
  call: llm.FunctionCall | undefined,
): ChatMessage {
  const message: ChatMessage = { role: 'tool', content: output, id, createdAt };
  if (call === undefined && name === '') return message;
  return {
    ...message,
    call: {
      id: callId,
      name: call?.name ?? name,
      arguments: readArguments(call?.args ?? '') ?? {},
      ...(isError && { failed: true }),
    },
  };
}
