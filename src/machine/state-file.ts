import { z } from 'zod';
import { SuperdialogError } from '../errors.ts';
import type { Flow } from '../flow/types.ts';
import { namedRecord } from '../named-record.ts';
import type { FlowState } from './core/state.ts';

const visit = z.object({
  number: z.int(),
  utterances: z.int(),
  spoken: z.boolean(),
  misses: z.int(),
  partials: namedRecord(z.string()),
  confirming: z.string().nullable(),
  insisted: namedRecord(z.int()),
});

const frame = z.object({ node: z.string(), visit, moves: z.int() });

const by = z.enum([
  'guard',
  'dtmf',
  'pattern',
  'example',
  'intent',
  'collected',
  'always',
  'silence',
  'model',
  'fallback',
  'max_turns',
  'return',
  'supervisor',
]);
const edge = { node: z.string().nullable(), edge: z.string(), by };

const work = z.discriminatedUnion('do', [
  z.object({ do: z.literal('leave'), ...edge }),
  z.object({ do: z.literal('cross'), ...edge }),
  z.object({ do: z.literal('enter') }),
  z.object({ do: z.literal('run'), action: z.string() }),
  z.object({ do: z.literal('settle'), spoken: z.boolean() }),
  z.object({ do: z.literal('rest') }),
]);

const flowState: z.ZodType<FlowState> = z.object({
  format: z.literal(1),
  session: z.string(),
  flow: z.object({ name: z.string(), version: z.string().exactOptional() }),
  node: z.string(),
  visit,
  visits: namedRecord(z.int()),
  spoken: namedRecord(z.int()),
  slots: namedRecord(z.json()),
  slotInfo: namedRecord(
    z.object({
      by: z.enum(['caller', 'model', 'flow']),
      confirmed: z.boolean(),
      words: z.string().exactOptional(),
    }),
  ),
  variables: namedRecord(z.json()),
  stack: z.array(frame),
  selfLoops: z.int(),
  silences: z.int(),
  turns: z.int(),
  startedAtMs: z.number().nullable(),
  typedAhead: z.string(),
  whispers: z.array(z.string()),
  ledger: namedRecord(z.json()),
  pending: z
    .object({ text: z.string(), progress: z.boolean(), unheard: z.literal(true).exactOptional() })
    .nullable(),
  work: z.array(work),
  passed: z.array(z.string()),
  running: z.object({ action: z.string(), key: z.string() }).nullable(),
  takenOver: z.boolean(),
  ended: z.boolean(),
  outcome: z.string().nullable(),
  beforeEnd: frame.nullable(),
});

const laterFormat = z.object({ format: z.int().min(2) });

/** A state that was saved earlier. Throws a SuperdialogError if it is none. */
export function readFlowState(state: unknown): FlowState {
  const checked = flowState.safeParse(state);
  if (!checked.success) {
    const later = laterFormat.safeParse(state).data;
    const [issue] = checked.error.issues;
    throw new SuperdialogError(
      'bad_state',
      later === undefined
        ? `this is no state of a dialog machine: ${issue?.path.join('.')}: ${issue?.message}`
        : `the state has format ${later.format}, and this version reads format 1: update superdialog-voice`,
    );
  }
  return checked.data;
}

/** The state, if this flow can go on from it. Throws a SuperdialogError if it cannot. */
export function checkFlowState(state: FlowState, flow: Flow): FlowState {
  if (state.flow.name !== flow.name) {
    throw new SuperdialogError(
      'bad_state',
      `the state is of flow "${state.flow.name}", not of flow "${flow.name}"`,
    );
  }
  const { node, stack, beforeEnd } = state;
  const nodes = [
    node,
    ...[...stack, ...(beforeEnd === null ? [] : [beforeEnd])].map((frame) => frame.node),
  ];
  const gone = nodes.find((id) => !flow.nodes.has(id));
  if (gone !== undefined) {
    throw new SuperdialogError(
      'bad_state',
      `the state is at node "${gone}", which flow "${flow.name}" does not have`,
    );
  }
  return state;
}
