import { isDeepStrictEqual } from 'node:util';
import type { CallReport } from '../call/report.ts';
import type { Expectations } from './scenario.ts';

/** What did not come as the scenario expects it, one sentence each. */
export function checkExpectations(report: CallReport, expect: Expectations): string[] {
  return [
    ...checkValue('outcome', report.outcome, expect.outcome),
    ...checkValue('ended', report.ended, expect.ended),
    ...checkSlots(report, expect.slots ?? {}),
    ...checkNodes(visitedNodes(report), expect.nodes ?? []),
    ...checkSaid(report, expect),
  ];
}

/** The nodes of a call in order: where it began, and the target of each move. */
export function visitedNodes(report: CallReport): string[] {
  const visited: string[] = [];
  for (const turn of report.turns) {
    const start = turn.moves[0]?.from ?? turn.from ?? turn.to;
    const places = [start, ...turn.moves.map((move) => move.to), turn.to];
    for (const [index, place] of places.entries()) {
      const repeated = place === visited.at(-1) && !isSelfLoop(turn.moves[index - 1]);
      if (place !== null && place !== undefined && !repeated) visited.push(place);
    }
  }
  return visited;
}

function isSelfLoop(move: { from: string; to: string } | undefined): boolean {
  return move !== undefined && move.from === move.to;
}

function checkValue(name: string, actual: unknown, expected: unknown): string[] {
  if (expected === undefined || isDeepStrictEqual(actual, expected)) return [];
  return [`${name}: expected ${show(expected)}, got ${show(actual)}`];
}

function checkSlots(report: CallReport, expected: Record<string, unknown>): string[] {
  const slots = new Map(Object.entries(report.turns.at(-1)?.slots ?? {}));
  return Object.entries(expected).flatMap(([name, value]) =>
    checkValue(`slot ${name}`, slots.get(name), value),
  );
}

function checkNodes(visited: readonly string[], expected: readonly string[]): string[] {
  let from = 0;
  for (const node of expected) {
    const found = visited.indexOf(node, from);
    if (found < 0) {
      return [
        `nodes: expected ${expected.join(' > ')}, missed ${node}; visited ${visited.join(' > ')}`,
      ];
    }
    from = found + 1;
  }
  return [];
}

function checkSaid(report: CallReport, expect: Expectations): string[] {
  const said = report.turns.map((turn) => turn.heardText).join('\n');
  const matches = (pattern: string) => new RegExp(pattern, 'iu').test(said);
  const missing = (expect.agentSays ?? []).filter((pattern) => !matches(pattern));
  const unwanted = (expect.agentNeverSays ?? []).filter(matches);
  return [
    ...missing.map((pattern) => `agentSays: the agent never said /${pattern}/`),
    ...unwanted.map((pattern) => `agentNeverSays: the agent said /${pattern}/`),
  ];
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
