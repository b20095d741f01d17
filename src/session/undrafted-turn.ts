import type {
  Agent,
  Draft,
  StreamChunk,
  TurnInput,
  TurnOptions,
  TurnResult,
} from '../agent/agent.ts';
import { SuperdialogError } from '../errors.ts';

/**
 * The draft of an agent that has none: its turn is done when the stream is read. Such an agent gets
 * text only: keys come as text, the opening is `greeting`, and silences come to nothing.
 */
export function undraftedTurn(
  agent: Agent,
  input: TurnInput,
  { greeting, ...options }: TurnOptions & { greeting?: string | undefined },
): Draft {
  if (input.kind === 'opened' && greeting !== undefined) return greetingTurn(agent, greeting);
  const cancel = new AbortController();
  const signal = AbortSignal.any([cancel.signal, ...(options.signal ? [options.signal] : [])]);
  return {
    stream: chunksOf(agent, input, signal),
    commit: () => {
      if (cancel.signal.aborted) {
        throw new SuperdialogError('draft_discarded', 'a discarded draft cannot be committed');
      }
    },
    discard: () => cancel.abort(),
  };
}

function greetingTurn(agent: Agent, text: string): Draft {
  const greeted = agent.chatCtx.copy();
  const { id: messageId } = greeted.add({ role: 'assistant', content: text });
  const result = completed({ text, messageId });
  return {
    stream: (async function* (): AsyncGenerator<StreamChunk, void> {
      yield { type: 'text', text };
      yield { type: 'done', result };
    })(),
    commit: () => agent.loadChatCtx(greeted),
    discard: () => {},
  };
}

async function* chunksOf(
  agent: Agent,
  input: TurnInput,
  signal: AbortSignal,
): AsyncGenerator<StreamChunk, void> {
  const text = textOf(input);
  if (text === undefined) {
    yield { type: 'done', result: completed({ text: '' }) };
    return;
  }
  for await (const chunk of agent.turn(text, { stream: true, signal })) {
    yield chunk.type === 'done' ? { type: 'done', result: completed(chunk.result) } : chunk;
  }
}

function textOf(input: TurnInput): string | undefined {
  if (input.kind === 'text') return input.text;
  return input.kind === 'dtmf' ? input.digits : undefined;
}

/** A user's own agent may return just `{ text }`. */
function completed(result: Partial<TurnResult> & { text: string }): TurnResult {
  return {
    toolCalls: [],
    moves: [],
    refused: [],
    ended: false,
    effects: [],
    metadata: {},
    ...result,
  };
}
