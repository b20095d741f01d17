import { type ModelIdentity, toModelError } from './errors.ts';
import type { LanguageModel, ModelDelta, ModelRequest, ModelUsage } from './model.ts';
import { type ModelPrice, withCost } from './model-cost.ts';
import { type OpenStream, watchStream } from './watched-stream.ts';

/** What a provider has to bring along. */
interface ModelSource {
  identity: ModelIdentity;
  structured: boolean;
  /** Longest wait for the first words, and for the next ones. */
  deadlineMs: number;
  price: ModelPrice | undefined;
  /** Starts a request when it is first read. May throw anything. */
  read(request: ModelRequest): OpenStream;
}

/** A provider compiles a schema that it sees for the first time, which takes seconds. */
const WARM_DEADLINE_MS = 60_000;

/** The least that OpenAI's responses API takes as a bound; what it costs is next to nothing. */
const WARM_TOKENS = 16;

/** A model with deadlines, errors of one kind, costs, and a way to warm it. */
export function watchedModel(source: ModelSource): LanguageModel {
  const { identity, structured, deadlineMs, price } = source;
  const { uri } = identity;
  const read = (request: ModelRequest, waitMs: number, signal: AbortSignal | undefined) =>
    priced(watchStream(source.read(request), { identity, deadlineMs: waitMs, signal }), price);
  return {
    uri,
    structured,
    ...(price && { price }),
    stream: (request, { signal } = {}) => read(request, deadlineMs, signal),
    async warm(request, { signal } = {}) {
      const startedMs = performance.now();
      const passedMs = () => Math.round(performance.now() - startedMs);
      let usage: ModelUsage | undefined;
      try {
        const short = { ...request, maxTokens: WARM_TOKENS };
        for await (const delta of read(short, WARM_DEADLINE_MS, signal)) {
          if (delta.type === 'done') usage = delta.usage;
        }
        return [{ uri, durationMs: passedMs(), ...(usage && { usage }) }];
      } catch (error) {
        signal?.throwIfAborted();
        return [{ uri, durationMs: passedMs(), error: toModelError(identity, error) }];
      }
    },
  };
}

async function* priced(
  deltas: AsyncIterable<ModelDelta>,
  price: ModelPrice | undefined,
): AsyncGenerator<ModelDelta> {
  for await (const delta of deltas) {
    yield delta.type === 'done' && delta.usage !== undefined
      ? { ...delta, usage: withCost(delta.usage, price) }
      : delta;
  }
}

/** Of a request and of a model's options, both in tokens. */
export function smallerBound(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}
