import { UsageError } from '../errors.ts';

/** A message of `@langchain/core`, as far as it is looked at here. */
export interface LangChainMessage {
  readonly id?: string | undefined;
  readonly content: unknown;
  /** `human`, `ai`, `system`, `tool`. */
  getType(): string;
}

/** Words of a chunk. `apart`: they begin another message than those before. */
export interface ChunkWords {
  text: string;
  apart: boolean;
}

/**
 * Finds the words in what a runnable streams: texts; pieces of the model's message, alone or with
 * something said about them; states that hold `messages`, all of them or the new ones only, by
 * themselves or under the name of the node that made them. These are what graphs stream in the modes
 * `messages`, `values` and `updates`.
 */
export class ChunkReader {
  readonly #seen: Set<unknown>;
  /** The message whose pieces are coming. */
  #current: string | undefined;
  /** Shape of a chunk without words. */
  #strange: string | undefined;

  /** `given` are the messages that the runnable got and may hand back. */
  constructor(given: readonly LangChainMessage[]) {
    this.#seen = new Set(given.map(keyOf));
  }

  /** A chunk of any other shape has no words: parts of a graph may work on something else. */
  wordsOf(chunk: unknown): ChunkWords[] {
    if (typeof chunk === 'string') return [{ text: chunk, apart: false }];
    const piece: unknown = Array.isArray(chunk) ? chunk[0] : chunk;
    if (isMessage(piece)) return isModels(piece) ? [this.#pieceOf(piece)] : [];
    const messages = messagesIn(chunk);
    if (messages === undefined) {
      this.#strange = shapeOf(chunk);
      return [];
    }
    const fresh = messages.filter((message) => !this.#seen.has(keyOf(message)));
    for (const message of fresh) this.#seen.add(keyOf(message));
    return fresh
      .filter(isModels)
      .map((message) => ({ text: textOf(message), apart: true }))
      .filter(({ text }) => text !== '');
  }

  #pieceOf(piece: LangChainMessage): ChunkWords {
    const apart = piece.id !== this.#current;
    this.#current = piece.id;
    return { text: textOf(piece), apart };
  }

  /** To be asked where no words came. Throws a UsageError if nothing but other shapes did. */
  explainSilence(): void {
    if (this.#strange === undefined) return;
    throw new UsageError(
      `expected the runnable to stream texts, messages or objects with messages, got ${this.#strange}. Pipe it into one that answers with text, as StringOutputParser does.`,
    );
  }
}

/** Not every message has an id. */
function keyOf(message: LangChainMessage): unknown {
  return message.id ?? message;
}

function isMessage(value: unknown): value is LangChainMessage {
  return isObject(value) && 'content' in value && typeof value.getType === 'function';
}

function isModels(message: LangChainMessage): boolean {
  return message.getType() === 'ai';
}

/** Of a content in parts only texts are words; others are calls, thoughts, pictures. */
function textOf({ content }: LangChainMessage): string {
  if (!Array.isArray(content)) return String(content);
  return content
    .map((part: unknown) => (isObject(part) && part.type === 'text' ? part.text : part))
    .filter((text) => typeof text === 'string')
    .join('');
}

function messagesIn(chunk: unknown): LangChainMessage[] | undefined {
  if (!isObject(chunk)) return undefined;
  const states = [chunk, ...Object.values(chunk)].filter(isObject);
  const lists = states.map(({ messages }) => messages).filter((list) => Array.isArray(list));
  return lists.length === 0 ? undefined : lists.flat().filter(isMessage);
}

/** Names of fields alone: values may be the conversation's. */
function shapeOf(chunk: unknown): string {
  if (chunk === null || typeof chunk !== 'object') return chunk === null ? 'null' : typeof chunk;
  return Array.isArray(chunk) ? 'a list' : `an object with ${Object.keys(chunk).join(', ')}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
