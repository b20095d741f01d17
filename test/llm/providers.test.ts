import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { createModel } from '../../src/llm/create-model.ts';
import { ModelError } from '../../src/llm/errors.ts';
import type { LanguageModel, ModelDelta, ModelRequest } from '../../src/llm/model.ts';
import { startFakeAnthropic } from '../support/fake-anthropic.ts';
import { startFakeOpenAI } from '../support/fake-openai.ts';
import type { FakeProvider, FakeReply } from '../support/fake-provider.ts';
import { read, text } from './reading.ts';

const KEY = 'sk-fake-0123456789';
const SECRET_WORDS = 'my card number is 4929';

const request: ModelRequest = {
  system: 'You work at a bank.',
  messages: [{ role: 'user', content: SECRET_WORDS }],
  about: { node: 'card', words: SECRET_WORDS },
  schema: {
    name: 'decision',
    schema: {
      type: 'object',
      properties: { say: { type: 'string' } },
      required: ['say'],
      additionalProperties: false,
    },
  },
};

async function failure(stream: AsyncIterable<ModelDelta>): Promise<ModelError> {
  const error = await read(stream).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ModelError);
  if (!(error instanceof ModelError)) throw error;
  expect(error.message).not.toContain(KEY);
  expect(error.message).not.toContain('4929');
  expect(error.cause).toBeUndefined();
  return error;
}

const providers = [
  {
    name: 'openai',
    keyVariable: 'OPENAI_API_KEY',
    start: startFakeOpenAI,
    model: (server: FakeProvider, uri = 'openai/gpt-5.1', firstTokenMs?: number) =>
      createModel(uri, {
        env: { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: server.url },
        ...(firstTokenMs !== undefined && { firstTokenMs }),
      }),
  },
  {
    name: 'anthropic',
    keyVariable: 'ANTHROPIC_API_KEY',
    start: startFakeAnthropic,
    model: (server: FakeProvider, uri = 'anthropic/claude-haiku-4-5', firstTokenMs?: number) =>
      createModel(uri, {
        env: { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: server.url },
        ...(firstTokenMs !== undefined && { firstTokenMs }),
      }),
  },
];

// Loading an SDK takes longer than the deadlines of some tests.
beforeAll(async () => {
  await Promise.all([import('openai'), import('@anthropic-ai/sdk')]);
});

