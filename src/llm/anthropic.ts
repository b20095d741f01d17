import type { MessageCreateParamsStreaming, Tool } from '@anthropic-ai/sdk/resources/messages';
import { toMessages } from './anthropic-messages.ts';
import { readReply } from './anthropic-reply.ts';
import type { ModelIdentity } from './errors.ts';
import type { LanguageModel, ModelDelta, ModelRequest, ModelTool } from './model.ts';
import type { ModelPrice } from './model-cost.ts';
import type { AnthropicOptions } from './model-uri.ts';
import { smallerBound, watchedModel } from './watched-model.ts';

interface AnthropicModelSettings {
  identity: ModelIdentity;
  model: string;
  /** Absent: the provider's own. */
  baseUrl: string | undefined;
  key: string | undefined;
  options: AnthropicOptions;
  deadlineMs: number;
  price: ModelPrice | undefined;
}

/** The API wants a bound. Ample for spoken words, and for the thoughts of models that cannot but think. */
const DEFAULT_MAX_TOKENS = 4096;

export function createAnthropicModel(settings: AnthropicModelSettings): LanguageModel {
  const { identity, options, deadlineMs, price } = settings;
  const structured = options.structured ?? true;
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
  progress: () => void,
): AsyncGenerator<ModelDelta> {
  yield* readReply(await (await client).messages.create(body, { signal }), progress);
}

function requestBody(
  { model, options }: AnthropicModelSettings,
  request: ModelRequest,
  structured: boolean,
): MessageCreateParamsStreaming {
  const schema = structured ? request.schema?.schema : undefined;
  const { thinking, effort } = reasoningOf(options.reasoning ?? leastReasoning(model));
  return {
    model,
    max_tokens: smallerBound(request.maxTokens, options.max_tokens) ?? DEFAULT_MAX_TOKENS,
    system: [{ type: 'text', text: request.system, cache_control: { type: 'ephemeral' } }],
    messages: toMessages(request.messages),
    stream: true,
    ...(request.tools !== undefined &&
      request.tools.length > 0 && {
        tools: request.tools.map(toTool),
        ...(request.toolChoice !== undefined && { tool_choice: { type: request.toolChoice } }),
      }),
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

function toTool({ name, description, schema }: ModelTool): Tool {
  return { name, description, input_schema: { ...schema, type: 'object' } };
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
