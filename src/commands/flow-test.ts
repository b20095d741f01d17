import { styleText } from 'node:util';
import type { TurnInput } from '../agent/agent.ts';
import { agentErrorOf, isMisconfigured } from '../agent/turns.ts';
import { loadConfig } from '../config.ts';
import { UsageError } from '../errors.ts';
import { DialogMachine, type DialogMachineOptions } from '../machine/dialog-machine.ts';
import { checkTurn } from './flow-test-check.ts';
import { type FlowTestFile, loadFlowTest } from './flow-test-file.ts';
import { machineOptionsOf } from './sessions.ts';

export interface FlowTestOptions {
  /** In place of the conversations' own. */
  llm?: string | undefined;
}

/**
 * `superdialog flow test`, with the tools and limits of `agent.config.ts`. Returns exit status 0 if every turn went as expected, else 1. Throws a
 * UsageError for a file, flow or model that cannot be used.
 */
export async function flowTest(
  paths: readonly string[],
  { llm }: FlowTestOptions,
  write: (line: string) => void = console.log,
): Promise<number> {
  const files = paths.map(loadFlowTest);
  const machineOptions = machineOptionsOf(await loadConfig());
  let failed = false;
  for (const file of files) {
    const failures = await hold({ ...file, llm: llm ?? file.llm }, machineOptions);
    const verdict =
      failures.length === 0 ? styleText('green', 'passed') : styleText('red', 'failed');
    write(`${verdict}  ${file.path}: ${file.turns.length} turns`);
    for (const failure of failures) write(`  ${failure}`);
    failed ||= failures.length > 0;
  }
  return failed ? 1 : 0;
}

/** Holds one conversation to its end, whatever fails on the way. */
async function hold(
  { flow, llm, nowMs, turns }: FlowTestFile,
  machineOptions: Omit<DialogMachineOptions, 'flow'>,
): Promise<string[]> {
  const machine = new DialogMachine({
    ...machineOptions,
    flow,
    ...(llm !== undefined && { llm }),
    ...(nowMs !== undefined && { now: () => nowMs }),
  });
  const failures: string[] = [];
  for (const [index, { input, expected }] of turns.entries()) {
    const result = await machine.turn(input);
    const error = agentErrorOf(result);
    if (error !== undefined && isMisconfigured(error)) throw new UsageError(error.message);
    const place = `turn ${index + 1} (${describe(input)})`;
    const why = error === undefined ? '' : ` (${error.message})`;
    failures.push(...checkTurn(result, expected).map((failure) => `${place}: ${failure}${why}`));
  }
  return failures;
}

function describe(input: TurnInput): string {
  switch (input.kind) {
    case 'opened':
      return 'opened';
    case 'text':
      return `user: ${input.text}`;
    case 'dtmf':
      return `dtmf: ${input.digits}`;
    case 'silence':
      return `silence: ${input.count}`;
  }
}
