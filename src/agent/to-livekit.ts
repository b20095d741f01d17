import { llm } from '@livekit/agents';
import type { ChatMessage } from './chat-context.ts';

/** LiveKit has no message of a tool: the answer stands for itself, behind the call it belongs to. */
export function toLiveKit(messages: readonly ChatMessage[]): llm.ChatContext {
  return new llm.ChatContext(messages.flatMap(itemsOf));
}

function itemsOf({
  role,
  content,
  id,
  createdAt,
  interrupted = false,
  human = false,
  call,
}: ChatMessage): llm.ChatItem[] {
  if (role !== 'tool') {
    return [
      llm.ChatMessage.create({
        role,
        content,
        id,
        createdAt,
        interrupted,
        ...(human && { extra: { human } }),
      }),
    ];
  }
  const output = {
    id,
    callId: call?.id ?? id,
    name: call?.name ?? '',
    output: content,
    isError: call?.failed ?? false,
    createdAt,
  };
  const answer = llm.FunctionCallOutput.create(output);
  if (call === undefined) return [answer];
  const { id: callId, name } = call;
  const args = JSON.stringify(call.arguments);
  return [llm.FunctionCall.create({ id: `${id}/call`, callId, name, args, createdAt }), answer];
}
