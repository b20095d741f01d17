import type { TurnInput, TurnResult } from '../agent/agent.ts';
import type { ChatMessage } from '../agent/chat-context.ts';
import { SuperdialogError } from '../errors.ts';
import type { SessionHandle } from '../session/handle.ts';
import { isNew, wordsToTakeUp } from '../session/opening.ts';

/** What one request came to: a turn, or an opening and the turn that follows it. */
export interface Exchange {
  /** At least one, in order. */
  results: [TurnResult, ...TurnResult[]];
  /** The first of them opened the conversation. */
  opened: boolean;
}

export interface ExchangeOptions {
  /** Ends the exchange: see `TurnOptions.signal`. */
  signal: AbortSignal;
  /** Takes the agent's words as they come. Without it a turn happens as a whole or not at all. */
  onText?: (text: string) => Promise<void>;
}

/** Between the words of two turns that one reply holds. */
export const BETWEEN_TURNS = '\n';

/**
 * Has the agent answer. A conversation is always opened first, so that nobody misses what the
 * opening has to say; without a text that is all, or on an open one the question once more.
 */
export async function exchange(
  session: SessionHandle,
  text: string | undefined,
  options: ExchangeOptions,
): Promise<Exchange> {
  const opened = isNew(session);
  const lastWords = text === undefined ? wordsToTakeUp(session) : undefined;
  if (lastWords !== undefined) return { results: [await repeat(lastWords, options)], opened };
  const said: TurnInput | undefined = text === undefined ? undefined : { kind: 'text', text };
  const first = await takeTurn(session, opened || !said ? { kind: 'opened' } : said, options);
  if (!opened || !said || first.ended) return { results: [first], opened };
  const second = await takeTurn(session, said, first.text === '' ? options : afterwards(options));
  return { results: [first, second], opened };
}

async function takeTurn(
  session: SessionHandle,
  input: TurnInput,
  { signal, onText }: ExchangeOptions,
): Promise<TurnResult> {
  if (onText === undefined) return session.turn(input, { signal });
  for await (const chunk of session.turn(input, { stream: true, signal })) {
    if (chunk.type === 'done') return chunk.result;
    await onText(chunk.text);
  }
  throw new SuperdialogError('no_result', 'the agent ended its stream without a result');
}

async function repeat(
  { id, content }: ChatMessage,
  { onText }: ExchangeOptions,
): Promise<TurnResult> {
  await onText?.(content);
  const nothing = { toolCalls: [], moves: [], refused: [], effects: [], metadata: {} };
  return { text: content, messageId: id, ended: false, ...nothing };
}

/** The words that come are kept apart from those that have been streamed. */
function afterwards({ signal, onText }: ExchangeOptions): ExchangeOptions {
  if (onText === undefined) return { signal };
  let between = BETWEEN_TURNS;
  return {
    signal,
    onText: async (text) => {
      await onText(between + text);
      between = '';
    },
  };
}
