import { UsageError } from '../errors.ts';
import { ModelError } from './errors.ts';
import type {
  LanguageModel,
  ModelCall,
  ModelDelta,
  ModelRequest,
  ModelUsage,
  StreamOptions,
} from './model.ts';
import { callsOfError, callsOfReply } from './model-calls.ts';
import { totalUsage, withCost } from './model-cost.ts';

/** When another model than the first one is asked. */
export interface FallbackOptions {
  /** The next model is asked as well when nothing has come for this long. Default: only when one fails. */
  hedgeAfterMs?: number;
}

/**
 * Models as one: the next is asked when one fails with a `ModelError` before its first word or tool
 * call, or, with `hedgeAfterMs`, when it is late. The first to deliver wins; the connections of the
 * others are closed at once. After the first word an error is final: a caller cannot unhear it. Where
 * none answers, the error has the code of the last and the messages of all.
 *
 * `structured` is that of the first model, which nearly always answers: requests are written for it.
 * Where it holds replies to a schema and a later one does not, that one gets the same prompt without
 * the schema; where it does not, no model is sent one. Readers of replies have to bear either form.
 */
export function fallbackModel(
  models: readonly LanguageModel[],
  { hedgeAfterMs }: FallbackOptions = {},
): LanguageModel {
  const [first] = models;
  if (first === undefined) throw new UsageError('a list of models needs at least one model');
  if (hedgeAfterMs !== undefined && !(hedgeAfterMs >= 0)) {
    throw new UsageError(`hedgeAfterMs must be a time in milliseconds, not ${hedgeAfterMs}`);
  }
  return {
    uri: models.map(({ uri }) => uri).join(' | '),
    structured: first.structured,
    stream: (request, { signal } = {}) =>
      new Race(models, request, hedgeAfterMs ?? Infinity, signal).deltas(),
    async warm(request, options) {
      const warmed = models.map(async (model) => (await model.warm?.(request, options)) ?? []);
      return (await Promise.all(warmed)).flat();
    },
  };
}

type Done = Extract<ModelDelta, { type: 'done' }>;

/** One reply asked of several models. */
class Race {
  readonly #request: ModelRequest;
  readonly #hedgeAfterMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #waiting: LanguageModel[];
  readonly #running = new Set<Attempt>();
  readonly #failures: ModelError[] = [];
  readonly #failed: ModelCall[] = [];

  constructor(
    models: readonly LanguageModel[],
    request: ModelRequest,
    hedgeAfterMs: number,
    signal: AbortSignal | undefined,
  ) {
    this.#waiting = [...models];
    this.#request = request;
    this.#hedgeAfterMs = hedgeAfterMs;
    this.#signal = signal;
  }

  async *deltas(): AsyncGenerator<ModelDelta> {
    try {
      const winner = await this.#winner();
      const lost = [...this.#running].filter((attempt) => attempt !== winner);
      close(lost);
      yield* this.#deltasOf(winner, lost);
    } finally {
      close(this.#running);
    }
  }

  async *#deltasOf(winner: Attempt, lost: readonly Attempt[]): AsyncGenerator<ModelDelta> {
    try {
      for await (const delta of winner.deltas()) {
        yield delta.type === 'done' ? this.#withCalls(delta, winner, lost) : delta;
      }
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      const { code, message, status } = error;
      const calls = this.#calls(callsOfError(winner.model, error), lost, undefined);
      throw new ModelError(code, message, { status, calls });
    }
  }

  #withCalls(done: Done, { model }: Attempt, lost: readonly Attempt[]): Done {
    const calls = this.#calls(callsOfReply(model, done), lost, done.usage);
    const usage = totalUsage(calls.flatMap((call) => call.usage ?? []));
    return { ...done, ...(usage && { usage }), calls };
  }

  #calls(
    winner: readonly ModelCall[],
    lost: readonly Attempt[],
    usage: ModelUsage | undefined,
  ): ModelCall[] {
    return [...this.#failed, ...winner, ...lost.map(({ model }) => lostCall(model, usage))];
  }

  /** The first that delivers. */
  async #winner(): Promise<Attempt> {
    while (true) {
      this.#signal?.throwIfAborted();
      if (this.#running.size === 0) this.#askNext();
      const arrived = await this.#nextArrival();
      if (arrived === 'late') this.#askNext();
      else if ('error' in arrived) this.#noteFailure(arrived.attempt, arrived.error);
      else return arrived.attempt;
    }
  }

  #askNext(): void {
    const model = this.#waiting.shift();
    if (model === undefined) throw this.#noAnswer();
    this.#running.add(new Attempt(model, this.#request, this.#signal));
  }

  async #nextArrival(): Promise<Arrival | 'late'> {
    const arrivals = [...this.#running].map((attempt) => attempt.arrival);
    const hedges = this.#waiting.length > 0 && this.#hedgeAfterMs !== Infinity;
    if (!hedges) return Promise.race(arrivals);
    const { promise, resolve } = Promise.withResolvers<'late'>();
    const timer = setTimeout(() => resolve('late'), this.#hedgeAfterMs);
    try {
      return await Promise.race([...arrivals, promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  #noteFailure(attempt: Attempt, error: unknown): void {
    this.#running.delete(attempt);
    if (!(error instanceof ModelError)) throw error;
    this.#failures.push(error);
    this.#failed.push(...callsOfError(attempt.model, error));
  }

  #noAnswer(): ModelError {
    const last = this.#failures.at(-1);
    return new ModelError(
      last?.code ?? 'model_unavailable',
      this.#failures.map(({ message }) => message).join(' '),
      { status: last?.status, calls: this.#failed },
    );
  }
}

function close(attempts: Iterable<Attempt>): void {
  for (const attempt of attempts) attempt.close();
}

/** The prompt was read whether or not anyone waited for the answer. */
function lostCall({ uri, price }: LanguageModel, winner: ModelUsage | undefined): ModelCall {
  if (winner === undefined) return { uri, outcome: 'lost' };
  const prompt = { inputTokens: winner.inputTokens, outputTokens: 0, cachedTokens: 0 };
  return { uri, outcome: 'lost', usage: withCost(prompt, price), estimated: true };
}

interface Arrival {
  attempt: Attempt;
  /** Why no first delta came. */
  error?: unknown;
}

/** One model being asked. */
class Attempt {
  readonly model: LanguageModel;
  /** Never rejects. */
  readonly arrival: Promise<Arrival>;
  readonly #closing = new AbortController();
  readonly #iterator: AsyncIterator<ModelDelta>;
  #first: ModelDelta | undefined;

  constructor(model: LanguageModel, request: ModelRequest, signal: AbortSignal | undefined) {
    this.model = model;
    const options: StreamOptions = {
      signal: AbortSignal.any([this.#closing.signal, ...(signal ? [signal] : [])]),
    };
    this.#iterator = model.stream(request, options)[Symbol.asyncIterator]();
    this.arrival = this.#arrive();
  }

  async #arrive(): Promise<Arrival> {
    try {
      const { value, done } = await this.#iterator.next();
      if (!done) {
        this.#first = value;
        return { attempt: this };
      }
      const message = `${this.model.uri}: the reply ended before it began.`;
      return { attempt: this, error: new ModelError('model_garbage', message) };
    } catch (error) {
      return { attempt: this, error };
    }
  }

  async *deltas(): AsyncGenerator<ModelDelta> {
    if (this.#first !== undefined) yield this.#first;
    yield* { [Symbol.asyncIterator]: () => this.#iterator };
  }

  close(): void {
    this.#closing.abort();
  }
}
