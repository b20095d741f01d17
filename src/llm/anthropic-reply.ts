import type {
  ContentBlock,
  MessageDeltaUsage,
  RawContentBlockDelta,
  RawMessageStreamEvent,
  Usage,
} from '@anthropic-ai/sdk/resources/messages';
import type { ModelDelta, ModelThought, ModelUsage } from './model.ts';
import { completeCall, type OpenCall } from './tool-calls.ts';

/** Reads the events of one message. Those that are no delta yet are reported as progress. */
export async function* readReply(
  events: AsyncIterable<RawMessageStreamEvent>,
  progress: () => void,
): AsyncGenerator<ModelDelta> {
  const block = new OpenBlock();
  let usage: Usage | undefined;
  let done: ModelDelta | undefined;
  for await (const event of events) {
    switch (event.type) {
      case 'message_start':
        usage = event.message.usage;
        break;
      case 'content_block_start':
        block.begin(event.content_block);
        break;
      case 'content_block_delta':
        if (event.delta.type === 'text_delta') yield { type: 'text', text: event.delta.text };
        if (event.delta.type === 'input_json_delta') progress();
        block.write(event.delta);
        break;
      case 'content_block_stop':
        yield* block.end();
        break;
      case 'message_delta': {
        const stop = stopOf(event.delta.stop_reason);
        done = { type: 'done', stop, usage: usageOf(usage, event.usage) };
      }
    }
  }
  // Not before the stream has ended: a connection that is read to its end can be used again.
  if (done !== undefined) yield done;
}

/** The call or thought that is being written. Blocks come one after the other. */
class OpenBlock {
  #call: OpenCall | undefined;
  #thought: { text: string; signature: string } | undefined;
  /** Those since the last call. */
  #thoughts: ModelThought[] = [];

  begin(block: ContentBlock): void {
    if (block.type === 'tool_use') this.#call = { id: block.id, name: block.name, text: '' };
    if (block.type === 'thinking') {
      this.#thought = { text: block.thinking, signature: block.signature };
    }
    if (block.type === 'redacted_thinking') this.#thoughts.push({ redacted: block.data });
  }

  write(delta: RawContentBlockDelta): void {
    if (delta.type === 'input_json_delta' && this.#call) this.#call.text += delta.partial_json;
    if (delta.type === 'thinking_delta' && this.#thought) this.#thought.text += delta.thinking;
    if (delta.type === 'signature_delta' && this.#thought) {
      this.#thought.signature += delta.signature;
    }
  }

  end(): ModelDelta[] {
    if (this.#thought !== undefined) this.#thoughts.push(this.#thought);
    this.#thought = undefined;
    if (this.#call === undefined) return [];
    const call = completeCall(this.#call, this.#thoughts);
    this.#call = undefined;
    this.#thoughts = [];
    return [call];
  }
}

function stopOf(reason: string | null): 'end' | 'length' | 'refusal' {
  if (reason === 'max_tokens' || reason === 'model_context_window_exceeded') return 'length';
  return reason === 'refusal' ? 'refusal' : 'end';
}

/** Here `input_tokens` leaves out what was read from or written to the cache. */
function usageOf(start: Usage | undefined, end: MessageDeltaUsage): ModelUsage {
  const cachedTokens = start?.cache_read_input_tokens ?? 0;
  const cacheWrittenTokens = start?.cache_creation_input_tokens ?? 0;
  return {
    inputTokens: (start?.input_tokens ?? 0) + cachedTokens + cacheWrittenTokens,
    outputTokens: end.output_tokens,
    cachedTokens,
    cacheWrittenTokens,
  };
}
