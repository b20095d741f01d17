import { ModelError } from '../llm/errors.ts';
import type { LanguageModel, ModelCall, ModelDelta, ModelRequest } from '../llm/model.ts';
import { callsOfError, callsOfReply } from '../llm/model-calls.ts';
import type { Decision } from './core/events.ts';
import { type DecisionEvent, DecisionParser, type MalformedReason } from './decision-parser.ts';

/** One running completion that decides and speaks. */
export class DecisionReply {
  readonly malformed: MalformedReason[] = [];
  /** The requests behind the reply: one that was closed, until it is known how it ended. */
  calls: readonly ModelCall[];
  readonly #model: LanguageModel;
  readonly #parser: DecisionParser;
  readonly #deltas: AsyncIterator<ModelDelta>;
  readonly #cancel = new AbortController();
  /** Words that arrived together with the decision. */
  #waiting: string[] = [];
  #finished = false;

  constructor(model: LanguageModel, request: ModelRequest, signal: AbortSignal) {
    this.#model = model;
    this.calls = [{ uri: model.uri, outcome: 'lost' }];
    this.#parser = new DecisionParser({ schema: model.structured });
    const either = AbortSignal.any([signal, this.#cancel.signal]);
    this.#deltas = model.stream(request, { signal: either })[Symbol.asyncIterator]();
  }

  /** Reads as far as the decision, which is complete before the first word. */
  async decision(): Promise<Decision> {
    let decision: Decision | undefined;
    while (decision === undefined) {
      for (const event of await this.#read()) {
        if (event.type === 'decision') decision = event;
        else if (event.type === 'say') this.#waiting.push(event.text);
      }
    }
    return decision;
  }

  /** The words behind the decision, as they come. */
  async *words(): AsyncGenerator<string, void> {
    yield* this.#waiting.splice(0);
    while (!this.#finished) {
      for (const event of await this.#read()) if (event.type === 'say') yield event.text;
    }
  }

  /** Closes the connection to the provider. Harmless once the reply has ended. */
  cancel(): void {
    this.#cancel.abort();
    this.#finished = true;
  }

  async #next(): Promise<IteratorResult<ModelDelta>> {
    try {
      return await this.#deltas.next();
    } catch (error) {
      if (error instanceof ModelError) this.calls = callsOfError(this.#model, error);
      throw error;
    }
  }

  async #read() {
    const { value: delta, done } = await this.#next();
    // Tools are not offered, so a call of one is an invention.
    if (delta?.type === 'tool_call') return [];
    if (done || delta.type === 'done') {
      this.#finished = true;
      if (delta?.type === 'done') this.calls = callsOfReply(this.#model, delta);
    }
    const events = delta?.type === 'text' ? this.#parser.push(delta.text) : this.#parser.end();
    for (const event of events) if (event.type === 'malformed') this.malformed.push(event.reason);
    return events;
  }
}

/** A reply that was to be words alone. A decision that comes all the same is kept from the caller. */
export async function* wordsOnly(texts: AsyncIterable<string>): AsyncGenerator<string, void> {
  let parser: DecisionParser | undefined;
  let begun = false;
  for await (const text of texts) {
    if (!begun && text.trim() === '') continue;
    if (!begun && /^\s*[{`]/.test(text)) parser = new DecisionParser({ schema: true });
    begun = true;
    if (parser === undefined) yield text;
    else yield* spokenIn(parser.push(text));
  }
  yield* spokenIn(parser?.end() ?? []);
}

function spokenIn(events: readonly DecisionEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'say' ? [event.text] : []));
}
