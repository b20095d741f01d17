import { expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { createModel } from '../../src/llm/create-model.ts';

const env = { OPENAI_API_KEY: 'sk-1', ANTHROPIC_API_KEY: 'sk-2' };

function refusal(uri: string, given: Record<string, string> = env): string {
  try {
    createModel(uri, { env: given });
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return String(error);
  }
  throw new Error(`${uri} was accepted`);
}

test.each([
  'openai/gpt-5.1',
  'openai/gpt-5.1?temperature=0.2&max_tokens=300&reasoning=low&first_token_ms=900',
  'openai/ft:gpt-4.1:team::id',
  'openai/meta-llama/Llama-3.1-8B@http://localhost:8080/v1',
  'anthropic/claude-haiku-4-5?reasoning=disabled&structured=false',
  'vllm/meta-llama/Llama-3.1-8B@gpu-1:8000?max_tokens=300',
  'anthropic/claude-haiku-4-5@https://gateway.example/x?api_key_env=OPENAI_API_KEY',
])('%s is a model, and says so', (uri) => {
  expect(createModel(uri, { env }).uri).toBe(uri);
});

test.each(['openai/gpt-5.1', 'anthropic/claude-haiku-4-5', 'openai/x@http://localhost/v1'])(
  '%s holds replies to a schema unless it is told not to',
  (uri) => {
    expect(createModel(uri, { env }).structured).toBe(true);
    expect(createModel(`${uri}?structured=false`, { env }).structured).toBe(false);
  },
);

test('a model from before structured output does not hold replies to a schema', () => {
  expect(createModel('openai/gpt-3.5-turbo', { env }).structured).toBe(false);
});

test.each([
  '',
  'gpt-5.1',
  'openai',
  'openai/',
  'OpenAI/gpt-5.1',
  'google/gemini',
  'openai/@http://localhost',
  'openai/a b',
  'openai/x@localhost:8080',
  'openai/x@http://',
  'scripted/',
  'vllm/llama',
  'vllm/llama@',
  'vllm/@localhost',
  'vllm/llama@http://',
  'custom/acme',
  'custom//model',
])('%j is refused with the forms that there are', (uri) => {
  const message = refusal(uri);
  expect(message).toContain(`"${uri}"`);
  expect(message).toContain('openai/<model>@<base url>');
  expect(message).toContain('scripted/<file.yaml>');
});

test.each([
  ['openai/x?temprature=1', 'unknown option "temprature"; known are'],
  ['openai/x?temperature=3', '"temperature" must be a number from 0 to 2'],
  ['anthropic/x?temperature=1.5', '"temperature" must be a number from 0 to 1'],
  ['openai/x?temperature=', '"temperature" must be a number'],
  ['openai/x?max_tokens=1.5', '"max_tokens" must be a positive whole number'],
  ['openai/x?structured=yes', '"structured" must be true or false'],
  ['openai/x?reasoning=disabled', '"reasoning" must be one of default, none'],
  ['anthropic/x?reasoning=minimal', '"reasoning" must be one of default, disabled'],
  ['openai/x?max_tokens=1&max_tokens=2', '"max_tokens" is given twice'],
  ['openai/x?__proto__=1', 'unknown option "__proto__"'],
])('%s is refused by the name of the option', (uri, message) => {
  expect(refusal(uri)).toContain(message);
});

test('a missing key is found when the model is made, and names the variable', () => {
  expect(refusal('openai/gpt-5.1', {})).toContain('OPENAI_API_KEY');
  expect(refusal('anthropic/claude-haiku-4-5', { ANTHROPIC_API_KEY: ' ' })).toContain(
    'ANTHROPIC_API_KEY',
  );
  expect(refusal('openai/x@http://localhost?api_key_env=MY_KEY')).toContain('MY_KEY');
});

test('a key in the wrong place is never repeated', () => {
  for (const uri of [
    'openai/gpt-5.1?api_key=sk-secret',
    'openai/gpt-5.1?temperature=sk-secret',
    'openai/x@http://me:sk-secret@localhost/v1',
    'opnai/x@http://me:sk-secret@localhost/v1?key=sk-secret',
    'vllm/x@me:sk-secret@localhost',
    'vllm/@me:sk-secret@localhost',
  ]) {
    expect(refusal(uri)).not.toContain('sk-secret');
  }
});

test('options beside the URI are the options of its query', () => {
  const { uri } = createModel(
    {
      model: 'openai/gpt-5.1?structured=false',
      temperature: 0.2,
      maxTokens: 300,
      firstTokenMs: 900,
      reasoning: 'low',
      apiKeyEnv: 'OTHER_KEY',
    },
    { env: { OTHER_KEY: 'sk-3' } },
  );
  expect(uri).toBe(
    'openai/gpt-5.1?structured=false&temperature=0.2&max_tokens=300&first_token_ms=900&reasoning=low&api_key_env=OTHER_KEY',
  );
});

test.each([
  [{ model: 'openai/x', temperature: 3 }, '"temperature" must be a number from 0 to 2'],
  [{ model: 'openai/x', maxTokens: 0 }, '"max_tokens" must be a positive whole number'],
  [{ model: 'openai/x?max_tokens=1', maxTokens: 2 }, '"max_tokens" is given twice'],
  [{ model: 'openai/x', tmperature: 1 }, 'unknown option "tmperature"'],
])('%j is refused by the name of the option', (settings, message) => {
  expect(() => createModel(settings, { env })).toThrow(UsageError);
  expect(() => createModel(settings, { env })).toThrow(message);
});

test('a model that is one already stays as it is', () => {
  const model = createModel('openai/gpt-5.1', { env });
  expect(createModel(model)).toBe(model);
});

test('of a list every model is checked when it is made', () => {
  expect(() =>
    createModel(['openai/gpt-5.1', 'anthropic/x'], { env: { OPENAI_API_KEY: 'sk-1' } }),
  ).toThrow('ANTHROPIC_API_KEY');
});
