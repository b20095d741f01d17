import { expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { createModel } from '../../src/llm/create-model.ts';
import type { ModelRequest } from '../../src/llm/model.ts';
import { priceOf, totalUsage, withCost } from '../../src/llm/model-cost.ts';
import { startFakeOpenAI } from '../support/fake-openai.ts';
import { done, read } from './reading.ts';

const usage = {
  inputTokens: 1000,
  outputTokens: 100,
  cachedTokens: 600,
  cacheWrittenTokens: 300,
};

test('input that was cached or put into a cache has its own price', () => {
  const price = {
    inputPerMTok: 10,
    cachedInputPerMTok: 1,
    cacheWritePerMTok: 12.5,
    outputPerMTok: 50,
  };
  expect(withCost(usage, price).cost).toBeCloseTo((1000 + 600 + 3750 + 5000) / 1e6, 12);
});

test('without prices of their own both cost as other input', () => {
  const price = { inputPerMTok: 10, outputPerMTok: 50 };
  expect(withCost(usage, price).cost).toBeCloseTo((10_000 + 5000) / 1e6, 12);
});

test('without a price there is no cost, rather than a cost of zero', () => {
  expect(withCost(usage, undefined)).not.toHaveProperty('cost');
});

test('a sum with a part of unknown cost has no cost', () => {
  const known = { inputTokens: 1, outputTokens: 1, cachedTokens: 0, cost: 0.5 };
  const { cost: _, ...unknown } = known;
  expect(totalUsage([known, known])).toMatchObject({ inputTokens: 2, cost: 1 });
  expect(totalUsage([known, unknown])).not.toHaveProperty('cost');
  expect(totalUsage([])).toBeUndefined();
});

test('a price is found with and without the options of the URI', () => {
  const bare = { inputPerMTok: 1, outputPerMTok: 2 };
  const exact = { inputPerMTok: 3, outputPerMTok: 4 };
  const prices = { 'openai/x': bare, 'openai/x?reasoning=high': exact };
  expect(priceOf('openai/x', prices)).toEqual(bare);
  expect(priceOf('openai/x?reasoning=low', prices)).toEqual(bare);
  expect(priceOf('openai/x?reasoning=high', prices)).toEqual(exact);
  expect(priceOf('openai/y', prices)).toBeUndefined();
  expect(priceOf('constructor', prices)).toBeUndefined();
});

test('a price that is not one is refused by the name of the model', () => {
  const prices = { 'openai/x': { inputPerMTok: -1, outputPerMTok: 2 } };
  expect(() => priceOf('openai/x', prices)).toThrow(UsageError);
  expect(() => priceOf('openai/x', prices)).toThrow(/openai\/x.*inputPerMTok/);
});

test('the cost of a reply stands in its usage', async () => {
  const request: ModelRequest = { system: '', messages: [{ role: 'user', content: 'Hi' }] };
  await using server = await startFakeOpenAI({ text: 'Hello there.' });
  const model = createModel('openai/gpt-5.1?temperature=0', {
    env: { OPENAI_API_KEY: 'sk-1', OPENAI_BASE_URL: server.url },
    prices: {
      'openai/gpt-5.1': { inputPerMTok: 1000, cachedInputPerMTok: 100, outputPerMTok: 10_000 },
    },
  });
  const { usage: counted } = done(await read(model.stream(request)));
  expect(counted?.cost).toBeCloseTo((36 * 1000 + 64 * 100 + 3 * 10_000) / 1e6, 12);
});
