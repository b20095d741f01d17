import { expect, test } from 'vitest';
import type { Move, TurnInput, TurnResult } from '../../src/agent/agent.ts';
import { inputOf } from '../../src/agent/turns.ts';
import { Flow } from '../../src/flow/flow.ts';
import { reachableNodes } from '../../src/flow/lint/graph.ts';
import { DialogMachine, type DialogMachineOptions } from '../../src/machine/dialog-machine.ts';
import { type Expected, expectSeen, NOW_MS, type Seen, seenIn } from '../support/conversation.ts';

export type Row = readonly [input: string | TurnInput, expected: Expected];

/** A turn, and all that a host gets of it. */
export interface Turn extends Seen {
  result: TurnResult;
}

/** A flow whose conversations are counted together: which nodes they came to, along which edges. */
export class CoveredFlow {
  readonly #source: string | object;
  readonly #options: Omit<DialogMachineOptions, 'flow'>;
  readonly #nodes = new Set<string>();
  readonly #edges = new Set<string>();
  #flow: Flow | undefined;

  /** `source` is the path of a flow file, or the flow as an object. */
  constructor(source: string | object, options: Omit<DialogMachineOptions, 'flow'> = {}) {
    this.#source = source;
    this.#options = options;
  }

  /** Loaded when it is first used: a suite that is skipped may have no file. */
  get flow(): Flow {
    const source = this.#source;
    this.#flow ??= typeof source === 'string' ? Flow.load(source) : Flow.parse(source);
    return this.#flow;
  }

  /** A machine at the beginning of a call. */
  machine(options: Omit<DialogMachineOptions, 'flow'> = {}): DialogMachine {
    return new DialogMachine({ flow: this.flow, now: () => NOW_MS, ...this.#options, ...options });
  }

  /** Holds a conversation from its beginning and compares each turn with its row. */
  call(rows: readonly Row[]): Promise<Turn[]> {
    return this.talk(this.machine(), rows);
  }

  /** Goes on with a conversation. */
  async talk(machine: DialogMachine, rows: readonly Row[]): Promise<Turn[]> {
    const turns: Turn[] = [];
    for (const [index, [input, expected]] of rows.entries()) {
      const turn = await this.turn(machine, input);
      const { result: _, ...seen } = turn;
      expectSeen(seen, expected, `turn ${index}: ${JSON.stringify(inputOf(input))}`);
      turns.push(turn);
    }
    return turns;
  }

  /** One turn as a call has it: word by word. */
  async turn(machine: DialogMachine, input: string | TurnInput): Promise<Turn> {
    const words: string[] = [];
    let result: TurnResult | undefined;
    for await (const chunk of machine.turn(input, { stream: true })) {
      if (chunk.type === 'text') words.push(chunk.text);
      else result = chunk.result;
    }
    if (result === undefined) throw new Error('the turn ended without a result');
    expect(result.text).toBe(words.join(''));
    this.#note(result);
    return { ...seenIn(result), result };
  }

  /** Declares the last test of a suite, which prints what the tests before it have covered. */
  expectFullCoverage(): void {
    test('every node that can be reached was visited, and each of its edges taken', () => {
      const reachable = reachableNodes(this.flow);
      const unreachable = [...this.flow.nodes.keys()].filter((id) => !reachable.has(id));
      const edges = edgesOf(this.flow);
      const untaken = edges.filter(({ id }) => !this.#edges.has(id));
      const lines = [
        `flow ${this.flow.name}`,
        `nodes visited  ${this.#nodes.size} of ${this.flow.nodes.size}`,
        `edges taken    ${edges.length - untaken.length} of ${edges.length}`,
        ...unreachable.map((id) => `not visited    ${id}: no edge leads there`),
        ...untaken.map(({ id, from }) => `not taken      ${id}: ${whyUntaken(from, reachable)}`),
      ];
      console.log(lines.join('\n  '));
      expect([...this.#nodes].sort()).toEqual([...reachable].sort());
      expect(untaken.filter(({ from }) => reachable.has(from))).toEqual([]);
    });
  }

  #note({ moves, metadata }: TurnResult): void {
    if (typeof metadata.from === 'string') this.#nodes.add(metadata.from);
    for (const move of moves) {
      this.#nodes.add(move.from).add(move.to);
      this.#edges.add(edgeOf(this.flow, move));
    }
  }
}

function whyUntaken(from: string, reachable: ReadonlySet<string>): string {
  return reachable.has(from) ? 'no conversation took it' : 'its node cannot be reached';
}

/** Every edge as `node edge`, or `global edge`; global ones can be taken from the beginning. */
function edgesOf(flow: Flow): { id: string; from: string }[] {
  const own = [...flow.nodes.values()].flatMap((node) =>
    node.edges.map((edge) => ({ id: `${node.id} ${edge.id}`, from: node.id })),
  );
  const global = flow.globalEdges.map((edge) => ({
    id: `global ${edge.id}`,
    from: flow.initialNode,
  }));
  return [...own, ...global];
}

function edgeOf(flow: Flow, { edge, from }: Move): string {
  const isOwn = flow.nodes.get(from)?.edges.some(({ id }) => id === edge) === true;
  return `${isOwn ? from : 'global'} ${edge}`;
}
