import { randomUUID } from 'node:crypto';

/** One entry of the history. `createdAt` is in milliseconds since the epoch. */
export interface ChatMessage {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string;
  id: string;
  createdAt: number;
  /** True for an assistant's message that the caller cut off: `content` is what was played. */
  interrupted?: boolean;
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

  copy(): ChatContext {
    return new ChatContext(this.items);
  }
}
