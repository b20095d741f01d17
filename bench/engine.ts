import { flowOf } from './engine/call.ts';
import { cpuOfTurn } from './engine/cpu.ts';
import { Provider } from './engine/provider.ts';
import { type TimedCalls, timedCalls } from './engine/timed-calls.ts';
import { type Walk, walks } from './engine/walks.ts';
import { type BenchmarkResult, type BenchmarkRow, type Figure, median, rounded } from './result.ts';

const TIMED_RUNS = 5;
const CPU_RUNS = 50;

/** CPU ms a turn of superdialog 0.3.0's flow engine on the same files, with a server at 0 ms. */
const PEER_CPU_MS = new Map([
  ['kyc, given', 12],
  ['golf_booking, given', 127],
]);

/**
 * Whole calls over the example flows and those that others wrote: the model calls before the first
 * word and why, the first chunk against the model's own first spoken word as the provider's SDK delivers
 * it, the prompts, and the CPU of a turn.
 */
export async function engine(): Promise<BenchmarkResult> {
  using provider = await Provider.start();
  const rows: Record<string, BenchmarkRow> = {};
  const figures: Figure[] = [];
  for (const walk of walks) {
    const name = walk.given ? `${walk.flow}, given` : walk.flow;
    const flow = flowOf(walk);
    if ('missing' in flow) {
      console.error(`SKIPPED ${name}: there is no ${flow.missing}`);
      continue;
    }
    const timed = await timedCalls(walk, flow, provider, TIMED_RUNS);
    const cpuMs = await cpuOfTurn(walk, flow, provider, CPU_RUNS);
    rows[name] = { ...rowOf(walk, timed), 'CPU ms': rounded(cpuMs) };
    figures.push(ratioFigure(name, timed), cpuFigure(name, cpuMs));
  }
  return {
    benchmark: 'engine',
    about:
      'whole calls, OpenAI protocol, 300 ms to the first token, 10 ms a token, 30 spoken words; CPU with a server at 0 ms; a turn without a model has no baseline; tokens as Llama 2 counts them',
    runs: TIMED_RUNS,
    rows,
    figures,
  };
}

function rowOf({ lines }: Walk, { call, turns, requests }: TimedCalls): BenchmarkRow {
  const calls = call.map(({ causesBefore }) => causesBefore.length);
  const asking = turns.filter(({ causesBefore }) => causesBefore.length > 0);
  const prompts = requests.map(({ promptTokens }) => promptTokens);
  return {
    turns: lines.length,
    '0 calls': calls.filter((count) => count === 0).length,
    '1 call': calls.filter((count) => count === 1).length,
    more: calls.filter((count) => count > 1).length,
    'calls in all': requests.length,
    'causes of more': counted(call.flatMap(({ causesBefore }) => causesBefore.slice(1))),
    'first words ms': rounded(median(turns.map(({ firstChunkMs }) => firstChunkMs)), 0),
    'with a model ms': rounded(median(asking.map(({ firstChunkMs }) => firstChunkMs)), 0),
    'prompt tokens a turn': rounded(
      prompts.reduce((sum, tokens) => sum + tokens, 0) / lines.length,
      0,
    ),
    'largest prompt': Math.max(...prompts),
    'of it system': Math.max(...requests.map(({ systemTokens }) => systemTokens)),
    'largest schema': Math.max(...requests.map(({ schemaTokens }) => schemaTokens)),
  };
}

function ratioFigure(name: string, { turns }: TimedCalls): Figure {
  const ratio = median(
    turns.flatMap(({ firstChunkMs, bareMs }) =>
      bareMs === undefined ? [] : firstChunkMs / bareMs,
    ),
  );
  return {
    name: `${name}: first chunk / the model's own first spoken word`,
    value: rounded(ratio, 3),
    unit: 'ratio',
    goal: '<= 1.10',
    met: ratio <= 1.1,
  };
}

function cpuFigure(name: string, cpuMs: number): Figure {
  const peerMs = PEER_CPU_MS.get(name);
  const figure = { name: `${name}: CPU of a turn`, value: rounded(cpuMs), unit: 'ms' };
  if (peerMs === undefined) return figure;
  return { ...figure, goal: `<= ${peerMs / 5}`, met: cpuMs <= peerMs / 5 };
}

function counted(causes: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const cause of causes) counts.set(cause, (counts.get(cause) ?? 0) + 1);
  return [...counts].map(([cause, count]) => `${count} ${cause}`).join(', ');
}
