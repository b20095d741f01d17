import { beforeAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { createModel } from '../../src/llm/create-model.ts';
import { ModelError } from '../../src/llm/errors.ts';
import { fallbackModel } from '../../src/llm/fallback-model.ts';
import type { LanguageModel, ModelRequest } from '../../src/llm/model.ts';
import { startFakeAnthropic } from '../support/fake-anthropic.ts';
import { startFakeOpenAI } from '../support/fake-openai.ts';
import type { FakeProvider } from '../support/fake-provider.ts';
import { done, read, text } from './reading.ts';

const LATE_MS = 3_600_000;

const request: ModelRequest = {
  system: 'You work at a bank.',
  messages: [{ role: 'user', content: 'Hello.' }],
};

const prices = {
  'openai/first': { inputPerMTok: 1000, outputPerMTok: 10_000 },
  'anthropic/second': { inputPerMTok: 2000, cachedInputPerMTok: 500, outputPerMTok: 20_000 },
};

beforeAll(async () => {
  await Promise.all([import('openai'), import('@anthropic-ai/sdk')]);
});

interface ChainOptions {
  hedgeAfterMs?: number;
  firstTokenMs?: number;
}

function chainOf(first: FakeProvider, second: FakeProvider, options: ChainOptions = {}) {
  return createModel(['openai/first', 'anthropic/second'], {
    env: {
      OPENAI_API_KEY: 'sk-1',
      OPENAI_BASE_URL: first.url,
      ANTHROPIC_API_KEY: 'sk-2',
      ANTHROPIC_BASE_URL: second.url,
    },
    prices,
    // No deadline may close what a test waits to see closed.
    firstTokenMs: LATE_MS,
    ...options,
  });
}

async function failure(stream: ReturnType<LanguageModel['stream']>): Promise<ModelError> {
  const error = await read(stream).catch((reason: unknown) => reason);
  if (!(error instanceof ModelError)) throw new Error('no ModelError came');
  return error;
}

describe('a list of models', () => {
  test('the second is not asked while the first answers', async () => {
    await using first = await startFakeOpenAI({ text: 'From the first.' });
    await using second = await startFakeAnthropic();
    const deltas = await read(chainOf(first, second).stream(request));
    expect(text(deltas)).toBe('From the first.');
    expect(done(deltas).calls).toMatchObject([{ uri: 'openai/first', outcome: 'answered' }]);
    expect(second.requests).toEqual([]);
  });

  test.each([
    ['an error', { status: 503 }, 'model_unavailable'],
    ['a wrong key', { status: 401 }, 'model_auth'],
    ['no protocol', { fault: 'html' }, 'model_garbage'],
    ['an error before the first word', { text: '', fault: 'overloaded' }, 'model_unavailable'],
    ['silence', { fault: 'stall' }, 'model_timeout'],
  ] as const)('%s of the first makes the second answer', async (_, reply, code) => {
    await using first = await startFakeOpenAI(reply);
    await using second = await startFakeAnthropic({ text: 'From the second.' });
    const deltas = await read(chainOf(first, second, { firstTokenMs: 100 }).stream(request));
    expect(text(deltas)).toBe('From the second.');
    expect(done(deltas).calls).toMatchObject([
      { uri: 'openai/first', outcome: 'failed', error: code },
      { uri: 'anthropic/second', outcome: 'answered' },
    ]);
  });

  test('after the first word an error is final', async () => {
    await using first = await startFakeOpenAI({ fault: 'drop' });
    await using second = await startFakeAnthropic();
    const error = await failure(chainOf(first, second).stream(request));
    expect(error.code).toBe('model_unavailable');
    expect(error.calls).toEqual([
      { uri: 'openai/first', outcome: 'failed', error: 'model_unavailable' },
    ]);
    expect(second.requests).toEqual([]);
  });

  test('after a tool call an error is final too', async () => {
    const call: LanguageModel = {
      uri: 'custom/a/b',
      structured: false,
      async *stream() {
        yield { type: 'tool_call', id: '1', name: 'pay', arguments: {} };
        throw new ModelError('model_unavailable', 'gone');
      },
    };
    await using second = await startFakeOpenAI();
    const next = createModel(`openai/x@${second.url}`);
    const error = await failure(fallbackModel([call, next]).stream(request));
    expect(error.message).toBe('gone');
    expect(second.requests).toEqual([]);
  });

  test('where none answers, the error tells of each', async () => {
    await using first = await startFakeOpenAI({ status: 503 });
    await using second = await startFakeAnthropic({ status: 429 });
    const error = await failure(chainOf(first, second).stream(request));
    expect(error).toMatchObject({ code: 'model_rate_limit', status: 429 });
    expect(error.message).toMatch(/openai\/first: HTTP 503.*anthropic\/second: HTTP 429/);
    expect(error.calls).toMatchObject([{ uri: 'openai/first' }, { uri: 'anthropic/second' }]);
  });

  test('an abort is no failure: nobody else is asked', async () => {
    await using first = await startFakeOpenAI({ firstTokenMs: LATE_MS });
    await using second = await startFakeAnthropic();
    const abort = new AbortController();
    const reason = new Error('the caller spoke');
    const reading = read(chainOf(first, second).stream(request, { signal: abort.signal }));
    await expect.poll(() => first.requests.length).toBe(1);
    abort.abort(reason);
    await expect(reading).rejects.toBe(reason);
    expect(await first.requests[0]?.closedByClient).toBe(true);
    expect(second.requests).toEqual([]);
  });

  test('requests are written for the first', () => {
    const model = (structured: boolean): LanguageModel => ({
      uri: 'custom/a/b',
      structured,
      async *stream() {},
    });
    expect(fallbackModel([model(true), model(false)]).structured).toBe(true);
    expect(fallbackModel([model(false), model(true)]).structured).toBe(false);
  });

  test('a stream that ends before it began is a failure', async () => {
    const mute: LanguageModel = { uri: 'custom/a/b', structured: false, async *stream() {} };
    await using second = await startFakeOpenAI({ text: 'Here.' });
    const chain = fallbackModel([mute, createModel(`openai/x@${second.url}`)]);
    expect(text(await read(chain.stream(request)))).toBe('Here.');
  });

  test('an empty list and a wrong delay are refused', () => {
    expect(() => createModel([])).toThrow(UsageError);
    const mute: LanguageModel = { uri: 'custom/a/b', structured: false, async *stream() {} };
    expect(() => fallbackModel([mute], { hedgeAfterMs: -1 })).toThrow(UsageError);
    expect(() => fallbackModel([mute], { hedgeAfterMs: NaN })).toThrow(UsageError);
  });
});

describe('hedging', () => {
  test('the second is asked when the first is late; the loser is closed and its cost counted', async () => {
    await using first = await startFakeOpenAI({ firstTokenMs: LATE_MS });
    await using second = await startFakeAnthropic({ text: 'From the second.' });
    const deltas = await read(chainOf(first, second, { hedgeAfterMs: 20 }).stream(request));
    expect(text(deltas)).toBe('From the second.');
    expect(await first.requests[0]?.closedByClient).toBe(true);
    const { calls, usage } = done(deltas);
    expect(calls).toEqual([
      {
        uri: 'anthropic/second',
        outcome: 'answered',
        usage: {
          inputTokens: 100,
          outputTokens: 4,
          cachedTokens: 64,
          cacheWrittenTokens: 16,
          cost: (36 * 2000 + 64 * 500 + 4 * 20_000) / 1e6,
        },
      },
      {
        uri: 'openai/first',
        outcome: 'lost',
        usage: { inputTokens: 100, outputTokens: 0, cachedTokens: 0, cost: (100 * 1000) / 1e6 },
        estimated: true,
      },
    ]);
    expect(usage).toMatchObject({ inputTokens: 200, outputTokens: 4, cachedTokens: 64 });
    expect(usage?.cost).toBeCloseTo(0.284, 10);
  });

  test('the loser is closed at the first word, not at the last', async () => {
    await using first = await startFakeOpenAI({ firstTokenMs: LATE_MS });
    await using second = await startFakeAnthropic({ fault: 'stall_midway' });
    const stream = chainOf(first, second, { hedgeAfterMs: 20 }).stream(request);
    for await (const _ of stream) {
      expect(await first.requests[0]?.closedByClient).toBe(true);
      break;
    }
    expect(await second.requests[0]?.closedByClient).toBe(true);
  });

  test('the first wins if it is only a little late', async () => {
    await using first = await startFakeOpenAI({ firstTokenMs: 200, text: 'From the first.' });
    await using second = await startFakeAnthropic({ firstTokenMs: LATE_MS });
    const deltas = await read(chainOf(first, second, { hedgeAfterMs: 20 }).stream(request));
    expect(text(deltas)).toBe('From the first.');
    expect(await second.requests[0]?.closedByClient).toBe(true);
    expect(done(deltas).calls).toMatchObject([{ outcome: 'answered' }, { outcome: 'lost' }]);
  });

  test('a failure of one of two that run leaves it to the other', async () => {
    await using first = await startFakeOpenAI({ firstTokenMs: 200, text: 'From the first.' });
    await using second = await startFakeAnthropic({ status: 500 });
    const deltas = await read(chainOf(first, second, { hedgeAfterMs: 20 }).stream(request));
    expect(text(deltas)).toBe('From the first.');
    expect(done(deltas).calls).toMatchObject([
      { uri: 'anthropic/second', outcome: 'failed' },
      { uri: 'openai/first', outcome: 'answered' },
    ]);
  });

  test('a first that is in time is not hedged', async () => {
    await using first = await startFakeOpenAI({ msPerToken: 30, text: 'One two three.' });
    await using second = await startFakeAnthropic();
    await read(chainOf(first, second, { hedgeAfterMs: 2000 }).stream(request));
    expect(second.requests).toEqual([]);
  });

  test('aborting closes both', async () => {
    await using first = await startFakeOpenAI({ firstTokenMs: LATE_MS });
    await using second = await startFakeAnthropic({ firstTokenMs: LATE_MS });
    const abort = new AbortController();
    const chain = chainOf(first, second, { hedgeAfterMs: 20 });
    const reading = read(chain.stream(request, { signal: abort.signal }));
    await expect.poll(() => second.requests.length).toBe(1);
    abort.abort();
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
    expect(await first.requests[0]?.closedByClient).toBe(true);
    expect(await second.requests[0]?.closedByClient).toBe(true);
  });
});
