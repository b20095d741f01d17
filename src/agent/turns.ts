import { SuperdialogError } from '../errors.ts';
import type { Draft, StreamChunk, TurnInput, TurnResult } from './agent.ts';

export function inputOf(input: string | TurnInput): TurnInput {
  return typeof input === 'string' ? { kind: 'text', text: input } : input;
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

/** A turn as a whole: it is committed when it is complete. */
export async function resultOf(draft: Draft): Promise<TurnResult> {
  try {
    for await (const chunk of draft.stream) {
      if (chunk.type !== 'done') continue;
      draft.commit();
      return chunk.result;
    }
  } finally {
    draft.discard();
  }
  throw new SuperdialogError('no_result', 'the agent ended its stream without a result');
}
