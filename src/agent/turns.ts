import { SuperdialogError } from '../errors.ts';
import type { Draft, StreamChunk, TurnInput, TurnResult } from './agent.ts';

/** An error that an agent survived: what it said in its place is in the turn's words. */
export interface AgentError {
  code: string;
  /** Holds nothing of the conversation. */
  message: string;
}

/** The error behind a turn's recovery line, which a machine puts under `metadata.error`. */
export function agentErrorOf({ metadata }: TurnResult): AgentError | undefined {
  const { error } = metadata;
  if (typeof error !== 'object' || error === null || Array.isArray(error)) return undefined;
  return { code: String(error.code), message: String(error.message) };
}

/** Errors of the configuration, which no further turn will mend. */
export function isMisconfigured({ code }: AgentError): boolean {
  return code === 'model_auth' || code === 'model_bad_request';
}

export function inputOf(input: string | TurnInput): TurnInput {
  return typeof input === 'string' ? { kind: 'text', text: input } : input;
}

/** A user's own agent may return just `{ text }`. */
export function completed(result: Partial<TurnResult> & { text: string }): TurnResult {
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

/** The draft of a turn in which nothing happens. */
export function emptyDraft(): Draft {
  const result = completed({ text: '' });
  return {
    stream: (async function* (): AsyncGenerator<StreamChunk> {
      yield { type: 'done', result };
    })(),
    commit: () => {},
    discard: () => {},
  };
}

/** A turn as a stream: it is committed when its first words go out, or at its end if it has none. */
export async function* committedStream(draft: Draft): AsyncGenerator<StreamChunk, void> {
  try {
    for await (const chunk of draft.stream) {
      draft.commit();
      yield chunk;
    }
  } finally {
    draft.discard();
  }
}

/** A turn as a whole. */
export async function resultOf(draft: Draft): Promise<TurnResult> {
  for await (const chunk of committedStream(draft)) {
    if (chunk.type === 'done') return chunk.result;
  }
  throw new SuperdialogError('no_result', 'the agent ended its stream without a result');
}
