import { UsageError } from '../errors.ts';
import type { ModelIdentity } from './errors.ts';
import type { LanguageModel } from './model.ts';
import type { ModelPrice } from './model-cost.ts';
import type { CustomOptions } from './model-uri.ts';
import { smallerBound, watchedModel } from './watched-model.ts';

/** What a model URI said. A bound in tokens is in each request already. */
export interface CustomModelOptions {
  temperature?: number;
  /** As given; the words are the provider's own. */
  reasoning?: string;
  /** Of the environment variable that `api_key_env` names. */
  key?: string;
}

/**
 * Makes the model of `custom/<provider>/<model>`. What its stream throws becomes a `ModelError`, and
 * it is held to the first-token deadline; it has to end with `done` and to heed the signal.
 */
export type ModelFactory = (model: string, options: CustomModelOptions) => LanguageModel;

const factories = new Map<string, ModelFactory>();

/** Makes `custom/<name>/<model>` known to this process. Throws a UsageError for a name that is taken. */
export function registerProvider(name: string, factory: ModelFactory): void {
  if (!/^[\w-]+$/.test(name)) {
    throw new UsageError(
      `a provider's name must consist of letters, digits, "_" and "-"; "${name}" does not`,
    );
  }
  if (factories.has(name)) throw new UsageError(`the provider "${name}" is registered already`);
  factories.set(name, factory);
}

interface CustomModelSettings {
  identity: ModelIdentity;
  provider: string;
  model: string;
  key: string | undefined;
  options: CustomOptions;
  deadlineMs: number;
  price: ModelPrice | undefined;
}

export function createCustomModel(settings: CustomModelSettings): LanguageModel {
  const { identity, provider, model, key, options, deadlineMs, price } = settings;
  const { temperature, reasoning, max_tokens } = options;
  const made = findProvider(provider)(model, {
    ...(temperature !== undefined && { temperature }),
    ...(reasoning !== undefined && { reasoning }),
    ...(key !== undefined && { key }),
  });
  const structured = options.structured ?? made.structured;
  return watchedModel({
    identity,
    structured,
    deadlineMs,
    price,
    read: ({ schema, maxTokens, ...request }) => {
      const bound = smallerBound(maxTokens, max_tokens);
      const asked = {
        ...request,
        ...(structured && schema !== undefined && { schema }),
        ...(bound !== undefined && { maxTokens: bound }),
      };
      return (signal) => made.stream(asked, { signal });
    },
  });
}

function findProvider(name: string): ModelFactory {
  const factory = factories.get(name);
  if (factory !== undefined) return factory;
  const known = [...factories.keys()].join(', ');
  throw new UsageError(
    `no provider "${name}" is registered; known: ${known === '' ? 'none' : known}. Call registerProvider before the model is made.`,
  );
}
