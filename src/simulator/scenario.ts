import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { readTextFile } from '../text-file.ts';
import { readYaml } from './yaml-file.ts';

/** A piece of an utterance: words, or silence between them. */
export type SayPart = string | { pause: number };

/**
 * One thing the caller does. `atMs` counts from the call's start; without it a step waits for the
 * agent (see `ScriptedCaller`).
 */
export type CallerStep = { atMs?: number | undefined } & (
  | { kind: 'say'; parts: SayPart[] }
  | { kind: 'wav'; file: string }
  | { kind: 'dtmf'; digits: string }
  | { kind: 'wait'; ms: number }
  | { kind: 'interrupt'; afterMs: number; parts: SayPart[] }
  | { kind: 'hangup' }
  | { kind: 'noise'; file: string }
  | { kind: 'whisper'; text: string }
);

export interface Expectations {
  outcome?: string | undefined;
  ended?: boolean | undefined;
  slots?: Record<string, unknown> | undefined;
  /** Visited in this order; others may lie between. */
  nodes?: string[] | undefined;
  /** Regular expressions, without regard to case, over all that the caller heard. */
  agentSays?: string[] | undefined;
  agentNeverSays?: string[] | undefined;
}

export interface Scenario {
  /** The file's name without its ending, for folders and messages. */
  name: string;
  path: string;
  /** Absolute path; `undefined` if the scenario leaves the flow to the command line. */
  flow: string | undefined;
  llm: string | undefined;
  voice: string | undefined;
  steps: CallerStep[];
  expect: Expectations;
}

const milliseconds = z.number().int().nonnegative();
const words = z.string().trim().min(1);
const sayParts = z
  .union([words, z.array(z.union([words, z.strictObject({ pause: milliseconds })])).min(1)])
  .transform((say) => (Array.isArray(say) ? say : [say]));

const actions = ['say', 'wav', 'dtmf', 'wait', 'interrupt', 'hangup', 'noise', 'whisper'] as const;

const stepSchema = z
  .strictObject({
    say: sayParts.optional(),
    wav: z.string().optional(),
    dtmf: z.coerce
      .string()
      .regex(/^[0-9*#A-D]+$/, 'expected tones out of 0-9, *, #, A-D')
      .optional(),
    wait: milliseconds.optional(),
    interrupt: z.strictObject({ afterMs: milliseconds, say: sayParts }).optional(),
    hangup: z.literal(true).optional(),
    noise: z.string().optional(),
    whisper: words.optional(),
    atMs: milliseconds.optional(),
  })
  .refine((step) => actions.filter((action) => step[action] !== undefined).length === 1, {
    message: `expected exactly one of ${actions.join(', ')}`,
  });

const pattern = z.string().refine(isRegExp, { message: 'is not a regular expression' });

const scenarioSchema = z.strictObject({
  flow: z.string().optional(),
  llm: z.string().optional(),
  caller: z.strictObject({
    voice: z.string().optional(),
    turns: z.array(stepSchema),
  }),
  expect: z
    .strictObject({
      outcome: z.string().optional(),
      ended: z.boolean().optional(),
      slots: z.record(z.string(), z.unknown()).optional(),
      nodes: z.array(z.string()).optional(),
      agentSays: z.array(pattern).optional(),
      agentNeverSays: z.array(pattern).optional(),
    })
    .default({}),
});

/** Reads a scenario. Throws `UsageError` with file, line and column of what is wrong. */
export function loadScenario(path: string): Scenario {
  return parseScenario(readTextFile(path), path);
}

/** Paths inside the scenario are relative to `path`. */
export function parseScenario(text: string, path: string): Scenario {
  const { flow, llm, caller, expect } = readYaml(text, path, scenarioSchema);
  const beside = (file: string) => resolve(dirname(path), file);
  return {
    name: baseName(path),
    path,
    flow: flow === undefined ? undefined : beside(flow),
    llm,
    voice: caller.voice,
    steps: caller.turns.map((step) => ({ atMs: step.atMs, ...actionOf(step, beside) })),
    expect,
  };
}

type Step = z.output<typeof stepSchema>;

function actionOf(step: Step, beside: (file: string) => string) {
  if (step.say !== undefined) return { kind: 'say' as const, parts: step.say };
  if (step.wav !== undefined) return { kind: 'wav' as const, file: beside(step.wav) };
  if (step.dtmf !== undefined) return { kind: 'dtmf' as const, digits: step.dtmf };
  if (step.wait !== undefined) return { kind: 'wait' as const, ms: step.wait };
  if (step.interrupt !== undefined) {
    const { afterMs, say } = step.interrupt;
    return { kind: 'interrupt' as const, afterMs, parts: say };
  }
  if (step.noise !== undefined) return { kind: 'noise' as const, file: beside(step.noise) };
  if (step.whisper !== undefined) return { kind: 'whisper' as const, text: step.whisper };
  return { kind: 'hangup' as const };
}

function baseName(path: string): string {
  const file = path.split(/[\\/]/).at(-1) ?? path;
  return file.replace(/\.ya?ml$/, '');
}

function isRegExp(source: string): boolean {
  try {
    new RegExp(source, 'iu');
    return true;
  } catch {
    return false;
  }
}