describe.each(providers)('$name through its SDK', ({ name, keyVariable, start, model }) => {
  test('streams the words as they are written, then usage and the stop reason', async () => {
    await using server = await start({ text: 'Good morning, how can I help?' });
    const deltas = await read(model(server).stream(request));
    expect(text(deltas)).toBe('Good morning, how can I help?');
    expect(deltas.length).toBeGreaterThan(5);
    expect(deltas.at(-1)).toMatchObject({
      type: 'done',
      stop: 'end',
      usage: { inputTokens: 100, outputTokens: 8, cachedTokens: 64 },
    });
  });

  test.each(['length', 'refusal'] as const)('tells a stop by %s', async (stop) => {
    await using server = await start({ stop });
    const deltas = await read(model(server).stream(request));
    expect(deltas.at(-1)).toMatchObject({ type: 'done', stop });
  });

  test('ends an empty reply without words', async () => {
    await using server = await start({ text: '' });
    expect(await read(model(server).stream(request))).toMatchObject([{ type: 'done' }]);
  });

  test('a wrong key names the environment variable', async () => {
    await using server = await start({ status: 401, error: `Incorrect API key: ${KEY}` });
    const error = await failure(model(server).stream(request));
    expect(error).toMatchObject({ code: 'model_auth', status: 401 });
    expect(error.message).toContain(keyVariable);
    expect(error.message).toContain(name);
    expect(error.message).toContain('HTTP 401');
  });

  test.each([
    [400, 'model_bad_request'],
    [403, 'model_auth'],
    [404, 'model_bad_request'],
    [408, 'model_timeout'],
    [413, 'model_bad_request'],
    [429, 'model_rate_limit'],
    [500, 'model_unavailable'],
    [503, 'model_unavailable'],
    [529, 'model_unavailable'],
  ])('HTTP %i is %s, at once and with no retry', async (status, code) => {
    await using server = await start({ status, error: `You sent "${SECRET_WORDS}"` });
    const error = await failure(model(server).stream(request));
    expect(error).toMatchObject({ code, status });
    expect(error.message).toContain(String(status));
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ['garbage', 'model_garbage'],
    ['html', 'model_garbage'],
    ['drop', 'model_unavailable'],
    ['cut_off', 'model_unavailable'],
    ['overloaded', 'model_unavailable'],
  ] satisfies [FakeReply['fault'], string][])('%s is %s', async (fault, code) => {
    await using server = await start({ fault });
    expect(await failure(model(server).stream(request))).toMatchObject({ code });
  });

  test('the SDK prints nothing of a reply that it cannot read', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => {});
    await using server = await start({ fault: 'garbage' });
    await failure(model(server).stream(request));
    expect(printed).not.toHaveBeenCalled();
    printed.mockRestore();
  });

  test('no server is model_unavailable', async () => {
    const server = await start();
    await server[Symbol.asyncDispose]();
    expect(await failure(model(server).stream(request))).toMatchObject({
      code: 'model_unavailable',
    });
  });

  test.each(['stall', 'stall_midway'] as const)('%s is model_timeout', async (fault) => {
    await using server = await start({ fault });
    const error = await failure(model(server, undefined, 50).stream(request));
    expect(error).toMatchObject({ code: 'model_timeout' });
    expect(error.message).toContain('50 ms');
  });

  test('the deadline closes the connection', async () => {
    await using server = await start({ fault: 'stall_midway' });
    await failure(model(server, undefined, 300).stream(request));
    expect(await server.requests[0]?.closedByClient).toBe(true);
  });

  test('the deadline does not count the time of a slow reader', async () => {
    await using server = await start({ text: 'One two three.' });
    const words: ModelDelta[] = [];
    for await (const delta of model(server, undefined, 200).stream(request)) {
      if (words.length === 0) await sleep(300);
      words.push(delta);
    }
    expect(text(words)).toBe('One two three.');
  });

  test('aborting closes the connection and throws the reason', async () => {
    await using server = await start({ fault: 'stall_midway' });
    const abort = new AbortController();
    const reason = new Error('the caller spoke');
    const reading = (async () => {
      for await (const _ of model(server).stream(request, { signal: abort.signal })) {
        abort.abort(reason);
      }
    })();
    await expect(reading).rejects.toBe(reason);
    expect(await server.requests[0]?.closedByClient).toBe(true);
  });

  test('the server sees the connection closed within 50 ms of an abort', async () => {
    await using server = await start({ fault: 'stall_midway' });
    const closedAfterMs: number[] = [];
    // The best of five: what this machine does beside it is not the client's fault.
    for (let round = 0; round < 5; round += 1) {
      const abort = new AbortController();
      let abortedAtMs = 0;
      const reading = (async () => {
        for await (const _ of model(server).stream(request, { signal: abort.signal })) {
          abortedAtMs = performance.now();
          abort.abort();
        }
      })();
      await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
      await server.requests[round]?.closedByClient;
      closedAfterMs.push((server.requests[round]?.closedAtMs ?? Infinity) - abortedAtMs);
    }
    expect(Math.min(...closedAfterMs)).toBeLessThan(50);
  });

  test('a signal that is aborted already sends nothing', async () => {
    await using server = await start();
    const reading = read(model(server).stream(request, { signal: AbortSignal.abort() }));
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
    expect(server.requests).toEqual([]);
  });

  test('a reader that stops early closes the connection', async () => {
    await using server = await start({ fault: 'stall_midway' });
    for await (const _ of model(server).stream(request)) break;
    expect(await server.requests[0]?.closedByClient).toBe(true);
  });

  test('turns do not each open a connection', async () => {
    await using server = await start();
    const shared = model(server);
    for (let turn = 0; turn < 8; turn += 1) await read(shared.stream(request));
    // Node's fetch takes turns between two when requests follow at once.
    const connections = new Set(server.requests.map((sent) => sent.clientPort));
    expect(connections.size).toBeLessThanOrEqual(2);
  });

  test('a model can stream several replies at once', async () => {
    await using server = await start((_request, index) => ({ text: `Reply ${index}.` }));
    const shared = model(server);
    const replies = await Promise.all([1, 2, 3].map(() => read(shared.stream(request))));
    expect(replies.map(text).sort()).toEqual(['Reply 0.', 'Reply 1.', 'Reply 2.']);
  });
});

