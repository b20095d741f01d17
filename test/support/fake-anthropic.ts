import {
  type FakeProvider,
  type FakeReplies,
  type FakeToolCall,
  type Protocol,
  piecesOf,
  startFakeProvider,
} from './fake-provider.ts';

const STOP = { end: 'end_turn', length: 'max_tokens', refusal: 'refusal' };

function event(data: { type: string; [field: string]: unknown }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Behind the text, which is block 0. */
function writeCall({ id, name, ...call }: FakeToolCall, position: number): string {
  const index = position + 1;
  const block = { type: 'tool_use', id, name, input: {} };
  const pieces = ['', ...piecesOf(call.arguments)].map((text) =>
    event({
      type: 'content_block_delta',
      index,
      delta: { type: 'input_json_delta', partial_json: text },
    }),
  );
  return [
    event({ type: 'content_block_start', index, content_block: block }),
    ...pieces,
    event({ type: 'content_block_stop', index }),
  ].join('');
}

const protocol: Protocol = {
  basePath: '',
  error: (status, message) => ({
    type: 'error',
    error: { type: status === 401 ? 'authentication_error' : 'fake_error', message },
  }),
  begin: (body) =>
    event({
      type: 'message_start',
      message: {
        id: 'msg_fake',
        type: 'message',
        role: 'assistant',
        model: body.model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: {
          input_tokens: 20,
          cache_creation_input_tokens: 16,
          cache_read_input_tokens: 64,
          output_tokens: 1,
        },
      },
    }) +
    event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }) +
    event({ type: 'ping' }),
  token: (text) =>
    event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
  overloaded: () =>
    event({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }),
  toolCalls: (calls) =>
    event({ type: 'content_block_stop', index: 0 }) + calls.map(writeCall).join(''),
  end: (stop, outputTokens, toolCalls) =>
    event({
      type: 'message_delta',
      delta: {
        stop_reason: stop === 'end' && toolCalls > 0 ? 'tool_use' : STOP[stop],
        stop_sequence: null,
      },
      usage: { output_tokens: outputTokens },
    }) + event({ type: 'message_stop' }),
};

/** A local server that speaks Anthropic's streaming messages. Any path and any key will do. */
export function startFakeAnthropic(replies: FakeReplies = {}): Promise<FakeProvider> {
  return startFakeProvider(protocol, replies);
}
