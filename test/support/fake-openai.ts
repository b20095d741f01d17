import {
  type FakeProvider,
  type FakeReplies,
  type FakeToolCall,
  type Protocol,
  piecesOf,
  startFakeProvider,
} from './fake-provider.ts';

const FINISH = { end: 'stop', length: 'length', refusal: 'content_filter' };

function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

function chunk(delta: object, finish: string | null = null): string {
  return event({
    id: 'chatcmpl-fake',
    object: 'chat.completion.chunk',
    created: 0,
    model: 'fake',
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
}

/** The calls' heads first and then their arguments by turns: the protocol allows it. */
function writeCalls(calls: readonly FakeToolCall[]): string {
  const heads = calls.map(({ id, name }, index) =>
    chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }),
  );
  const pieces = calls.flatMap((call, index) =>
    piecesOf(call.arguments).map((text, turn) => ({ turn, index, text })),
  );
  pieces.sort((a, b) => a.turn - b.turn);
  const bodies = pieces.map(({ index, text }) =>
    chunk({ tool_calls: [{ index, function: { arguments: text } }] }),
  );
  return [...heads, ...bodies].join('');
}

const protocol: Protocol = {
  basePath: '/v1',
  error: (status, message) => ({
    error: {
      message,
      type: status === 401 ? 'invalid_request_error' : 'fake_error',
      param: null,
      code: status === 401 ? 'invalid_api_key' : null,
    },
  }),
  begin: () => chunk({ role: 'assistant', content: '' }),
  token: (text) => chunk({ content: text }),
  overloaded: () =>
    event({ error: { message: 'busy', type: 'server_error', code: null, param: null } }),
  toolCalls: writeCalls,
  end: (stop, outputTokens, toolCalls) =>
    chunk({}, stop === 'end' && toolCalls > 0 ? 'tool_calls' : FINISH[stop]) +
    event({
      id: 'chatcmpl-fake',
      object: 'chat.completion.chunk',
      created: 0,
      model: 'fake',
      choices: [],
      usage: {
        prompt_tokens: 100,
        completion_tokens: outputTokens,
        total_tokens: 100 + outputTokens,
        prompt_tokens_details: { cached_tokens: 64 },
      },
    }) +
    'data: [DONE]\n\n',
};

/** A local server that speaks OpenAI's streaming chat completions. Any path and any key will do. */
export function startFakeOpenAI(replies: FakeReplies = {}): Promise<FakeProvider> {
  return startFakeProvider(protocol, replies);
}
