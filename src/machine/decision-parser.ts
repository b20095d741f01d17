import type { Json } from '../json.ts';
import { ObjectScanner } from '../llm/object-scanner.ts';
import { endsInThought, FenceFilter, SpokenText, withoutThoughts } from '../llm/spoken-text.ts';

/** Why a reply did not keep to the form. What it says is used as far as it goes. */
export type MalformedReason =
  /** The reply holds nothing, or only white space. */
  | 'empty'
  /** Words and no object. */
  | 'no_decision'
  /** What stands for the object is not JSON. */
  | 'bad_json'
  /** The reply ends inside the object, or words follow before it is closed. */
  | 'not_closed'
  /** The object names no move. */
  | 'no_move'
  /** `set` is not a list of slots and values; what could be read of it is kept. */
  | 'bad_set'
  /** A second object follows; it is left out. */
  | 'second_object';

export interface Decision {
  /** As the model wrote it; not checked against the flow. */
  go: string;
  set: { slot: string; value: Json }[];
}

export type DecisionEvent =
  | ({ type: 'decision' } & Decision)
  | { type: 'say'; text: string }
  | { type: 'malformed'; reason: MalformedReason };

/** Names that models use for the two fields; the first is the one they are asked for. */
const GO_NAMES = ['go', 'edge', 'edge_id', 'edgeId', 'move'];
const SET_NAMES = ['set', 'slots'];

/**
 * Reads a model's reply while it arrives: a decision, then the words to speak.
 *
 * The reply is `{"go":…,"set":[…],"say":"…"}`, whose `say` streams out as it is written, or an
 * object without `say` and the words behind it. Either is understood where the other was asked for;
 * an object's own `say` replaces the words around it. There is exactly one `decision`, and no `say`
 * before it. A reply without a legible decision decides `stay`. Nothing that looks like JSON is
 * spoken.
 */
export class DecisionParser {
  readonly #schema: boolean;
  readonly #object = new ObjectScanner('say');
  readonly #fences = new FenceFilter();
  readonly #spoken = new SpokenText();
  #state: 'before' | 'object' | 'broken' | 'after' = 'before';
  #decided = false;
  #objectSaid = false;
  /** Words that wait: for the decision, or for the object to have or not to have words of its own. */
  #held = '';
  /** Open braces of what is skipped, in the states `broken` and `after`. */
  #skipped = 0;
  #events: DecisionEvent[] = [];

  /** `schema`: one object with `say` was asked for, so words before an object are not for the caller. */
  constructor(options: { schema: boolean }) {
    this.#schema = options.schema;
  }

  push(text: string): DecisionEvent[] {
    // One UTF-16 code unit at a time, so that the borders of chunks make no difference.
    for (let i = 0; i < text.length; i += 1) this.#read(text.charAt(i));
    return this.#takeEvents();
  }

