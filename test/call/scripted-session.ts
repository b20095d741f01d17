import type {
  Draft,
  HostEffect,
  StreamChunk,
  TurnInput,
  TurnResult,
} from '../../src/agent/agent.ts';
import { ChatContext } from '../../src/agent/chat-context.ts';
import type { SessionHandle } from '../../src/session/handle.ts';

export interface Reply {
  /** Words, in the pieces in which they are streamed. */
  words?: readonly string[];
  ended?: boolean;
  outcome?: string;
  effects?: HostEffect[];
  /** Milliseconds before each piece. */
  everyMs?: number;
  /** Thrown after the words. */
  failure?: Error;
  /** After the words the stream never ends, whatever its signal says. */
  stalls?: boolean;
}

/** A session that a test controls: `answer` finds the reply, and `log` tells what became of it. */
export class ScriptedSession implements SessionHandle {
  readonly id = 'test';
  readonly flowState = null;
  readonly chatCtx = new ChatContext();
  readonly whispers: string[] = [];
  /** Such as `draft text: hello`, `commit`, `discard`, `heard: good`. */
  readonly log: string[] = [];
  readonly #answer: (input: TurnInput, turn: number) => Reply;
  #turns = 0;

  constructor(answer: (input: TurnInput, turn: number) => Reply) {
    this.#answer = answer;
  }

  draft(input: string | TurnInput, options: { signal?: AbortSignal } = {}): Draft {
    const event: TurnInput = typeof input === 'string' ? { kind: 'text', text: input } : input;
    this.log.push(`draft ${describe(event)}`);
    const reply = this.#answer(event, this.#turns);
    this.#turns += 1;
    const messageId = `message-${this.#turns}`;
    let spoken = '';
    return {
      stream: stream(reply, messageId, options.signal, (words) => {
        spoken += words;
      }),
      commit: () => {
        this.log.push('commit');
        if (event.kind === 'text') this.chatCtx.add({ role: 'user', content: event.text });
        const whole = (reply.words ?? []).join('');
        if (whole !== '') this.chatCtx.add({ role: 'assistant', content: whole, id: messageId });
      },
      discard: () => {
        this.log.push(`discard after "${spoken}"`);
      },
    };
  }

  heard(messageId: string, text: string): void {
    this.log.push(`heard: ${text}`);
    this.chatCtx.setHeard(messageId, text);
  }

  assist(text: string): void {
    this.whispers.push(text);
  }

  turn(): never {
    throw new Error('a call drafts its turns');
  }

  async checkpoint(): Promise<void> {}
  async [Symbol.asyncDispose](): Promise<void> {}
}

function describe(input: TurnInput): string {
  if (input.kind === 'text') return `text: ${input.text}`;
  if (input.kind === 'dtmf') return `dtmf: ${input.digits}`;
  return input.kind === 'silence' ? `silence: ${input.count}` : input.kind;
}

async function* stream(
  reply: Reply,
  messageId: string,
  signal: AbortSignal | undefined,
  onWords: (words: string) => void,
): AsyncIterable<StreamChunk> {
  const words = reply.words ?? [];
  for (const text of words) {
    if (reply.everyMs !== undefined) await new Promise((done) => setTimeout(done, reply.everyMs));
    if (signal?.aborted) break;
    onWords(text);
    yield { type: 'text', text };
  }
  if (reply.failure !== undefined) throw reply.failure;
  if (reply.stalls === true) await new Promise(() => undefined);
  const result: TurnResult = {
    text: words.join(''),
    ...(words.length > 0 && { messageId }),
    toolCalls: [],
    moves: [],
    refused: [],
    ended: reply.ended ?? false,
    ...(reply.outcome !== undefined && { outcome: reply.outcome }),
    effects: reply.effects ?? [],
    metadata: {},
  };
  yield { type: 'done', result };
}
