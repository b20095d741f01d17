import { z } from 'zod';
import type { Move, ToolCall, TurnResult } from '../agent/agent.ts';
import { describeMove, describeRefusal } from '../call/transcript.ts';
import { namedRecord } from '../named-record.ts';

const candidateSchema = z.object({
  edge: z.string(),
  /** 0 to 1. */
  score: z.number(),
  by: z.string(),
  verdict: z.enum(['decides', 'below_threshold', 'too_close', 'leaves_words', 'not_asked']),
  /** The edge that came too close. */
  rival: z.string().optional(),
});

/** An edge that listened to the caller's words, and what came of it. */
export type Candidate = z.infer<typeof candidateSchema>;

/** A slot that changed; `null` is one that was cleared. */
const changeSchema = z.object({
  slot: z.string(),
  value: z.json(),
  by: z.string().optional(),
  confirmed: z.boolean().optional(),
  words: z.string().optional(),
});

type Change = z.infer<typeof changeSchema>;

/** What a machine puts under `metadata.explain`. */
const explanationSchema = z.object({
  candidates: z.array(candidateSchema).default([]),
  slots: z.array(changeSchema).default([]),
  begun: namedRecord(z.string()).default({}),
});

type Explanation = z.infer<typeof explanationSchema>;

const callsSchema = z.array(z.object({ cause: z.string() }));

/** Why a turn came out as it did, in lines to read. They hold the caller's words. */
export function explainTurn(result: TurnResult): string[] {
  const explanation = explanationOf(result);
  return [
    ...labelled('understood', understood(explanation)),
    ...labelled('considered', explanation.candidates.map(candidateLine)),
    ...labelled('called', result.toolCalls.map(toolLine)),
    ...labelled('decided', decided(result)),
    ...labelled('refused', result.refused.map(describeRefusal)),
  ];
}

/** Agents other than a machine explain nothing. */
function explanationOf({ metadata }: TurnResult): Explanation {
  const { data } = explanationSchema.safeParse(metadata.explain);
  return data ?? { candidates: [], slots: [], begun: {} };
}

function labelled(label: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `${(index === 0 ? label : '').padEnd(11)} ${line}`);
}

/** Which slots changed, and the words they came from. */
function understood({ slots, begun }: Explanation): string[] {
  return [
    ...slots.map(changeLine),
    ...Object.entries(begun).map(([name, words]) => `${name} has begun: ${JSON.stringify(words)}`),
  ];
}

function changeLine({ slot, value, by, confirmed, words }: Change): string {
  if (value === null) return `${slot} is cleared`;
  const source = words === undefined ? '' : `, from ${JSON.stringify(words)}`;
  const waits = confirmed === false ? ', waits for a yes' : '';
  return `${slot} = ${JSON.stringify(value)} (by the ${by ?? 'flow'}${source}${waits})`;
}

function toolLine({ name, result }: ToolCall): string {
  return result.success === true ? name : `${name}, which failed: ${String(result.error)}`;
}

const VERDICTS = {
  decides: () => 'decides',
  below_threshold: () => 'below the threshold',
  too_close: ({ rival }: Candidate) => `too close to ${rival ?? 'another'}`,
  leaves_words: () => 'leaves too much unsaid',
  not_asked: () => 'another was taken first',
} as const satisfies Record<Candidate['verdict'], (candidate: Candidate) => string>;

function candidateLine(candidate: Candidate): string {
  const { edge, score, by, verdict } = candidate;
  return `${edge} ${score.toFixed(2)} by ${by}: ${VERDICTS[verdict](candidate)}`;
}

function decided({ moves, metadata, ended, outcome }: TurnResult): string[] {
  const causes = (callsSchema.safeParse(metadata.calls).data ?? []).map(({ cause }) => cause);
  const asked =
    causes.length === 0
      ? 'no model was asked'
      : `the model was asked ${times(causes.length)}: ${causes.join(', ').replaceAll('_', ' ')}`;
  return [
    ...(moves.length === 0 ? [`to stay at ${String(metadata.to ?? 'the same place')}`] : []),
    ...moves.map((move: Move) => describeMove(move)),
    asked,
    ...(ended ? [`the end: ${outcome ?? 'no outcome'}`] : []),
  ];
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
