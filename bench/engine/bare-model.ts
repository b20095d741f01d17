import OpenAI from 'openai';
import type { ModelRequest } from '../../src/llm/model.ts';
import { AGAIN } from './protocol.ts';
import type { Provider } from './provider.ts';

/**
 * Milliseconds from the same request, sent with the provider's SDK and nothing around it, to the first
 * spoken word of the same reply. Undefined if the reply says nothing.
 */
export async function firstWordMs(
  { messages, system, schema }: ModelRequest,
  provider: Provider,
): Promise<number | undefined> {
  const client = new OpenAI({ apiKey: 'none', baseURL: provider.url, maxRetries: 0 });
  const startedAt = performance.now();
  const stream = await client.chat.completions.create(
    {
      model: 'fake',
      stream: true,
      messages: [{ role: 'system', content: system }, ...messages.flatMap(plain)],
      ...(schema !== undefined && {
        response_format: { type: 'json_schema', json_schema: { strict: true, ...schema } },
      }),
    },
    { headers: { [AGAIN]: '1' } },
  );
  const begins = schema === undefined ? /\S/ : /"say":"[^"]/;
  let text = '';
  let afterMs: number | undefined;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    if (afterMs === undefined && begins.test(text)) afterMs = performance.now() - startedAt;
  }
  return afterMs;
}

/** The walks use no tools. */
function plain({ role, content }: ModelRequest['messages'][number]) {
  return role === 'tool' ? [] : [{ role, content }];
}
