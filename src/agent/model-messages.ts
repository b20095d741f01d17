import type { ModelMessage } from '../llm/model.ts';
import type { ChatMessage } from './chat-context.ts';

/**
 * A history as a model reads it. Providers refuse answers of tools that they are not told about, so
 * those of other tools are left out; the system's messages belong into the instructions.
 */
export function modelMessages(
  history: readonly ChatMessage[],
  isKnownTool: (name: string) => boolean,
): ModelMessage[] {
  const messages: ModelMessage[] = [];
  for (const { role, content, call } of history) {
    const last = messages.at(-1);
    if (role === 'tool') {
      if (call === undefined || !isKnownTool(call.name)) continue;
      const { failed, ...made } = call;
      messages.push(
        { role: 'assistant', content: '', toolCalls: [made] },
        { role: 'tool', callId: call.id, content, ...(failed === true && { failed }) },
      );
    } else if (role !== 'system') {
      if (last?.role === role) last.content += `\n${content}`;
      else messages.push({ role, content });
    }
  }
  return messages;
}

/** Instructions, what the history holds of the system's own, and guidance for this turn alone. */
export function instructionsOf(
  systemPrompt: string,
  history: readonly ChatMessage[],
  whispers: readonly string[],
): string {
  return [
    systemPrompt,
    ...history.filter(({ role }) => role === 'system').map(({ content }) => content),
    ...whispers.map((whisper) => `Supervisor, not for the caller's ears: ${whisper}`),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
