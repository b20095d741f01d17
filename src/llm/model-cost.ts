import { z } from 'zod';
import { UsageError } from '../errors.ts';
import type { ModelUsage } from './model.ts';

const rate = z.number().nonnegative();

const priceSchema = z.strictObject({
  inputPerMTok: rate,
  outputPerMTok: rate,
  /** What was read from a cache. Default: as other input. */
  cachedInputPerMTok: rate.optional(),
  /** What was put into a cache. Default: as other input. */
  cacheWritePerMTok: rate.optional(),
});

/** Per million tokens, in any one currency. */
export type ModelPrice = z.infer<typeof priceSchema>;

/** By model URI, with or without its options: `{ 'openai/gpt-5.1': { … } }`. */
export type ModelPrices = Readonly<Record<string, ModelPrice>>;

/** Throws a UsageError for a price that is not one. */
export function priceOf(uri: string, prices: ModelPrices | undefined): ModelPrice | undefined {
  const known = new Map(Object.entries(prices ?? {}));
  const [bare = uri] = uri.split('?');
  const key = known.has(uri) ? uri : bare;
  if (!known.has(key)) return undefined;
  const result = priceSchema.safeParse(known.get(key));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.join('.') ?? '';
  throw new UsageError(
    `the price of ${key} must hold inputPerMTok and outputPerMTok, and may hold cachedInputPerMTok and cacheWritePerMTok, all numbers ≥ 0 per million tokens; at "${place}": ${issue?.message}`,
  );
}

/** The same usage with its cost, where the price is known. */
export function withCost(usage: ModelUsage, price: ModelPrice | undefined): ModelUsage {
  if (price === undefined) return usage;
  const { inputPerMTok, outputPerMTok } = price;
  const { cachedTokens, cacheWrittenTokens = 0 } = usage;
  const plainTokens = usage.inputTokens - cachedTokens - cacheWrittenTokens;
  const cost =
    plainTokens * inputPerMTok +
    cachedTokens * (price.cachedInputPerMTok ?? inputPerMTok) +
    cacheWrittenTokens * (price.cacheWritePerMTok ?? inputPerMTok) +
    usage.outputTokens * outputPerMTok;
  return { ...usage, cost: cost / 1_000_000 };
}

/** Undefined if there is none. The sum has a cost only if each of them has. */
export function totalUsage(usages: readonly ModelUsage[]): ModelUsage | undefined {
  const [first, ...others] = usages;
  return first && others.reduce(add, first);
}

function add(a: ModelUsage, b: ModelUsage): ModelUsage {
  const written = (a.cacheWrittenTokens ?? 0) + (b.cacheWrittenTokens ?? 0);
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    ...(written > 0 && { cacheWrittenTokens: written }),
    ...(a.cost !== undefined && b.cost !== undefined && { cost: a.cost + b.cost }),
  };
}
