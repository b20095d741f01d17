import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import type { TurnInput } from '../agent/agent.ts';
import type { Json } from '../json.ts';
import { namedRecord } from '../named-record.ts';
import { readYaml } from '../simulator/yaml-file.ts';
import { readTextFile } from '../text-file.ts';

/** A scripted conversation by text, and what is expected of each turn. */
export interface FlowTestFile {
  path: string;
  /** Absolute path. */
  flow: string;
  llm: string | undefined;
  /** The clock stands still here, in milliseconds since the epoch. */
  nowMs: number | undefined;
  turns: readonly TestTurn[];
}

export interface TestTurn {
  input: TurnInput;
  expected: ExpectedTurn;
}

/** What is left out is not looked at. */
export interface ExpectedTurn {
  /** Found in the agent's words, without regard to case. */
  text?: RegExp | undefined;
  /** Where the call is after the turn. */
  node?: string | undefined;
  /** Ids of the edges taken, in order. */
  moves?: string[] | undefined;
  /** `null`: not filled. Slots that are not named are not looked at. */
  slots?: Record<string, Json> | undefined;
  modelCalls?: number | undefined;
  ended?: boolean | undefined;
  outcome?: string | undefined;
}

const pattern = z.string().transform((source, context) => {
  try {
    return new RegExp(source, 'iu');
  } catch {
    context.addIssue({ code: 'custom', message: 'is not a regular expression' });
    return z.NEVER;
  }
});

const inputs = ['user', 'dtmf', 'silence', 'opened'] as const;

const turnSchema = z
  .strictObject({
    user: z.string().trim().min(1).optional(),
    dtmf: z.coerce
      .string()
      .regex(/^[0-9*#A-D]+$/, 'expected tones out of 0-9, *, #, A-D')
      .optional(),
    silence: z.int().min(1).optional(),
    opened: z.literal(true).optional(),
    text: pattern.optional(),
    node: z.string().optional(),
    moves: z.array(z.string()).optional(),
    slots: namedRecord<Json>(z.json()).optional(),
    modelCalls: z.int().min(0).optional(),
    ended: z.boolean().optional(),
    outcome: z.string().optional(),
  })
  .refine((turn) => inputs.filter((input) => turn[input] !== undefined).length === 1, {
    message: `expected exactly one of ${inputs.join(', ')}`,
  });

const fileSchema = z.strictObject({
  flow: z.string(),
  llm: z.string().optional(),
  now: z.iso
    .datetime({ offset: true, error: 'expected a date and time, as in 2026-03-04T10:00:00Z' })
    .optional(),
  turns: z.array(turnSchema).min(1),
});

/** Throws a UsageError with line and column of what is wrong. The flow's path is relative to `path`. */
export function loadFlowTest(path: string): FlowTestFile {
  const { flow, llm, now, turns } = readYaml(readTextFile(path), path, fileSchema);
  return {
    path,
    flow: resolve(dirname(path), flow),
    llm,
    nowMs: now === undefined ? undefined : Date.parse(now),
    turns: turns.map(({ user, dtmf, silence, opened: _, ...expected }) => ({
      input: inputOf(user, dtmf, silence),
      expected,
    })),
  };
}

function inputOf(
  user: string | undefined,
  dtmf: string | undefined,
  silence: number | undefined,
): TurnInput {
  if (user !== undefined) return { kind: 'text', text: user };
  if (dtmf !== undefined) return { kind: 'dtmf', digits: dtmf };
  return silence === undefined ? { kind: 'opened' } : { kind: 'silence', count: silence };
}
