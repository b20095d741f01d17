import { z } from 'zod';
import { UsageError } from '../errors.ts';

const MODEL_URI_FORMS = [
  'openai/<model>',
  'anthropic/<model>',
  'openai/<model>@<base url> (any compatible server)',
  'anthropic/<model>@<base url>',
  'vllm/<model>@<host>',
  'custom/<provider>/<model>',
  'scripted/<file.yaml>',
];

const count = z
  .string()
  .regex(/^[1-9]\d*$/, 'must be a positive whole number')
  .transform(Number);

function numberUpTo(max: number) {
  const isWithin = (text: string) => /^\d+(\.\d+)?$/.test(text) && Number(text) <= max;
  return z.string().refine(isWithin, `must be a number from 0 to ${max}`).transform(Number);
}

const common = {
  /** Upper bound of a reply in tokens; a request's own smaller bound wins. */
  max_tokens: count.optional(),
  /** Longest wait for the first words, and for the next ones, in milliseconds. */
  first_token_ms: count.optional(),
  /** `false` for a model or server that cannot hold a reply to a JSON schema. */
  structured: z
    .enum(['true', 'false'], 'must be true or false')
    .transform((text) => text === 'true')
    .optional(),
  /** Environment variable with the key. */
  api_key_env: z
    .string()
    .regex(/^[A-Za-z_]\w*$/, 'must be the name of an environment variable')
    .optional(),
};

const OPENAI_REASONING = ['default', 'none', 'minimal', 'low', 'medium', 'high'] as const;
const ANTHROPIC_REASONING = [
  'default',
  'disabled',
  'between_tools',
  'low',
  'medium',
  'high',
] as const;

/** `reasoning`: `default` leaves it to the provider; without it, the least that the model has. */
const openai = z.strictObject({
  ...common,
  temperature: numberUpTo(2).optional(),
  reasoning: z.enum(OPENAI_REASONING, `must be one of ${OPENAI_REASONING.join(', ')}`).optional(),
});

const anthropic = z.strictObject({
  ...common,
  temperature: numberUpTo(1).optional(),
  reasoning: z
    .enum(ANTHROPIC_REASONING, `must be one of ${ANTHROPIC_REASONING.join(', ')}`)
    .optional(),
});

const custom = z.strictObject({
  ...common,
  temperature: numberUpTo(2).optional(),
  reasoning: z.string().optional(),
});

export type OpenAIOptions = z.infer<typeof openai>;
export type AnthropicOptions = z.infer<typeof anthropic>;
export type CustomOptions = z.infer<typeof custom>;

interface Address {
  model: string;
  /** Absent for the provider's own service. */
  baseUrl: string | undefined;
}

export type ModelUri =
  | ({ provider: 'openai'; options: OpenAIOptions } & Address)
  | ({ provider: 'vllm'; options: OpenAIOptions } & Address)
  | ({ provider: 'anthropic'; options: AnthropicOptions } & Address)
  | { provider: 'custom'; name: string; model: string; options: CustomOptions }
  | { provider: 'scripted'; file: string };

/** Throws a UsageError for anything that is not one of `MODEL_URI_FORMS`. */
export function parseModelUri(uri: string): ModelUri {
  const [provider, rest] = divide(uri, '/');
  if (provider === 'scripted' && rest !== '') return { provider, file: rest };
  const [address, query] = divide(rest, '?');
  switch (provider) {
    case 'openai':
      return { provider, ...readAddress(uri, address), options: readOptions(uri, openai, query) };
    case 'anthropic':
      return {
        provider,
        ...readAddress(uri, address),
        options: readOptions(uri, anthropic, query),
      };
    case 'vllm':
      return { provider, ...readVllm(uri, address), options: readOptions(uri, openai, query) };
    case 'custom': {
      const [name, model] = divide(address, '/');
      if (name === '' || model === '') throw malformed(uri);
      return { provider, name, model, options: readOptions(uri, custom, query) };
    }
    default:
      throw malformed(uri);
  }
}

function readAddress(uri: string, address: string): Address {
  const at = address.search(/@https?:\/\//);
  const model = at < 0 ? address : address.slice(0, at);
  if (!/^[^\s@]+$/.test(model)) throw malformed(uri);
  const baseUrl = at < 0 ? undefined : readBaseUrl(uri, address.slice(at + 1));
  return { model, baseUrl };
}

/** A host is enough: `vllm serve` speaks http and has its API under /v1. */
function readVllm(uri: string, address: string): Address {
  const [model, host] = divide(address, '@');
  if (!/^[^\s@]+$/.test(model) || host === '') throw malformed(uri);
  const baseUrl = readBaseUrl(uri, /^https?:\/\//.test(host) ? host : `http://${host}`);
  return {
    model,
    baseUrl: new URL(baseUrl).pathname === '/' ? new URL('/v1', baseUrl).href : baseUrl,
  };
}

function divide(text: string, separator: string): [before: string, after: string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function readBaseUrl(uri: string, text: string): string {
  if (!URL.canParse(text)) throw malformed(uri);
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(
      'the base URL of a model URI must not hold a user name or password; put the key into an environment variable and name it with ?api_key_env=NAME',
    );
  }
  return text;
}

function readOptions<T>(uri: string, schema: z.ZodType<T>, query: string): T {
  const given = [...new URLSearchParams(query)];
  const repeated = given.find(([name], index) => given.findIndex(([n]) => n === name) < index);
  if (repeated !== undefined) {
    throw new UsageError(`model URI ${shown(uri)}: option "${repeated[0]}" is given twice`);
  }
  const result = schema.safeParse(Object.fromEntries(given));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    throw new UsageError(
      `model URI ${shown(uri)}: unknown option "${issue.keys.join('", "')}"; known are ${knownOptions(schema)}`,
    );
  }
  throw new UsageError(
    `model URI ${shown(uri)}: option "${issue?.path.join('.')}" ${issue?.message}`,
  );
}

function knownOptions(schema: z.ZodType): string {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape).join(', ') : '';
}

function malformed(uri: string): UsageError {
  const forms = MODEL_URI_FORMS.map((form) => `  ${form}`).join('\n');
  return new UsageError(`unknown model URI "${shown(uri)}"; it must be one of\n${forms}`);
}

/** Without the query and any user name and password: someone may have put a key there. */
function shown(uri: string): string {
  return divide(uri, '?')[0].replace(/(@|:\/\/)[^/@]*@/, '$1');
}
