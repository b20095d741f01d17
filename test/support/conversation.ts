import { expect } from 'vitest';
import type { HostEffect, TurnInput, TurnResult } from '../../src/agent/agent.ts';
import { inputOf } from '../../src/agent/turns.ts';
import { Flow } from '../../src/flow/flow.ts';
import type { Json } from '../../src/json.ts';
import { DialogMachine, type DialogMachineOptions } from '../../src/machine/dialog-machine.ts';

/** Wednesday, 4 March 2026, 10:00 UTC: the clock of every test conversation stands still. */
export const NOW_MS = Date.UTC(2026, 2, 4, 10);

export const opened: TurnInput = { kind: 'opened' };

export function keys(digits: string): TurnInput {
  return { kind: 'dtmf', digits };
}

export function silence(count: number): TurnInput {
  return { kind: 'silence', count };
}

/** A turn as the tables of the tests write it. */
export interface Seen {
  text: string;
  /** Node where the call is after the turn. */
  at: Json;
  /** `edge → node (reason)` */
  moves: string[];
  /** `rule edge-or-slot` */
  refused: string[];
  slots: Json;
  calls: Json;
  ended: boolean;
  outcome: string | undefined;
  effects: HostEffect[];
  /** Code of the error that a recovery line stands for. */
  error: Json | undefined;
}

/** What a row of a table expects; what it leaves out is not looked at. */
export type Expected = Partial<Omit<Seen, 'text'>> & { text?: string | RegExp };

export function machineOf(
  flow: string | object,
  options: Omit<DialogMachineOptions, 'flow'> = {},
): DialogMachine {
  return new DialogMachine({
    flow: Flow.parse(flow),
    now: () => NOW_MS,
    sessionId: 'test',
    ...options,
  });
}

/** One turn. */
export async function say(machine: DialogMachine, input: string | TurnInput): Promise<Seen> {
  return seenIn(await machine.turn(input));
}

export function seenIn({ metadata, ...result }: TurnResult): Seen {
  const { error } = metadata;
  const hasError = typeof error === 'object' && error !== null && !Array.isArray(error);
  return {
    text: result.text,
    at: metadata.to ?? null,
    moves: result.moves.map(({ edge, to, by }) => `${edge} → ${to} (${by})`),
    refused: result.refused.map(({ rule, edge, slot }) =>
      [rule, edge ?? slot].filter((part) => part !== undefined).join(' '),
    ),
    slots: metadata.slots ?? {},
    calls: metadata.modelCalls ?? null,
    ended: result.ended,
    outcome: result.outcome,
    effects: result.effects,
    error: hasError ? error.code : undefined,
  };
}

/** Holds a conversation and compares each turn with its row. Returns what was seen. */
export async function expectTalk(
  machine: DialogMachine,
  rows: readonly (readonly [input: string | TurnInput, expected: Expected])[],
): Promise<Seen[]> {
  const turns: Seen[] = [];
  for (const [index, [input, expected]] of rows.entries()) {
    const seen = await say(machine, input);
    expectSeen(seen, expected, `turn ${index}: ${JSON.stringify(inputOf(input))}`);
    turns.push(seen);
  }
  return turns;
}

/** Compares a turn with what is expected of it; `turn` names it where they differ. */
export function expectSeen(seen: Seen, expected: Expected, turn: string): void {
  const wanted = { ...seen, ...expected, text: textOf(expected.text, seen.text) };
  expect(seen, turn).toEqual(wanted);
}

function textOf(expected: string | RegExp | undefined, text: string): unknown {
  if (expected === undefined) return text;
  return expected instanceof RegExp ? expect.stringMatching(expected) : expected;
}
