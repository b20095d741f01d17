import { isDeepStrictEqual } from 'node:util';
import type { TurnResult } from '../agent/agent.ts';
import type { Json } from '../json.ts';
import { own } from '../record.ts';
import type { ExpectedTurn } from './flow-test-file.ts';

/** What did not come as expected, one sentence each. */
export function checkTurn(result: TurnResult, expected: ExpectedTurn): string[] {
  const { metadata } = result;
  const moves = result.moves.map(({ edge }) => edge);
  return [
    ...checkText(result.text, expected.text),
    ...check('node', metadata.to, expected.node),
    ...check('moves', moves, expected.moves),
    ...checkSlots(metadata.slots, expected.slots ?? {}),
    ...check('modelCalls', metadata.modelCalls, expected.modelCalls),
    ...check('ended', result.ended, expected.ended),
    ...check('outcome', result.outcome, expected.outcome),
  ];
}

function checkText(text: string, expected: RegExp | undefined): string[] {
  if (expected === undefined || expected.test(text)) return [];
  return [`text: expected /${expected.source}/, got ${show(text)}`];
}

function checkSlots(slots: Json | undefined, expected: Readonly<Record<string, Json>>): string[] {
  const filled = typeof slots === 'object' && slots !== null && !Array.isArray(slots) ? slots : {};
  return Object.entries(expected).flatMap(([name, value]) =>
    check(`slot ${name}`, own(filled, name) ?? null, value),
  );
}

function check(name: string, actual: Json | undefined, expected: Json | undefined): string[] {
  if (expected === undefined || isDeepStrictEqual(actual, expected)) return [];
  return [`${name}: expected ${show(expected)}, got ${show(actual)}`];
}

function show(value: Json | undefined): string {
  return value === undefined || value === null ? 'nothing' : JSON.stringify(value);
}
