import type { Flow } from '../../src/flow/types.ts';
import { firstWordMs } from './bare-model.ts';
import { Call, type HeldTurn } from './call.ts';
import type { Latency, SeenRequest } from './protocol.ts';
import type { Provider } from './provider.ts';
import type { Walk } from './walks.ts';

/** The provider that the peers were measured with. */
const LATENCY: Latency = { firstTokenMs: 300, msPerToken: 10 };

export interface TimedTurn extends HeldTurn {
  /**
   * The same reply, read with the provider's SDK alone. Absent where the first words of the turn are
   * not those of its only call before them.
   */
  bareMs?: number;
}

export interface TimedCalls {
  /** Turns of one call, in order: what they cost is the same in every call. */
  call: TimedTurn[];
  /** Turns of all calls. */
  turns: TimedTurn[];
  /** What the model was asked in one call. */
  requests: SeenRequest[];
}

/** Holds the walk `runs` times. After each turn its baseline is measured, so that both see the same machine. */
export async function timedCalls(
  walk: Walk,
  flow: Flow,
  provider: Provider,
  runs: number,
): Promise<TimedCalls> {
  let timed: TimedCalls = { call: [], turns: [], requests: [] };
  for (let run = 0; run < runs; run += 1) {
    await provider.begin(walk, LATENCY);
    const call = new Call(walk, flow, provider);
    const turns: TimedTurn[] = [];
    for (const line of walk.lines) turns.push(await timedTurn(call, line, provider));
    const isLast = run === runs - 1;
    const requests = await endOf(walk, call, provider, isLast);
    timed = { call: turns, turns: [...timed.turns, ...turns], requests };
  }
  return timed;
}

/** Throws unless the call went as the walk means it to. Returns what was asked, if it is to be counted. */
export async function endOf(
  walk: Walk,
  call: Call,
  provider: Provider,
  count: boolean,
): Promise<SeenRequest[]> {
  const { requests, unused, faults } = await provider.end(count);
  if (faults.length > 0) throw new Error(`${walk.flow}: ${faults.join('; ')}`);
  if (unused > 0) throw new Error(`${walk.flow}: ${unused} decisions were never asked for`);
  call.checkEnd();
  return requests;
}

async function timedTurn(
  call: Call,
  line: Walk['lines'][number],
  provider: Provider,
): Promise<TimedTurn> {
  const turn = await call.turn(line);
  const [request, another] = turn.requestsBefore;
  if (request === undefined || another !== undefined) return turn;
  const bareMs = await firstWordMs(request, provider);
  return bareMs === undefined ? turn : { ...turn, bareMs };
}
