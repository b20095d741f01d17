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

function writeBlock(index: number, block: object, deltas: readonly object[]): string {
  return [
    event({ type: 'content_block_start', index, content_block: block }),
    ...deltas.map((delta) => event({ type: 'content_block_delta', index, delta })),
    event({ type: 'content_block_stop', index }),
  ].join('');
}

function writeThought(index: number, thought: string): string {
  return writeBlock(index, { type: 'thinking', thinking: '', signature: '' }, [
    ...piecesOf(thought).map((text) => ({ type: 'thinking_delta', thinking: text })),
    { type: 'signature_delta', signature: `signed ${thought}` },
  ]);
}

function writeCall(index: number, { id, name, arguments: written }: FakeToolCall): string {
  const block = { type: 'tool_use', id, name, input: {} };
  const pieces = ['', ...piecesOf(written)];
  return writeBlock(
    index,
    block,
    pieces.map((text) => ({ type: 'input_json_delta', partial_json: text })),
  );
}

/** Behind the text, which is block 0. */
function writeCalls(calls: readonly FakeToolCall[]): string {
  let index = 0;
  let written = '';
  for (const call of calls) {
    if (call.thought !== undefined) written += writeThought(++index, call.thought);
    written += writeCall(++index, call);
  }
  return written;
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
  toolCalls: (calls) => event({ type: 'content_block_stop', index: 0 }) + writeCalls(calls),
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
