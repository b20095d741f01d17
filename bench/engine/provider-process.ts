import llama from 'llama-tokenizer-js';
import { startGolfService } from '../../test/conversations/golf-service.ts';
import { startFakeOpenAI } from '../../test/support/fake-openai.ts';
import type { FakeReply, RecordedRequest } from '../../test/support/fake-provider.ts';
import {
  AGAIN,
  type FromProvider,
  type Latency,
  type SeenRequest,
  type ToProvider,
} from './protocol.ts';
import type { Answer } from './walks.ts';

/*
 * The provider, in a process of its own, so that its work is not counted as the engine's. It decides as
 * the walk says and does what the prompt tells it to say, thirty words or none.
 */

/** As long as the spoken replies that the peers were measured with. */
const WORDS = `${Array.from({ length: 30 }, (_, index) => `word${index}`).join(' ')}.`;
const HOLDING = 'One moment please, I look that up for you.';

let answers: Answer[] = [];
let latency: Latency = { firstTokenMs: 0, msPerToken: 0 };
let seen: RecordedRequest[] = [];
let faults: string[] = [];
const replies = new Map<string, string>();

function replyTo(request: RecordedRequest): FakeReply {
  const key = JSON.stringify(request.body.messages);
  if (request.headers[AGAIN] !== undefined) return { text: replies.get(key) ?? '', ...latency };
  seen.push(request);
  const text = request.body.response_format === undefined ? WORDS : decision(taskOf(request));
  if (text === undefined) return { status: 500 };
  replies.set(key, text);
  return { text, ...latency };
}

function decision(task: string): string | undefined {
  const answer = answers.shift();
  if (answer === undefined) return fault('asked to decide once more than the walk expects', task);
  const { go, set } = typeof answer === 'string' ? { go: answer, set: {} } : answer;
  const move = task.split('\n').find((line) => line.startsWith(`- ${go}: `));
  if (move === undefined) return fault(`"${go}" is not offered`, task);
  const values = Object.entries(set).map(([slot, value]) => ({ slot, value }));
  return JSON.stringify({ go, set: values, say: wordsFor(move) });
}

function wordsFor(move: string): string {
  if (move.includes('Say: nothing ("")')) return '';
  return move.includes('Say: one short sentence') ? HOLDING : WORDS;
}

function fault(what: string, task: string): undefined {
  const moves = task.split('\n').flatMap((line) => /^- ([^:]+): /.exec(line)?.[1] ?? []);
  faults.push(`${what}; offered are ${moves.join(', ')}`);
}

function taskOf({ body }: RecordedRequest): string {
  return messagesOf(body.messages).at(-1) ?? '';
}

function messagesOf(messages: unknown): string[] {
  if (!Array.isArray(messages)) return [];
  return messages.map((message: { content?: unknown }) => String(message.content));
}

function measured({ body }: RecordedRequest): SeenRequest {
  const [system = 0, ...others] = messagesOf(body.messages).map(tokensOf);
  return {
    promptTokens: others.reduce((sum, tokens) => sum + tokens, system),
    systemTokens: system,
    schemaTokens:
      body.response_format === undefined ? 0 : tokensOf(JSON.stringify(body.response_format)),
  };
}

function tokensOf(text: string): number {
  return llama.encode(text, false, false).length;
}

function tell(message: FromProvider): void {
  process.send?.(message);
}

const provider = await startFakeOpenAI(replyTo);
const service = await startGolfService();

process.on('message', (message: ToProvider) => {
  switch (message.type) {
    case 'begin':
      answers = [...message.answers];
      latency = message.latency;
      seen = [];
      faults = [];
      tell({ type: 'begun' });
      break;
    case 'end':
      tell({
        type: 'ended',
        requests: message.count ? seen.map(measured) : [],
        unused: answers.length,
        faults,
      });
      provider.requests.length = 0;
      service.requests.length = 0;
      replies.clear();
      break;
  }
});
// The benchmark is over, or gone.
process.on('disconnect', () => process.exit());
tell({ type: 'ready', url: provider.url, serviceUrl: service.url });
