import { UsageError } from '../errors.ts';
import { createAnthropicModel } from './anthropic.ts';
import { createCustomModel } from './custom-provider.ts';
import { type FallbackOptions, fallbackModel } from './fallback-model.ts';
import type { LanguageModel } from './model.ts';
import { type ModelPrices, priceOf } from './model-cost.ts';
import { type ModelUri, parseModelUri } from './model-uri.ts';
import { createOpenAIModel } from './openai.ts';
import { loadScriptedModel } from './scripted.ts';

/** A URI with its options beside it: the same as in its query. */
export interface ModelSettings {
  /** The URI. */
  model: string;
  temperature?: number;
  /** Upper bound of a reply, in tokens; a request's own smaller bound wins. */
  maxTokens?: number;
  /** Longest wait for the first words, and for the next ones. */
  firstTokenMs?: number;
  /** Default: the least that the model has. `default` leaves it to the provider. */
  reasoning?: string;
  /** False for a model or server that cannot hold a reply to a JSON schema. */
  structured?: boolean;
  /** Environment variable with the key. */
  apiKeyEnv?: string;
}

/** A URI, a URI with options beside it, or a model of one's own. */
export type ModelSpec = string | ModelSettings | LanguageModel;

/** What holds for every model that is made. */
export interface CreateModelOptions extends FallbackOptions {
  /**
   * Where keys are looked up, and `OPENAI_BASE_URL` and `ANTHROPIC_BASE_URL` for the services
   * themselves. Default: `process.env`.
   */
  env?: Readonly<Record<string, string | undefined>>;
  /** For models that say nothing of their own. Default 4000. */
  firstTokenMs?: number;
  /** What models cost. Without a price a reply's usage has no cost. */
  prices?: ModelPrices;
}

const FIRST_TOKEN_MS = 4000;

/**
 * Makes a model of a URI: `openai/<model>`, `anthropic/<model>`, either with `@<base url>` for a
 * server that speaks the same protocol, `vllm/<model>@<host>`, `custom/<provider>/<model>` as
 * registered with `registerProvider`, or `scripted/<file.yaml>`. Options stand in the query
 * (`openai/gpt-5.1?max_tokens=300`: `temperature`, `max_tokens`, `first_token_ms`, `reasoning`,
 * `structured`, `api_key_env`) or beside it in `ModelSettings`. Of a list, each is asked when those
 * before it fail: see `fallbackModel`.
 *
 * The key comes from `OPENAI_API_KEY` or `ANTHROPIC_API_KEY`. A server with a base URL of its own
 * never gets these: it gets the one in the variable that `api_key_env` names, or none.
 *
 * Throws a UsageError for a URI that is malformed or a key that is missing. Nothing is loaded or
 * connected before the first `stream`, whose errors are `ModelError`s.
 */
export function createModel(
  spec: ModelSpec | readonly ModelSpec[],
  options: CreateModelOptions = {},
): LanguageModel {
  if (isList(spec)) {
    return fallbackModel(
      spec.map((one) => createModel(one, options)),
      options,
    );
  }
  if (typeof spec === 'object' && 'stream' in spec) return spec;
  const uri = typeof spec === 'string' ? spec : uriOf(spec);
  const parsed = parseModelUri(uri);
  return parsed.provider === 'scripted'
    ? loadScriptedModel(parsed.file)
    : createHostedModel(uri, parsed, options);
}

type HostedUri = Exclude<ModelUri, { provider: 'scripted' }>;

function createHostedModel(
  uri: string,
  parsed: HostedUri,
  options: CreateModelOptions,
): LanguageModel {
  const env = options.env ?? process.env;
  const { keyVariable, key } = findKey(uri, parsed, env);
  const settings = {
    identity: { uri, ...(keyVariable !== undefined && { keyVariable }) },
    model: parsed.model,
    key,
    deadlineMs: parsed.options.first_token_ms ?? options.firstTokenMs ?? FIRST_TOKEN_MS,
    price: priceOf(uri, options.prices),
  };
  switch (parsed.provider) {
    case 'openai':
      return createOpenAIModel({
        ...settings,
        options: parsed.options,
        server: parsed.baseUrl === undefined ? 'openai' : 'other',
        baseUrl: parsed.baseUrl ?? env.OPENAI_BASE_URL,
      });
    case 'vllm':
      return createOpenAIModel({
        ...settings,
        options: parsed.options,
        server: 'vllm',
        baseUrl: parsed.baseUrl,
      });
    case 'anthropic':
      return createAnthropicModel({
        ...settings,
        options: parsed.options,
        baseUrl: parsed.baseUrl ?? env.ANTHROPIC_BASE_URL,
      });
    case 'custom':
      return createCustomModel({ ...settings, provider: parsed.name, options: parsed.options });
  }
}

function isList(spec: ModelSpec | readonly ModelSpec[]): spec is readonly ModelSpec[] {
  return Array.isArray(spec);
}

/** `maxTokens` is `max_tokens` in a query, and so with the others. */
function uriOf({ model, ...options }: ModelSettings): string {
  const query = Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const inQuery = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      return `${inQuery}=${encodeURIComponent(value)}`;
    });
  if (query.length === 0) return model;
  return `${model}${model.includes('?') ? '&' : '?'}${query.join('&')}`;
}

const KEY_VARIABLES = { openai: 'OPENAI_API_KEY', anthropic: 'ANTHROPIC_API_KEY' };

function findKey(
  uri: string,
  parsed: HostedUri,
  env: NonNullable<CreateModelOptions['env']>,
): { keyVariable?: string; key: string | undefined } {
  const keyVariable = parsed.options.api_key_env ?? usualKeyVariable(parsed);
  if (keyVariable === undefined) return { key: undefined };
  const key = env[keyVariable]?.trim();
  if (key === undefined || key === '') {
    throw new UsageError(`model ${uri} needs a key: set the environment variable ${keyVariable}`);
  }
  return { keyVariable, key };
}

function usualKeyVariable(parsed: HostedUri): string | undefined {
  if (parsed.provider !== 'openai' && parsed.provider !== 'anthropic') return undefined;
  return parsed.baseUrl === undefined ? KEY_VARIABLES[parsed.provider] : undefined;
}