async function sentBody(
  start: typeof startFakeOpenAI,
  make: (server: FakeProvider) => LanguageModel,
  sent: ModelRequest = request,
) {
  await using server = await start();
  await read(make(server).stream(sent));
  const [recorded] = server.requests;
  return { body: recorded?.body ?? {}, headers: recorded?.headers ?? {}, path: recorded?.path };
}

describe('what OpenAI is sent', () => {
  const [openai] = providers;
  const send = (uri: string, sent?: ModelRequest) =>
    sentBody(startFakeOpenAI, (server) => openai?.model(server, uri) ?? createModel(uri), sent);

  test('the prompt, a strict schema, and what makes it fast', async () => {
    const { body, headers, path } = await send('openai/gpt-5.1', { ...request, maxTokens: 300 });
    expect(path).toBe('/v1/chat/completions');
    expect(headers.authorization).toBe(`Bearer ${KEY}`);
    expect(body).toEqual({
      model: 'gpt-5.1',
      messages: [
        { role: 'system', content: 'You work at a bank.' },
        { role: 'user', content: SECRET_WORDS },
      ],
      stream: true,
      stream_options: { include_usage: true },
      max_completion_tokens: 300,
      reasoning_effort: 'none',
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'decision', strict: true, schema: request.schema?.schema },
      },
    });
  });

  test.each([
    ['gpt-4.1-mini', undefined],
    ['gpt-4o', undefined],
    ['gpt-5-mini', 'minimal'],
    ['gpt-5-2025-08-07', 'minimal'],
    ['gpt-5-chat-latest', undefined],
    ['gpt-5.1-chat-latest', undefined],
    ['gpt-5.1-codex', 'low'],
    ['gpt-5.2-pro', undefined],
    ['gpt-5.4-nano', 'none'],
    ['gpt-5.6-luna', 'none'],
    ['gpt-6-luna', 'none'],
    ['gpt-6-astra', 'low'],
    ['gpt-6.1-sol', 'low'],
    ['gpt-7', undefined],
    ['o4-mini', 'low'],
    ['gpt-5.1?reasoning=default', undefined],
    ['gpt-7?reasoning=low', 'low'],
  ])('%s reasons with effort %s', async (model, effort) => {
    const { body } = await send(`openai/${model}`);
    expect(body.reasoning_effort).toBe(effort);
  });

  test('options of the URI, and the smaller of two bounds', async () => {
    const uri = 'openai/gpt-4.1?temperature=0.2&max_tokens=100&structured=false';
    const { body } = await send(uri, { ...request, maxTokens: 300 });
    expect(body).toMatchObject({ temperature: 0.2, max_completion_tokens: 100 });
    expect(body).not.toHaveProperty('response_format');
  });

  test('a compatible server gets plain parameters and no key of OpenAI', async () => {
    const { body, headers } = await sentBody(startFakeOpenAI, (server) =>
      createModel(`openai/meta/llama-3@${server.url}?max_tokens=50`, {
        env: { OPENAI_API_KEY: KEY },
      }),
    );
    expect(headers).not.toHaveProperty('authorization');
    expect(Object.keys(body).sort()).toEqual(
      ['max_tokens', 'messages', 'model', 'response_format', 'stream'].sort(),
    );
    expect(body.model).toBe('meta/llama-3');
  });

  test('vLLM under a bare host gets its API path, the schema, and is asked for usage', async () => {
    const host = (server: FakeProvider) => new URL(server.url).host;
    const { body, headers, path } = await sentBody(startFakeOpenAI, (server) =>
      createModel(`vllm/meta/llama-3@${host(server)}`, { env: { OPENAI_API_KEY: KEY } }),
    );
    expect(path).toBe('/v1/chat/completions');
    expect(headers).not.toHaveProperty('authorization');
    expect(body).toMatchObject({
      model: 'meta/llama-3',
      stream_options: { include_usage: true },
      response_format: { json_schema: { name: 'decision' } },
    });
  });

  test('vLLM behind a path of its own is found there', async () => {
    const { path } = await sentBody(startFakeOpenAI, (server) =>
      createModel(`vllm/x@${new URL('/gpu/v2', server.url).href}`),
    );
    expect(path).toBe('/gpu/v2/chat/completions');
  });

  test('a compatible server gets the key that its URI names', async () => {
    const { headers } = await sentBody(startFakeOpenAI, (server) =>
      createModel(`openai/x@${server.url}?api_key_env=LOCAL_KEY`, { env: { LOCAL_KEY: 'abc' } }),
    );
    expect(headers.authorization).toBe('Bearer abc');
  });

  test('a compatible server that wants a key: the message says how to give one', async () => {
    await using server = await startFakeOpenAI({ status: 401 });
    const model = createModel(`openai/x@${server.url}`, { env: {} });
    expect((await failure(model.stream(request))).message).toContain('?api_key_env=');
  });
});

