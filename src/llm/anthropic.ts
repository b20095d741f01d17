import type {
  MessageCreateParamsStreaming,
  MessageDeltaUsage,
  Usage,
} from '@anthropic-ai/sdk/resources/messages';
import type { ModelIdentity } from './errors.ts';
import type { LanguageModel, ModelDelta, ModelMessage, ModelRequest, ModelUsage } from './model.ts';
import type { AnthropicOptions } from './model-uri.ts';
import { watchStream } from './watched-stream.ts';

export interface AnthropicModelSettings {
  identity: ModelIdentity;
  model: string;
  /** Absent: the provider's own. */
  baseUrl: string | undefined;
  key: string | undefined;
  options: AnthropicOptions;
  deadlineMs: number;
}

/** The API wants a bound. Ample for spoken words, and for the thoughts of models that cannot but think. */
const DEFAULT_MAX_TOKENS = 4096;

export function createAnthropicModel(settings: AnthropicModelSettings): LanguageModel {
  const { identity, deadlineMs } = settings;
  const structured = settings.options.structured ?? true;
  let client: Promise<Client> | undefined;
  return {
    uri: identity.uri,
    structured,
    stream(request, options = {}) {
      client ??= createClient(settings);
      const opened = client;
      const body = requestBody(settings, request, structured);
      const open = (signal: AbortSignal) => readDeltas(opened, body, signal);
      return watchStream(open, { identity, deadlineMs, signal: options.signal });
    },
  };
}

type Client = Awaited<ReturnType<typeof createClient>>;

async function createClient({ baseUrl, key }: AnthropicModelSettings) {
  const { default: Anthropic } = await import('@anthropic-ai/sdk');
  return new Anthropic({
    // A key in code keeps the SDK from looking for others on this machine. The header is left out.
    apiKey: key ?? 'none',
    ...(key === undefined && { defaultHeaders: { Authorization: null } }),
    ...(baseUrl !== undefined && { baseURL: baseUrl }),
    // A caller must not wait through silent retries, and the SDK's log would show the conversation.
    maxRetries: 0,
    logLevel: 'off',
  });
}

async function* readDeltas(
  client: Promise<Client>,
  body: MessageCreateParamsStreaming,
  signal: AbortSignal,
): AsyncGenerator<ModelDelta> {
  const events = await (await client).messages.create(body, { signal });
  let usage: Usage | undefined;
  let done: ModelDelta | undefined;
  for await (const event of events) {
    if (event.type === 'message_start') usage = event.message.usage;
    if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') {
      yield { type: 'text', text: event.delta.text };
    }
    if (event.type === 'message_delta') {
      const stop = stopOf(event.delta.stop_reason);
      done = { type: 'done', stop, usage: usageOf(usage, event.usage) };
    }
  }
  // Not before the stream has ended: a connection that is read to its end can be used again.
  if (done !== undefined) yield done;
}

function requestBody(
  { model, options }: AnthropicModelSettings,
  request: ModelRequest,
  structured: boolean,
): MessageCreateParamsStreaming {
  const bound = Math.min(request.maxTokens ?? Infinity, options.max_tokens ?? Infinity);
  const schema = structured ? request.schema?.schema : undefined;
  const { thinking, effort } = reasoningOf(options.reasoning ?? leastReasoning(model));
  return {
    model,
    max_tokens: Number.isFinite(bound) ? bound : DEFAULT_MAX_TOKENS,
    system: [{ type: 'text', text: request.system, cache_control: { type: 'ephemeral' } }],
    messages: startingWithUser(request.messages),
    stream: true,
    ...(options.temperature !== undefined && { temperature: options.temperature }),
    ...(thinking !== undefined && { thinking: { type: thinking } }),
    ...((schema ?? effort) !== undefined && {
      output_config: {
        ...(effort !== undefined && { effort }),
        ...(schema !== undefined && { format: { type: 'json_schema' as const, schema } }),
      },
    }),
  };
}

/** The API refuses a conversation that the assistant opens, as an agent that answers a call does. */
function startingWithUser(messages: ModelMessage[]): ModelMessage[] {
  return messages[0]?.role === 'assistant'
    ? [{ role: 'user', content: '(The call begins.)' }, ...messages]
    : messages;
}

type Reasoning = NonNullable<AnthropicOptions['reasoning']>;

/**
 * The least thinking a model takes; `default` where that is none already or the model is not known.
 * Source: Anthropic's table of thinking types by model, as of November 2026.
 */
function leastReasoning(model: string): Reasoning {
  if (/^claude-(opus-5-5|fable-5|mythos-)/.test(model)) return 'low';
  if (/^claude-sonnet-5-5/.test(model)) return 'between_tools';
  return /^claude-(opus-5|sonnet-5|haiku-5-5)/.test(model) ? 'disabled' : 'default';
}

function reasoningOf(reasoning: Reasoning) {
  switch (reasoning) {
    case 'default':
      return {};
    case 'disabled':
    case 'between_tools':
      return { thinking: reasoning };
    default:
      return { effort: reasoning };
  }
}

function stopOf(reason: string | null): 'end' | 'length' | 'refusal' {
  if (reason === 'max_tokens' || reason === 'model_context_window_exceeded') return 'length';
  return reason === 'refusal' ? 'refusal' : 'end';
}

/** Here `input_tokens` leaves out what was read from or written to the cache. */
function usageOf(start: Usage | undefined, end: MessageDeltaUsage): ModelUsage {
  const cachedTokens = start?.cache_read_input_tokens ?? 0;
  const written = start?.cache_creation_input_tokens ?? 0;
  return {
    inputTokens: (start?.input_tokens ?? 0) + cachedTokens + written,
    outputTokens: end.output_tokens,
    cachedTokens,
  };
}
