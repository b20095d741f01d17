import OpenAI from 'openai';
import { createModel, DialogMachine, Flow } from '../src/index.ts';
import { startFakeOpenAI } from '../test/support/fake-openai.ts';
import type { FakeProvider } from '../test/support/fake-provider.ts';
import { type BenchmarkResult, median, rounded } from './result.ts';

/** The provider of the measured peers: 300 ms to the first token, 10 ms a token, 30 spoken words. */
const LATENCY = { firstTokenMs: 300, msPerToken: 10 };
const RUNS = 20;
const WORDS = Array.from({ length: 30 }, (_, index) => `word${index}`).join(' ');
const REPLY = `{"go":"stay","set":[],"say":"${WORDS}."}`;
const SAY = /"say"\s*:\s*"(.)/;

const flow = Flow.load('flows/kyc.yaml');
const DECIDED_BY_FLOW = [
  'My name is Susan Baker.',
  'why do you need that',
  'The third of March 1986',
  '4 7 1 2, 0 9',
  '3 8 5 1',
  'Yes, that is right.',
];
const LEFT_TO_MODEL = 'I moved here from abroad last year, does that make any difference for this?';

/**
 * The first chunk of a turn that the model decides, against the model's own first spoken word as the
 * provider's SDK delivers it, both from the same server and in turns; and the model calls of a turn.
 */
export async function engine(): Promise<BenchmarkResult> {
  await using server = await startFakeOpenAI({ text: REPLY, ...LATENCY });
  const turnMs: number[] = [];
  const ownMs: number[] = [];
  const calls: number[] = [];
  await firstSpokenWordMs(server);
  for (let run = 0; run < RUNS; run += 1) {
    ownMs.push(await firstSpokenWordMs(server));
    const turn = await undecidedTurn(server);
    turnMs.push(turn.firstChunkMs);
    calls.push(turn.modelCalls);
  }
  const decided = await decidedTurns();
  const ratio = median(turnMs) / median(ownMs);
  return {
    benchmark: 'engine',
    about:
      'kyc flow, OpenAI protocol, 300 ms to the first token, 10 ms a token; baseline: the same reply read with the openai package',
    runs: RUNS,
    figures: [
      { name: 'model, first spoken word (baseline)', value: rounded(median(ownMs), 1), unit: 'ms' },
      { name: 'turn(), first chunk', value: rounded(median(turnMs), 1), unit: 'ms' },
      {
        name: 'turn() / baseline',
        value: rounded(ratio, 3),
        unit: 'ratio',
        goal: '<= 1.10',
        met: ratio <= 1.1,
      },
      exactly('model calls, turn left to the model', Math.max(...calls), 1),
      exactly('model calls, turns the flow decides', decided.modelCalls, 0),
      { name: 'CPU of a turn the flow decides', value: rounded(decided.cpuMs), unit: 'ms' },
    ],
  };
}

function exactly(name: string, value: number, goal: number) {
  return { name, value, unit: 'calls', goal: `= ${goal}`, met: value === goal };
}

async function undecidedTurn(
  server: FakeProvider,
): Promise<{ firstChunkMs: number; modelCalls: number }> {
  const machine = machineFor(server);
  await machine.turn({ kind: 'opened' });
  const before = server.requests.length;
  const startedAt = performance.now();
  let firstChunkMs = Number.NaN;
  for await (const chunk of machine.turn(LEFT_TO_MODEL, { stream: true })) {
    if (chunk.type === 'text' && Number.isNaN(firstChunkMs)) {
      firstChunkMs = performance.now() - startedAt;
    }
  }
  return { firstChunkMs, modelCalls: server.requests.length - before };
}

/** The same reply, read as directly as the SDK lets one. */
async function firstSpokenWordMs(server: FakeProvider): Promise<number> {
  const client = new OpenAI({ apiKey: 'none', baseURL: server.url, maxRetries: 0 });
  const startedAt = performance.now();
  const stream = await client.chat.completions.create({
    model: 'fake',
    stream: true,
    messages: [{ role: 'user', content: LEFT_TO_MODEL }],
  });
  let text = '';
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    if (SAY.test(text)) {
      stream.controller.abort();
      return performance.now() - startedAt;
    }
  }
  throw new Error('the server sent no words');
}

/** Turns that need no model, with one at hand that would be counted. */
async function decidedTurns(): Promise<{ modelCalls: number; cpuMs: number }> {
  await using server = await startFakeOpenAI({ text: REPLY });
  const conversation = async () => {
    const machine = machineFor(server);
    await machine.turn({ kind: 'opened' });
    for (const line of DECIDED_BY_FLOW) await machine.turn(line);
    if (!machine.flowState.ended) throw new Error('the conversation did not come to its end');
  };
  for (let warmUp = 0; warmUp < RUNS; warmUp += 1) await conversation();
  const before = process.cpuUsage();
  for (let run = 0; run < RUNS; run += 1) await conversation();
  const { user, system } = process.cpuUsage(before);
  const turns = RUNS * (DECIDED_BY_FLOW.length + 1);
  return { modelCalls: server.requests.length, cpuMs: (user + system) / 1000 / turns };
}

function machineFor(server: FakeProvider): DialogMachine {
  const env = { OPENAI_API_KEY: 'none', OPENAI_BASE_URL: server.url };
  return new DialogMachine({ flow, llm: createModel('openai/fake', { env }) });
}
