import { expect, test } from 'vitest';
import { createModel } from '../../src/llm/create-model.ts';
import type { ModelRequest } from '../../src/llm/model.ts';
import { startFakeAnthropic } from '../support/fake-anthropic.ts';
import { startFakeOpenAI } from '../support/fake-openai.ts';

const request: ModelRequest = {
  system: 'You work at a bank.',
  messages: [{ role: 'user', content: 'Hello.' }],
  schema: { name: 'decision', schema: { type: 'object' } },
  maxTokens: 400,
};

const keys = { OPENAI_API_KEY: 'sk-1', ANTHROPIC_API_KEY: 'sk-2' };

test('warming sends the prompt and the schema for a reply of a few tokens, to every model of a list', async () => {
  await using first = await startFakeOpenAI();
  await using second = await startFakeAnthropic();
  const model = createModel(['openai/gpt-5.1', 'anthropic/claude-haiku-4-5'], {
    env: { ...keys, OPENAI_BASE_URL: first.url, ANTHROPIC_BASE_URL: second.url },
  });
  const reports = await model.warm?.(request);
  expect(reports).toMatchObject([
    { uri: 'openai/gpt-5.1', usage: { inputTokens: 100 } },
    { uri: 'anthropic/claude-haiku-4-5', usage: { inputTokens: 100 } },
  ]);
  expect(first.requests[0]?.body).toMatchObject({
    max_completion_tokens: 16,
    messages: [{ role: 'system', content: request.system }, request.messages[0]],
    response_format: { json_schema: { schema: request.schema?.schema } },
  });
  expect(second.requests[0]?.body).toMatchObject({
    max_tokens: 16,
    output_config: { format: { schema: request.schema?.schema } },
  });
});

test('a schema that takes longer to compile than a caller would wait is waited for', async () => {
  await using server = await startFakeOpenAI({ firstTokenMs: 150 });
  const model = createModel(`openai/x@${server.url}?first_token_ms=30`);
  const [report] = (await model.warm?.(request)) ?? [];
  expect(report).not.toHaveProperty('error');
});

test('a model that cannot be warmed is reported beside those that can', async () => {
  await using broken = await startFakeOpenAI({ status: 401 });
  await using server = await startFakeOpenAI();
  const model = createModel([`vllm/a@${broken.url}`, `vllm/b@${server.url}`]);
  const reports = await model.warm?.(request);
  expect(reports).toMatchObject([
    { error: { code: 'model_auth' } },
    { uri: `vllm/b@${server.url}` },
  ]);
  expect(reports?.[1]).not.toHaveProperty('error');
});

test('aborting ends the warming', async () => {
  await using server = await startFakeOpenAI({ fault: 'stall' });
  const abort = new AbortController();
  const warming = createModel(`openai/x@${server.url}`).warm?.(request, { signal: abort.signal });
  await expect.poll(() => server.requests.length).toBe(1);
  abort.abort();
  await expect(warming).rejects.toMatchObject({ name: 'AbortError' });
  expect(await server.requests[0]?.closedByClient).toBe(true);
});
