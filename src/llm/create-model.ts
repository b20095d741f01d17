import { UsageError } from '../errors.ts';
import { createAnthropicModel } from './anthropic.ts';
import type { LanguageModel } from './model.ts';
import { type ModelUri, parseModelUri } from './model-uri.ts';
import { createOpenAIModel } from './openai.ts';
import { loadScriptedModel } from './scripted.ts';

export interface CreateModelOptions {
  /**
   * Where keys are looked up, and `OPENAI_BASE_URL` and `ANTHROPIC_BASE_URL` for the services
   * themselves. Default: `process.env`.
   */
  env?: Readonly<Record<string, string | undefined>>;
  /** Longest wait for the first words, and for the next ones; `first_token_ms` in the URI wins. Default 4000. */
  firstTokenMs?: number;
}

const FIRST_TOKEN_MS = 4000;

type HostedUri = Exclude<ModelUri, { provider: 'scripted' }>;

/**
 * Makes a model of a URI: `openai/<model>`, `anthropic/<model>`, either with `@<base url>` for a
 * server that speaks the same protocol, or `scripted/<file.yaml>`. Options stand in the query:
 * `openai/gpt-5.1?max_tokens=300`. They are `temperature`, `max_tokens`, `first_token_ms`,
 * `reasoning`, `structured` and `api_key_env`.
 *
 * The key comes from `OPENAI_API_KEY` or `ANTHROPIC_API_KEY`. A server with a base URL of its own
 * never gets these: it gets the one in the variable that `api_key_env` names, or none.
 *
 * Throws a UsageError for a URI that is malformed or a key that is missing. Nothing is loaded or
 * connected before the first `stream`, whose errors are `ModelError`s.
 */
export function createModel(uri: string, options: CreateModelOptions = {}): LanguageModel {
  const parsed = parseModelUri(uri);
  if (parsed.provider === 'scripted') return loadScriptedModel(parsed.file);

  const env = options.env ?? process.env;
  const { keyVariable, key } = findKey(uri, parsed, env);
  const settings = {
    identity: { uri, ...(keyVariable !== undefined && { keyVariable }) },
    model: parsed.model,
    key,
    deadlineMs: parsed.options.first_token_ms ?? options.firstTokenMs ?? FIRST_TOKEN_MS,
  };
  return parsed.provider === 'openai'
    ? createOpenAIModel({
        ...settings,
        options: parsed.options,
        isOpenAI: parsed.baseUrl === undefined,
        baseUrl: parsed.baseUrl ?? env.OPENAI_BASE_URL,
      })
    : createAnthropicModel({
        ...settings,
        options: parsed.options,
        baseUrl: parsed.baseUrl ?? env.ANTHROPIC_BASE_URL,
      });
}

const KEY_VARIABLES = { openai: 'OPENAI_API_KEY', anthropic: 'ANTHROPIC_API_KEY' };

function findKey(
  uri: string,
  { provider, baseUrl, options }: HostedUri,
  env: NonNullable<CreateModelOptions['env']>,
): { keyVariable?: string; key: string | undefined } {
  const keyVariable =
    options.api_key_env ?? (baseUrl === undefined ? KEY_VARIABLES[provider] : undefined);
  if (keyVariable === undefined) return { key: undefined };
  const key = env[keyVariable]?.trim();
  if (key === undefined || key === '') {
    throw new UsageError(`model ${uri} needs a key: set the environment variable ${keyVariable}`);
  }
  return { keyVariable, key };
}
