import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createContext, Script } from 'node:vm';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import type { TurnInput } from '../../src/agent/agent.ts';
import { SuperdialogError } from '../../src/errors.ts';
import { drawFlow, toMermaid } from '../../src/flow/draw.ts';
import { FlowError } from '../../src/flow/errors.ts';
import { Flow } from '../../src/flow/flow.ts';
import { lintFlow } from '../../src/flow/lint/lint.ts';
import type { JsonObject } from '../../src/json.ts';
import type { LanguageModel, ModelRequest } from '../../src/llm/model.ts';
import { DialogMachine } from '../../src/machine/dialog-machine.ts';
import type { Tool } from '../../src/tools/tool.ts';
import { keys, NOW_MS, opened, silence } from '../support/conversation.ts';
import { type MutatedFile, mutatedFile } from '../support/mutated-file.ts';
import { asReactFlow } from '../support/react-flow.ts';

/*
 * Whatever stands in a flow file, loading it gives a flow or a FlowError, soon. A flow that loads can
 * be linted, drawn and talked to. The same files come with every run; a failure shows the smallest
 * file that fast-check found.
 */

const FILES = 10_000;
const SEED = 4;
/** Loading, lint and drawing of one file together; the slowest takes a tenth of it. */
const MOST_MS = 5000;
/** Longer files that were refused are not linted: it would take as long as all the rest. */
const SHORT = 4000;
/** Nothing that a flow says may reach the network: this address is private, and refused. */
const NOWHERE = 'http://127.0.0.1:4000';

interface Origin {
  name: string;
  text: string;
  file: JsonObject;
  /** Share of all files. */
  weight: number;
}

const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json());

function origin(path: string, weight: number): Origin[] {
  const url = new URL(path, import.meta.url);
  if (!existsSync(url)) return [];
  const text = readFileSync(url, 'utf8').replace(/https?:[^\s"\\]*/g, NOWHERE);
  return [
    { name: basename(fileURLToPath(url)), text, file: jsonObject.parse(parse(text)), weight },
  ];
}

function exported({ name, file, weight }: Origin): Origin {
  const exportedFile = asReactFlow(file);
  const text = JSON.stringify(exportedFile, null, 2);
  return { name: `${name} as a React Flow export`, text, file: exportedFile, weight };
}

const everyField = origin('../support/every-field.yaml', 8);
const ORIGINS = [
  ...everyField,
  ...[...everyField, ...origin('../../flows/kyc.yaml', 12)].map(exported),
  ...origin('../../flows/kyc.yaml', 12),
  ...origin('../../flows/cards.yaml', 5),
  ...origin('../../flows/appointment.yaml', 5),
  ...origin('../../../shared/flows/kyc.json', 18),
  ...origin('../../../shared/flows/escalation.json', 15),
  ...origin('../../../shared/flows/appointment.json', 15),
  ...origin('../../../shared/flows/golf_booking.json', 0.5),
];
const ALL_WEIGHTS = ORIGINS.reduce((sum, { weight }) => sum + weight, 0);

interface Cost {
  name: string;
  file: MutatedFile;
  ms: number;
}
let slowest: Cost | undefined;

afterAll(() => {
  if (slowest === undefined) return;
  const { name, ms, file } = slowest;
  const text = JSON.stringify(file.source);
  console.log(
    `slowest of all mutated files: ${Math.round(ms)} ms (of ${name}, ${text.length} characters)`,
  );
});

test.each(ORIGINS)(
  '$name, mutated, is a flow that can be used or a FlowError',
  {
    timeout: 120_000,
  },
  async ({ name, text, file, weight }) => {
    const others = ORIGINS.map((other) => other.text);
    let loaded = 0;
    const numRuns = Math.ceil((FILES * weight) / ALL_WEIGHTS);
    await fc.assert(
      fc.asyncProperty(mutatedFile(file, text, others), async (mutated) => {
        const begunMs = performance.now();
        const flow = readWhole(mutated);
        if (flow !== undefined) {
          loaded += 1;
          await talkTo(flow);
        }
        const ms = performance.now() - begunMs;
        if (slowest === undefined || ms > slowest.ms) slowest = { name, file: mutated, ms };
        expect(Reflect.get({}, 'polluted')).toBeUndefined();
      }),
      { seed: SEED + ORIGINS.findIndex((other) => other.name === name), numRuns },
    );
    // Files that all fail, or all load, would show nothing.
    expect(loaded / numRuns).toBeGreaterThan(0.1);
    expect(loaded / numRuns).toBeLessThan(0.9);
  },
);

/** The flow, linted and drawn; undefined where the file was refused. */
function readWhole({ source, file }: MutatedFile): Flow | undefined {
  const text = typeof source === 'string' ? source : JSON.stringify(source);
  return within(MOST_MS, () => {
    const flow = unlessRefused(() => Flow.parse(source, file === undefined ? {} : { file }));
    if (flow === undefined && text.length > SHORT) return undefined;
    const findings = unlessRefused(() => lintFlow(text, file));
    if (flow === undefined) return undefined;
    expect(findings?.filter(({ rule }) => rule === 'load')).toEqual([]);
    expect(toMermaid(drawFlow(flow))).toMatch(/^flowchart TD\n/);
    return flow;
  });
}

function unlessRefused<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof FlowError) return undefined;
    throw error;
  }
}

