import { expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { createModel } from '../../src/llm/create-model.ts';
import { type CustomModelOptions, registerProvider } from '../../src/llm/custom-provider.ts';
import { ModelError } from '../../src/llm/errors.ts';
import type { LanguageModel, ModelRequest } from '../../src/llm/model.ts';
import { done, read, text } from './reading.ts';

const request: ModelRequest = {
  system: 'You work at a bank.',
  messages: [{ role: 'user', content: 'my card number is 4929' }],
  schema: { name: 'decision', schema: {} },
  maxTokens: 400,
};

/** Repeats what it was asked, and how it was made. */
function echo(model: string, options: CustomModelOptions): LanguageModel {
  return {
    uri: `echo ${model}`,
    structured: true,
    async *stream({ schema, maxTokens }) {
      yield { type: 'text', text: JSON.stringify({ model, options, schema, maxTokens }) };
      yield {
        type: 'done',
        stop: 'end',
        usage: { inputTokens: 1000, outputTokens: 0, cachedTokens: 0 },
      };
    },
  };
}

async function* never(): AsyncGenerator<never> {
  await new Promise(() => {});
}

test('an unknown provider is refused with those that there are', () => {
  expect(() => createModel('custom/acme/x')).toThrow(/"acme".*known: none/);
  registerProvider('one', echo);
  registerProvider('two', echo);
  expect(() => createModel('custom/acme/x')).toThrow(UsageError);
  expect(() => createModel('custom/acme/x')).toThrow(/known: one, two/);
});

test('its model gets the name and the options, and the bounds of the request', async () => {
  registerProvider('echo', echo);
  const uri =
    'custom/echo/family/model-1?temperature=0.5&reasoning=a%20little&max_tokens=50&api_key_env=MY_KEY&structured=false';
  const model = createModel(uri, {
    env: { MY_KEY: 'sk-1' },
    prices: { 'custom/echo/family/model-1': { inputPerMTok: 1000, outputPerMTok: 0 } },
  });
  expect(model).toMatchObject({ uri, structured: false });
  const deltas = await read(model.stream(request));
  expect(JSON.parse(text(deltas))).toEqual({
    model: 'family/model-1',
    options: { temperature: 0.5, reasoning: 'a little', key: 'sk-1' },
    maxTokens: 50,
  });
  expect(done(deltas).usage?.cost).toBe(1);
});

test('what it throws is a ModelError that repeats nothing of the conversation', async () => {
  registerProvider('broken', () => ({
    uri: 'broken',
    structured: false,
    // biome-ignore lint/correctness/useYield: it fails before it says anything.
    async *stream() {
      throw new TypeError('cannot read "4929"');
    },
  }));
  const error = await read(createModel('custom/broken/x').stream(request)).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ModelError);
  expect(String(error)).toContain('custom/broken/x: no answer (TypeError)');
  expect(String(error)).not.toContain('4929');
});

test('what its stream throws before it begins is a ModelError too', async () => {
  const stream = () => {
    throw new RangeError('no');
  };
  registerProvider('abrupt', () => ({ uri: 'abrupt', structured: false, stream }));
  const reading = read(createModel('custom/abrupt/x').stream(request));
  await expect(reading).rejects.toMatchObject({ code: 'model_unavailable' });
});

test('it is held to the first-token deadline', async () => {
  registerProvider('mute', () => ({ uri: 'mute', structured: false, stream: never }));
  const reading = read(createModel('custom/mute/x?first_token_ms=20').stream(request));
  await expect(reading).rejects.toMatchObject({ code: 'model_timeout' });
});

test('a name that is taken or cannot stand in a URI is refused', () => {
  registerProvider('taken', echo);
  expect(() => registerProvider('taken', echo)).toThrow(UsageError);
  expect(() => registerProvider('a/b', echo)).toThrow(UsageError);
});
