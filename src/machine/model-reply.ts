import { ModelError } from '../llm/errors.ts';
import type {
  LanguageModel,
  ModelCall,
  ModelDelta,
  ModelRequest,
  ModelToolCall,
} from '../llm/model.ts';
import { callsOfError, callsOfReply } from '../llm/model-calls.ts';
import type { Decision } from './core/events.ts';
import { STAY } from './core/offers.ts';
import { type DecisionEvent, DecisionParser, type MalformedReason } from './decision-parser.ts';

/** One running completion that decides and speaks. */
export class DecisionReply {
  readonly malformed: MalformedReason[] = [];
  /** Calls of tools so far. All of them once the reply has ended. */
  readonly toolCalls: ModelToolCall[] = [];
  /** The text as the model wrote it, so far. */
  text = '';
  readonly #takesCalls: boolean;
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
    this.#takesCalls = request.tools !== undefined && request.toolChoice !== 'none';
    this.calls = [{ uri: model.uri, outcome: 'lost' }];
    this.#parser = new DecisionParser({ schema: model.structured });
    const either = AbortSignal.any([signal, this.#cancel.signal]);
    this.#deltas = model.stream(request, { signal: either })[Symbol.asyncIterator]();
  }

  /**
   * Reads as far as the decision, which is complete before the first word; `undefined` if the reply
   * calls tools instead. What stays and has nothing to say is read to its end: calls may follow.
   */
  async decision(): Promise<Decision | undefined> {
    let decision: Decision | undefined;
    while (!this.#finished && (decision === undefined || this.#mayCall(decision))) {
      for (const event of await this.#read()) {
        if (event.type === 'decision') decision = event;
        else if (event.type === 'say') this.#waiting.push(event.text);
      }
    }
    const calls = this.toolCalls.length > 0;
    return calls && decision !== undefined && this.#isMute(decision) ? undefined : decision;
  }

  #mayCall(decision: Decision): boolean {
    return this.#takesCalls && this.#isMute(decision);
  }

  /** It stays and has said nothing so far. */
  #isMute({ go }: Decision): boolean {
    return go === STAY && this.#waiting.every((text) => text.trim() === '');
  }

  /** The words behind the decision, as they come. */
  async *words(): AsyncGenerator<string, void> {
    yield* this.#waiting.splice(0);
    while (!this.#finished) {
      for (const event of await this.#read()) if (event.type === 'say') yield event.text;
    }
  }

  /** The decision has led elsewhere: its calls no longer mean anything. */
  dropToolCalls(): void {
    this.toolCalls.length = 0;
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
    if (delta?.type === 'tool_call') {
      const { type: _, ...call } = delta;
      // Where tools are not on offer, a call of one is an invention.
      if (this.#takesCalls) this.toolCalls.push(call);
      return [];
    }
    if (done || delta.type === 'done') {
      this.#finished = true;
      if (delta?.type === 'done') this.calls = callsOfReply(this.#model, delta);
    }
    if (delta?.type === 'text') this.text += delta.text;
    const events = this.#eventsOf(delta);
    for (const event of events) if (event.type === 'malformed') this.malformed.push(event.reason);
    return events;
  }

  #eventsOf(delta: ModelDelta | undefined): readonly DecisionEvent[] {
    if (delta?.type === 'text') return this.#parser.push(delta.text);
    // A reply that calls tools need not hold a decision.
    return this.toolCalls.length > 0 && this.text.trim() === '' ? [] : this.#parser.end();
  }
}

/** The texts of a reply as they come. `noteCalls` hears of the requests behind it when it is over. */
export async function* textsOf(
  llm: LanguageModel,
  request: ModelRequest,
  signal: AbortSignal,
  noteCalls: (calls: readonly ModelCall[]) => void,
): AsyncGenerator<string, void> {
  let calls: readonly ModelCall[] = [{ uri: llm.uri, outcome: 'lost' }];
  try {
    for await (const delta of llm.stream(request, { signal })) {
      if (delta.type === 'text') yield delta.text;
      else if (delta.type === 'done') calls = callsOfReply(llm, delta);
    }
  } catch (error) {
    if (error instanceof ModelError) calls = callsOfError(llm, error);
    throw error;
  } finally {
    noteCalls(calls);
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