describe('what Anthropic is sent', () => {
  const [, anthropic] = providers;
  const send = (uri: string, sent?: ModelRequest) =>
    sentBody(
      startFakeAnthropic,
      (server) => anthropic?.model(server, uri) ?? createModel(uri),
      sent,
    );

  test('the prompt marked for the cache, and the schema', async () => {
    const { body, headers, path } = await send('anthropic/claude-haiku-4-5');
    expect(path).toBe('/v1/messages');
    expect(headers.authorization).toBe(`Bearer ${KEY}`);
    expect(body).toEqual({
      model: 'claude-haiku-4-5',
      max_tokens: 4096,
      system: [{ type: 'text', text: 'You work at a bank.', cache_control: { type: 'ephemeral' } }],
      messages: [{ role: 'user', content: SECRET_WORDS }],
      stream: true,
      output_config: { format: { type: 'json_schema', schema: request.schema?.schema } },
    });
  });

  test.each([
    ['claude-haiku-4-5', {}],
    ['claude-opus-4-8', {}],
    ['claude-sonnet-5', { thinking: { type: 'disabled' } }],
    ['claude-haiku-5-5', { thinking: { type: 'disabled' } }],
    ['claude-sonnet-5-5', { thinking: { type: 'between_tools' } }],
    ['claude-opus-5-5', { output_config: { effort: 'low' } }],
    ['claude-fable-5-1', { output_config: { effort: 'low' } }],
    ['claude-sonnet-5?reasoning=default', {}],
    ['claude-opus-4-8?reasoning=low', { output_config: { effort: 'low' } }],
  ])('%s thinks as little as it can', async (model, expected) => {
    const { schema: _, ...plain } = request;
    const { body } = await send(`anthropic/${model}`, plain);
    const { thinking, output_config } = body;
    expect({ thinking, output_config }).toEqual({
      thinking: undefined,
      output_config: undefined,
      ...expected,
    });
  });

  test('a conversation that the assistant opened starts with a user', async () => {
    const { body } = await send('anthropic/claude-haiku-4-5', {
      ...request,
      messages: [{ role: 'assistant', content: 'Hello.' }, ...request.messages],
    });
    expect(body.messages).toMatchObject([
      { role: 'user' },
      { role: 'assistant' },
      { role: 'user' },
    ]);
  });

  test('a server of its own gets no key of Anthropic', async () => {
    const { headers } = await sentBody(startFakeAnthropic, (server) =>
      createModel(`anthropic/x@${server.url}`, { env: { ANTHROPIC_API_KEY: KEY } }),
    );
    expect(headers).not.toHaveProperty('x-api-key');
    expect(headers).not.toHaveProperty('authorization');
  });
});
