import type { Flow } from '../../src/flow/types.ts';
import { Call } from './call.ts';
import type { Latency } from './protocol.ts';
import type { Provider } from './provider.ts';
import { endOf } from './timed-calls.ts';
import type { Walk } from './walks.ts';

const AT_ONCE: Latency = { firstTokenMs: 0, msPerToken: 0 };
/** By then the engine is compiled. The first calls of a process cost up to twice as much. */
const WARM_UP_TURNS = 1000;

/** CPU milliseconds of this process a turn, all turns of the walk counted, with a provider at 0 ms. */
export async function cpuOfTurn(
  walk: Walk,
  flow: Flow,
  provider: Provider,
  runs: number,
): Promise<number> {
  for (let turn = 0; turn < WARM_UP_TURNS; turn += walk.lines.length) {
    await cpuOfCall(walk, flow, provider);
  }
  let cpuMs = 0;
  for (let run = 0; run < runs; run += 1) cpuMs += await cpuOfCall(walk, flow, provider);
  return cpuMs / (runs * walk.lines.length);
}

async function cpuOfCall(walk: Walk, flow: Flow, provider: Provider): Promise<number> {
  await provider.begin(walk, AT_ONCE);
  const before = process.cpuUsage();
  const call = new Call(walk, flow, provider);
  for (const line of walk.lines) await call.turn(line);
  const { user, system } = process.cpuUsage(before);
  await endOf(walk, call, provider, false);
  return (user + system) / 1000;
}
