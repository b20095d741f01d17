import type { ContentBlockParam, MessageParam } from '@anthropic-ai/sdk/resources/messages';
import type { ModelMessage, ModelToolCall } from './model.ts';
import { toCallId, toCallName } from './tool-calls.ts';

/**
 * The API refuses a conversation that the assistant opens, as an agent that answers a call does, and
 * wants all results of a turn's calls in one message of the user, before any words.
 */
export function toMessages(messages: readonly ModelMessage[]): MessageParam[] {
  const sent: MessageParam[] =
    messages[0]?.role === 'assistant' ? [{ role: 'user', content: '(The call begins.)' }] : [];
  let results: ContentBlockParam[] | undefined;
  for (const message of messages) {
    if (message.role === 'assistant') {
      sent.push({ role: 'assistant', content: assistantContent(message) });
      results = undefined;
    } else if (message.role === 'tool') {
      if (results === undefined) {
        results = [];
        sent.push({ role: 'user', content: results });
      }
      results.push({
        type: 'tool_result',
        tool_use_id: toCallId(message.callId),
        content: message.content,
        ...(message.failed === true && { is_error: true }),
      });
    } else if (results !== undefined) {
      results.push({ type: 'text', text: message.content });
    } else {
      sent.push({ role: 'user', content: message.content });
    }
  }
  return sent;
}

function assistantContent({
  content,
  toolCalls = [],
}: Extract<ModelMessage, { role: 'assistant' }>): string | ContentBlockParam[] {
  if (toolCalls.length === 0) return content;
  return [
    ...thoughtsOf(toolCalls[0]),
    // An empty text is refused.
    ...(content === '' ? [] : [{ type: 'text' as const, text: content }]),
    ...toolCalls.flatMap((call, index) => [
      ...(index === 0 ? [] : thoughtsOf(call)),
      {
        type: 'tool_use' as const,
        id: toCallId(call.id),
        name: toCallName(call.name),
        input: call.arguments ?? {},
      },
    ]),
  ];
}

function thoughtsOf(call: ModelToolCall | undefined): ContentBlockParam[] {
  return (call?.thoughts ?? []).map((thought) =>
    'redacted' in thought
      ? { type: 'redacted_thinking', data: thought.redacted }
      : { type: 'thinking', thinking: thought.text, signature: thought.signature },
  );
}
