import type {
  ChatCompletionChunk,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import type { ModelIdentity } from './errors.ts';
import type {
  LanguageModel,
  ModelDelta,
  ModelMessage,
  ModelRequest,
  ModelTool,
  ModelUsage,
} from './model.ts';
import type { ModelPrice } from './model-cost.ts';
import type { OpenAIOptions } from './model-uri.ts';
import { CallCollector, mayCallTools, toCallId, toCallName } from './tool-calls.ts';
import { smallerBound, watchedModel } from './watched-model.ts';

interface OpenAIModelSettings {
  identity: ModelIdentity;
  model: string;
  /** Absent: the provider's own. */
  baseUrl: string | undefined;
  /** `other` gets only parameters that every compatible server knows. */
  server: 'openai' | 'vllm' | 'other';
  key: string | undefined;
  options: OpenAIOptions;
  deadlineMs: number;
  price: ModelPrice | undefined;
}

/** Chat completions: the protocol that compatible servers speak too. */
export function createOpenAIModel(settings: OpenAIModelSettings): LanguageModel {
  const { identity, model, server, options, deadlineMs, price } = settings;
  const structured = options.structured ?? (server !== 'openai' || hasSchemas(model));
  let client: Promise<Client> | undefined;
  return watchedModel({
    identity,
    structured,
    deadlineMs,
    price,
    read: (request) => (signal, progress) => {
      client ??= createClient(settings);
      return readDeltas(client, requestBody(settings, request, structured), signal, progress);
    },
  });
}

type Client = Awaited<ReturnType<typeof createClient>>;

async function createClient({ baseUrl, key }: OpenAIModelSettings) {
  const { default: OpenAI } = await import('openai');
  return new OpenAI({
    // The SDK insists on a key and else takes OpenAI's own. The header is left out.
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
  body: ChatCompletionCreateParamsStreaming,
  signal: AbortSignal,
  progress: () => void,
): AsyncGenerator<ModelDelta> {
  const chunks = await (await client).chat.completions.create(body, { signal });
  const calls = new CallCollector();
  let usage: ModelUsage | undefined;
  let stop: 'end' | 'length' | 'refusal' | undefined;
  for await (const chunk of chunks) {
    const choice = chunk.choices?.[0];
    if (choice?.delta?.content) yield { type: 'text', text: choice.delta.content };
    for (const part of choice?.delta?.tool_calls ?? []) {
      calls.add(part);
      progress();
    }
    // A refusal comes in words of its own; they are the provider's, and no reply.
    if (choice?.delta?.refusal) stop = 'refusal';
    if (choice?.finish_reason) {
      yield* calls.take();
      stop ??= stopOf(choice.finish_reason);
    }
    if (chunk.usage) usage = usageOf(chunk.usage);
  }
  if (stop !== undefined) yield { type: 'done', stop, ...(usage && { usage }) };
}

function requestBody(
  { model, server, options }: OpenAIModelSettings,
  request: ModelRequest,
  structured: boolean,
): ChatCompletionCreateParamsStreaming {
  const isOpenAI = server === 'openai';
  const maxTokens = smallerBound(request.maxTokens, options.max_tokens);
  const effort = options.reasoning ?? (isOpenAI ? leastReasoning(model) : 'default');
  // Other servers hold the whole reply to the schema, calls included, so that none can be made:
  // https://github.com/vllm-project/vllm/issues/39929
  const holdsReply = structured && (isOpenAI || !mayCallTools(request));
  return {
    model,
    messages: [{ role: 'system', content: request.system }, ...request.messages.map(toMessage)],
    stream: true,
    ...(server !== 'other' && { stream_options: { include_usage: true } }),
    ...(maxTokens !== undefined && {
      [isOpenAI ? 'max_completion_tokens' : 'max_tokens']: maxTokens,
    }),
    ...(options.temperature !== undefined && { temperature: options.temperature }),
    ...(effort !== 'default' && { reasoning_effort: effort }),
    ...(request.tools !== undefined &&
      request.tools.length > 0 && {
        tools: request.tools.map(toTool),
        ...(request.toolChoice !== undefined && { tool_choice: request.toolChoice }),
      }),
    ...(holdsReply &&
      request.schema !== undefined && {
        response_format: {
          type: 'json_schema',
          json_schema: { name: request.schema.name, strict: true, schema: request.schema.schema },
        },
      }),
  };
}

function toTool({ name, description, schema }: ModelTool) {
  return { type: 'function' as const, function: { name, description, parameters: schema } };
}

function toMessage(message: ModelMessage): ChatCompletionMessageParam {
  const { role, content } = message;
  if (role === 'user') return { role, content };
  if (role === 'tool') return { role, content, tool_call_id: toCallId(message.callId) };
  const calls = message.toolCalls ?? [];
  if (calls.length === 0) return { role, content };
  return {
    role,
    content: content === '' ? null : content,
    tool_calls: calls.map((call) => ({
      id: toCallId(call.id),
      type: 'function',
      function: {
        name: toCallName(call.name),
        arguments: JSON.stringify(call.arguments ?? {}),
      },
    })),
  };
}

/**
 * The least reasoning a model takes; `default` where it takes none of these values or is not known.
 * Source: the models' pages and what the API answers to other values, as of November 2026.
 */
function leastReasoning(model: string): NonNullable<OpenAIOptions['reasoning']> {
  if (/-(chat-latest|pro)\b|-search/.test(model)) return 'default';
  if (/^gpt-5.*-codex/.test(model)) return 'low';
  if (/^gpt-5(-mini|-nano)?(-\d{4}-|$)/.test(model)) return 'minimal';
  if (/^gpt-5\.\d/.test(model)) return 'none';
  if (/^gpt-6(\.1)?-(luna|terra)|^gpt-6-sol/.test(model)) return 'none';
  if (/^gpt-6-astra|^gpt-6\.1-sol/.test(model)) return 'low';
  return /^(o1|o3|o3-mini|o4-mini)(-\d{4}-|$)/.test(model) ? 'low' : 'default';
}

/** Models from before structured output. */
function hasSchemas(model: string): boolean {
  return !/^(gpt-3\.5|gpt-4(-|$)|gpt-4o-2024-05-13|chatgpt-4o|o1-(mini|preview))/.test(model);
}

function stopOf(reason: string): 'end' | 'length' | 'refusal' {
  if (reason === 'length') return 'length';
  return reason === 'content_filter' ? 'refusal' : 'end';
}

function usageOf(usage: NonNullable<ChatCompletionChunk['usage']>): ModelUsage {
  return {
    inputTokens: usage.prompt_tokens,
    outputTokens: usage.completion_tokens,
    cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
  };
}