  /** Tells that the reply is complete. */
  end(): DecisionEvent[] {
    if (this.#state === 'object') this.#endInsideObject();
    if (!this.#decided) {
      this.#held = withoutThoughts(this.#held);
      this.#stay(this.#held.trim() === '' ? 'empty' : 'no_decision');
    }
    this.#releaseHeld();
    return this.#takeEvents();
  }

  #read(char: string): void {
    switch (this.#state) {
      case 'before':
        if (char === '{' && !endsInThought(this.#held)) this.#beginObject();
        else this.#held += this.#fences.read(char);
        break;
      case 'object':
        this.#readObject(char);
        break;
      case 'broken':
        this.#skip(char);
        if (this.#skipped === 0) this.#state = 'after';
        break;
      case 'after':
        this.#readAfter(char);
        break;
    }
  }

  #beginObject(): void {
    this.#fences.reset();
    this.#held = this.#schema ? '' : withoutThoughts(this.#held);
    this.#state = 'object';
    this.#object.read('{');
  }

  #readObject(char: string): void {
    const step = this.#object.read(char);
    switch (step.type) {
      case 'more':
        break;
      case 'field':
        this.#decideEarly();
        break;
      case 'text':
        this.#readOwnWords(step.text);
        break;
      case 'closed':
        this.#closeObject();
        break;
      case 'unexpected':
        this.#leaveObject(char);
        break;
    }
  }

  /** Decides if the move and the values are known by now. */
  #decideEarly(): void {
    const read = readDecision(this.#object.json);
    if (read?.go !== undefined && read.set !== undefined) this.#decide(read);
  }

  #readOwnWords(text: string): void {
    if (!this.#objectSaid && text.trim() !== '') {
      this.#objectSaid = true;
      this.#held = '';
    }
    if (this.#decided) this.#say(text);
    else this.#held += text;
  }

  #closeObject(): void {
    if (!this.#decided) {
      const read = readDecision(this.#object.json);
      if (read === undefined) this.#stay('bad_json');
      else this.#decide(read);
    }
    this.#releaseHeld();
    this.#state = 'after';
  }

  /** What is cut off counts only with both fields complete: half a decision is none. */
  #endInsideObject(): void {
    if (!this.#decided) this.#decideEarly();
    if (this.#decided) this.#malformed('not_closed');
    else this.#stay('not_closed');
  }

  /** No JSON: either words begin and the closing brace was forgotten, or it never was an object. */
  #leaveObject(char: string): void {
    const move = this.#object.atTop ? readDecision(this.#object.json)?.go : undefined;
    if (move !== undefined) {
      this.#closeObject();
      this.#malformed('not_closed');
      this.#readAfter(char);
      return;
    }
    if (this.#decided) this.#malformed('bad_json');
    else this.#stay('bad_json');
    this.#releaseHeld();
    this.#state = 'broken';
    this.#skipped = this.#object.braces;
    this.#read(char);
  }

  #readAfter(char: string): void {
    if (this.#skipped > 0 || char === '}') this.#skip(char);
    else if (char === '{') {
      this.#fences.reset();
      this.#spoken.gap();
      this.#malformed('second_object');
      this.#skip(char);
    } else if (!this.#objectSaid) this.#say(this.#fences.read(char));
  }

  #skip(char: string): void {
    if (char === '{') this.#skipped += 1;
    if (char === '}') this.#skipped = Math.max(0, this.#skipped - 1);
  }

  #decide(read: ReadDecision): void {
    this.#decided = true;
    this.#events.push({ type: 'decision', go: read.go ?? 'stay', set: read.set ?? [] });
    if (read.go === undefined) this.#malformed('no_move');
    if (read.badSet) this.#malformed('bad_set');
  }

  #stay(reason: MalformedReason): void {
    this.#decided = true;
    this.#events.push({ type: 'decision', go: 'stay', set: [] });
    this.#malformed(reason);
  }

  #malformed(reason: MalformedReason): void {
    this.#events.push({ type: 'malformed', reason });
  }

  #releaseHeld(): void {
    this.#say(this.#held);
    this.#spoken.gap();
    this.#held = '';
  }

  #say(text: string): void {
    const ready = this.#spoken.write(text);
    if (ready === '') return;
    const last = this.#events.at(-1);
    if (last?.type === 'say') last.text += ready;
    else this.#events.push({ type: 'say', text: ready });
  }

  #takeEvents(): DecisionEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}

interface ReadDecision {
  go: string | undefined;
  set: Decision['set'] | undefined;
  badSet: boolean;
}

/** Undefined if `text` is not JSON. A field that is absent or illegible is undefined. */
function readDecision(text: string): ReadDecision | undefined {
  const fields = parseFields(text);
  if (fields === undefined) return undefined;
  const go = fieldOf(fields, GO_NAMES);
  const set = fieldOf(fields, SET_NAMES);
  const values = set === undefined || set === null ? undefined : readValues(set);
  return {
    go: typeof go === 'string' && go.trim() !== '' ? go.trim() : undefined,
    set: set === null ? [] : values?.read,
    badSet: values?.bad ?? false,
  };
}

/** A Map, because names are data: `__proto__` must be a wrong name and nothing else. */
function parseFields(text: string): Map<string, Json> | undefined {
  try {
    return new Map(Object.entries(JSON.parse(text)));
  } catch {
    return undefined;
  }
}

function fieldOf(fields: Map<string, Json>, names: string[]): Json | undefined {
  const name = names.find((candidate) => fields.has(candidate));
  return name === undefined ? undefined : fields.get(name);
}

/** A list of slots and values, or forgivingly one such object, or an object with slots as names. */
function readValues(set: Json): { read: Decision['set']; bad: boolean } {
  if (typeof set !== 'object' || set === null) return { read: [], bad: true };
  if (!Array.isArray(set)) {
    const single = readValue(set);
    if (single !== undefined) return { read: [single], bad: false };
    return { read: Object.entries(set).map(([slot, value]) => ({ slot, value })), bad: false };
  }
  const read = set.map(readValue).filter((value) => value !== undefined);
  return { read, bad: read.length < set.length };
}

function readValue(item: Json): { slot: string; value: Json } | undefined {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return undefined;
  const { slot, value } = item;
  return typeof slot === 'string' && value !== undefined ? { slot, value } : undefined;
}
