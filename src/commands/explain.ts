import { z } from 'zod';
import type { Move, TurnResult } from '../agent/agent.ts';
import { describeMove, describeRefusal } from '../call/transcript.ts';
import type { Json } from '../json.ts';
import { namedRecord } from '../named-record.ts';
import { own } from '../record.ts';

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

/** What a machine puts under `metadata.explain`: the edges in the order of their scores. */
const explanationSchema = z.object({ candidates: z.array(candidateSchema) });

const stateSchema = z.object({
  slots: namedRecord<Json>(z.json()),
  slotInfo: namedRecord(
    z.object({ by: z.string(), confirmed: z.boolean(), words: z.string().optional() }),
  ),
  visit: z.object({ partials: namedRecord(z.string()) }),
});

type State = z.infer<typeof stateSchema>;

/** A turn with the agent's state before and after it, as far as the agent tells it. */
export interface ExplainedTurn {
  result: TurnResult;
  before: unknown;
  after: unknown;
}

/** Why a turn came out as it did, in lines to read. They hold the caller's words. */
export function explainTurn({ result, before, after }: ExplainedTurn): string[] {
  return [
    ...labelled('understood', understood(stateOf(before), stateOf(after))),
    ...labelled('considered', considered(result)),
    ...labelled('decided', decided(result)),
    ...labelled('refused', result.refused.map(describeRefusal)),
  ];
}

function labelled(label: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `${(index === 0 ? label : '').padEnd(11)} ${line}`);
}

/** Agents other than a machine have no such state. */
function stateOf(state: unknown): State | undefined {
  return stateSchema.safeParse(state).data;
}

/** Which slots changed, and the words they came from. */
function understood(before: State | undefined, after: State | undefined): string[] {
  if (after === undefined) return [];
  const filled = Object.keys(after.slots).filter((name) => !isSame(name, before, after));
  const cleared = Object.keys(before?.slots ?? {}).filter(
    (name) => !Object.hasOwn(after.slots, name),
  );
  const begun = Object.entries(after.visit.partials);
  return [
    ...filled.map((name) => filledLine(name, after)),
    ...cleared.map((name) => `${name} is cleared`),
    ...begun.map(([name, words]) => `${name} has begun: ${JSON.stringify(words)}`),
  ];
}

function isSame(name: string, before: State | undefined, after: State): boolean {
  if (before === undefined) return false;
  const both = [before, after].map(({ slots, slotInfo }) =>
    JSON.stringify([own(slots, name), own(slotInfo, name)]),
  );
  return both[0] === both[1];
}

function filledLine(name: string, { slots, slotInfo }: State): string {
  const info = own(slotInfo, name);
  const source = info?.words === undefined ? '' : `, from ${JSON.stringify(info.words)}`;
  const waits = info?.confirmed === false ? ', waits for a yes' : '';
  return `${name} = ${JSON.stringify(own(slots, name))} (by the ${info?.by ?? 'flow'}${source}${waits})`;
}

const VERDICTS = {
  decides: () => 'decides',
  below_threshold: () => 'below the threshold',
  too_close: ({ rival }: Candidate) => `too close to ${rival ?? 'another'}`,
  leaves_words: () => 'leaves too much unsaid',
  not_asked: () => 'another was taken first',
} as const satisfies Record<Candidate['verdict'], (candidate: Candidate) => string>;

function considered({ metadata }: TurnResult): string[] {
  const { candidates = [] } = explanationSchema.safeParse(metadata.explain).data ?? {};
  return candidates.map((candidate) => {
    const { edge, score, by, verdict } = candidate;
    return `${edge} ${score.toFixed(2)} by ${by}: ${VERDICTS[verdict](candidate)}`;
  });
}

function decided({ moves, metadata, ended, outcome }: TurnResult): string[] {
  const calls = typeof metadata.modelCalls === 'number' ? metadata.modelCalls : 0;
  const asked = calls === 0 ? 'no model was asked' : `the model was asked ${times(calls)}`;
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
