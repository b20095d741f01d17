import { randomUUID } from 'node:crypto';
import type { llm } from '@livekit/agents';
import type { JsonObject } from '../json.ts';
import { fromLiveKit } from './from-livekit.ts';

/** One entry of the history. `createdAt` is in milliseconds since the epoch. */
export interface ChatMessage {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string;
  id: string;
  createdAt: number;
  /** True for an assistant's message that the caller cut off: `content` is what was played. */
  interrupted?: boolean;
  /** True for an assistant's message that a person said, who had taken over the conversation. */
  human?: boolean;
  /** For a tool's message: the call that it answers. `content` is what the tool answered. */
  call?: AnsweredToolCall;
}

/** A call of a tool, as the history keeps it together with the answer. */
export interface AnsweredToolCall {
  id: string;
  name: string;
  arguments: JsonObject;
  failed?: boolean;
}

type NewMessage = Omit<ChatMessage, 'id' | 'createdAt'> &
  Partial<Pick<ChatMessage, 'id' | 'createdAt'>>;

/** The history of a conversation, in order: what was said and, for the agent's part, heard. */
export class ChatContext {
  readonly items: ChatMessage[];

  constructor(items: readonly ChatMessage[] = []) {
    this.items = [...items];
  }

  /** Appends a message and returns it; `id` and `createdAt` are made up where they are missing. */
  add(message: NewMessage): ChatMessage {
    const item = {
      ...message,
      id: message.id ?? randomUUID(),
      createdAt: message.createdAt ?? Date.now(),
    };
    this.items.push(item);
    return item;
  }

  /** Appends the message, or puts it in the place of the one with the same id. */
  put(message: ChatMessage): void {
    const index = this.items.findIndex((item) => item.id === message.id);
    if (index === -1) this.items.push(message);
    else this.items[index] = message;
  }

  /** Appends the messages of one turn, or puts them in the place of those of them that are there. */
  putTurn(messages: readonly ChatMessage[]): void {
    const ids = new Set(messages.map(({ id }) => id));
    const at = this.items.findIndex(({ id }) => ids.has(id));
    const count = this.items.filter(({ id }) => ids.has(id)).length;
    this.items.splice(at === -1 ? this.items.length : at, count, ...messages);
  }

  /** Puts what was heard in place of what was meant. Returns false if there is no such message. */
  setHeard(messageId: string, text: string): boolean {
    const index = this.items.findIndex((item) => item.id === messageId);
    const item = this.items[index];
    if (item === undefined) return false;
    if (text === '') this.items.splice(index, 1);
    else if (text !== item.content)
      this.items[index] = { ...item, content: text, interrupted: true };
    return true;
  }

  /** A context of its own with the same messages. */
  copy(): ChatContext {
    return new ChatContext(this.items);
  }
  /** As LiveKit's. Loads `@livekit/agents`. What comes back through `fromLiveKit` is the same. */
  async toLiveKit(): Promise<llm.ChatContext> {
    const { toLiveKit } = await import('./to-livekit.ts');
    return toLiveKit(this.items);
  }

  /**
   * Takes a history of LiveKit over: ids, times and what was cut. `developer` becomes `system`, and a
   * call stands with its answer. Left out are sounds and pictures, calls without an answer, handoffs
   * and changes of the configuration.
   */
  static fromLiveKit({ items }: llm.ChatContext): ChatContext {
    return new ChatContext(fromLiveKit(items));
  }
}