const watched: { work: () => unknown } = { work: () => undefined };
const watch = new Script('work()');
createContext(watched);

/** Runs what cannot be waited for, and throws if it takes too long: a timer could not cut it off. */
function within<T>(ms: number, work: () => T): T | undefined {
  let result: T | undefined;
  watched.work = () => {
    result = work();
  };
  watch.runInContext(watched, { timeout: ms });
  return result;
}

const INPUTS: readonly (string | TurnInput)[] = [
  opened,
  'yes, on Friday at half past nine, with my bank card',
  keys('1'),
  `${'a'.repeat(60)}! {{ x }} 1 2 3 4`,
  silence(1),
];

/** A few turns with a model that goes wherever it may and calls every tool, one after the other. */
async function talkTo(flow: Flow): Promise<void> {
  let machine: DialogMachine;
  try {
    machine = new DialogMachine({
      flow,
      llm: wanderer(),
      tools: hostTools(flow),
      now: () => NOW_MS,
      sessionId: 'fuzz',
    });
    for (const input of INPUTS) await machine.turn(input);
  } catch (error) {
    if (error instanceof SuperdialogError) return;
    throw error;
  }
  const saved: unknown = JSON.parse(JSON.stringify(machine.flowState));
  machine.loadFlowState(saved);
  expect(machine.flowState).toEqual(saved);
}

function wanderer(): LanguageModel {
  let asked = 0;
  return {
    uri: 'test/wanderer',
    structured: true,
    async *stream(request) {
      const moves = movesIn(request);
      const go = moves[asked % moves.length];
      const tool = request.tools?.[asked % 5];
      asked += 1;
      if (tool !== undefined && request.toolChoice !== 'none') {
        yield { type: 'tool_call', id: `call-${asked}`, name: tool.name, arguments: { many: 3 } };
      } else {
        const decision = { go, set: [{ slot: 'kind', value: 'debit' }], say: 'Well.' };
        yield { type: 'text', text: go === undefined ? 'Well.' : JSON.stringify(decision) };
      }
      yield { type: 'done', stop: 'end' };
    },
  };
}

/** What the flow's tools run on. */
function hostTools({ tools }: Flow): Tool[] {
  return [...tools.values()]
    .filter(({ source }) => source.type === 'host')
    .map(({ handler }) => ({
      name: handler,
      description: 'A tool.',
      inputSchema: { type: 'object' },
      effect: 'read',
      run: async () => ({ success: true, status: null, data: { many: 3 }, error: null }),
    }));
}

const decision = z.object({
  properties: z.object({ go: z.object({ enum: z.array(z.string()) }) }),
});

function movesIn({ schema }: ModelRequest): string[] {
  const parsed = decision.safeParse(schema?.schema);
  return parsed.success ? parsed.data.properties.go.enum : [];
}
