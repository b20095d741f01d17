import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/json.ts';
import type { MachineEvent } from '../../src/machine/core/events.ts';
import type { ToolResult } from '../../src/tools/tool.ts';
import { NOW_MS } from './conversation.ts';

/*
 * Flow files that make little sense and break no rule of loading, and things that may happen to a
 * machine that runs one. Everything is taken from small pools, so that what is said now and then
 * meets what a flow listens for.
 */

const NODE_IDS = ['ask', 'menu', 'check', 'price', 'end', 'away', '__proto__', 'constructor'];
const EDGE_IDS = ['on', 'off', 'back', 'more', '__proto__', 'assist'];
const GLOBAL_IDS = ['help', 'leave', 'toString'];

const EXAMPLES = ['block my card', 'what does it cost', 'talk to a person', 'the weather', 'yes'];
const PATTERNS = ['\\bcard\\b', '^(no|never)', '\\d', 'cost'];
const INTENTS = ['yes', 'no', 'goodbye', 'start_over', 'person'];

const SLOTS = {
  pin: { type: 'digits', length: 4 },
  count: { type: 'integer' },
  amount: { type: 'number' },
  day: { type: 'date' },
  time: { type: 'time' },
  when: { type: 'datetime' },
  phone: { type: 'phone' },
  mail: { type: 'email' },
  kind: { type: 'enum', values: ['credit', { value: 'debit', synonyms: ['bank card'] }] },
  agreed: { type: 'boolean' },
  name: { type: 'text' },
  code: { type: 'text', pattern: '[A-Z]{2}\\d{2}' },
  constructor: { type: 'text' },
};
const SLOT_NAMES = Object.keys(SLOTS);

const SPOKEN = [
  ...EXAMPLES,
  ...['no', 'sorry', 'I mean', 'but', 'not', 'goodbye', 'start again', 'a person', 'cancel that'],
  ...['1 2 3 4', 'four seven', 'one two', 'seven', 'on Friday', 'the third of March', 'at noon'],
  ...['half past nine', '020 7946 0150', 'jo at example dot com', 'credit', 'bank card', 'A B 12'],
  ...[
    'twelve point five',
    'my name is Jo',
    'um',
    'why',
    '',
    '\u0000',
    '👩‍👩‍👧',
    '{{ pin }}',
    '__proto__',
  ],
];

/** Requests to the service of `environment_variables`: an address that is refused, if none is given. */
const ACTIONS = [
  {
    id: 'look',
    method: 'GET',
    url: '{{ service }}/look?pin={{ pin }}',
    store_response_as: 'found',
    env_updates: [{ env_key: 'done', result_path: 'data.done' }],
  },
  { id: 'note', method: 'POST', url: '{{ service }}/note', body: { name: '{{ name }}' } },
  { id: '__proto__', method: 'POST', url: '{{ service }}/once', run_once: true },
  { id: 'some', method: 'GET', url: '{{ service }}/some', condition: '{{ kind }}' },
  { id: 'wrong', method: 'PUT', url: '{{ service }}/{{ kind < count }}' },
];
const ACTION_IDS = ACTIONS.map(({ id }) => id);

/** Tools of the host: `constructor` is one that may change the world. */
export const TOOLS = [
  { id: 'balance', description: 'Tells the balance.', effect: 'read' },
  { id: 'constructor', description: 'Pays.', effect: 'write' },
] as const;
const TOOL_IDS = TOOLS.map(({ id }) => id);

const TEXTS = [
  'Hello.',
  'Found: {{ found.data.done }} {{ balance.data.done }}.',
  'So much: {{ kind < count }}.',
  'And now?',
  'It is {{ pin }}, is it?',
  'For {{ spoken.day }} at {{ spoken.time }}?',
  'So {{ missing.name.first }} it is.',
  'Is that {{ name | upper }}?',
];
const GUARDS = [
  'pin',
  'not pin',
  "kind == 'debit'",
  'count > 2',
  'agreed is true',
  'done',
  'found.success',
  'not found',
  'name | length > 3',
];
const CONDITIONS = [
  'The caller agrees.',
  'The caller wants something else.',
  'always',
  'done == true',
  '',
];

const some = <T>(pool: readonly T[], most: number) => fc.subarray([...pool], { maxLength: most });
const optional = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(fields, { requiredKeys: [] });

const keys = fc.constantFrom('1', '2', '12', '9', '0', '*');

const match = optional({
  dtmf: keys,
  patterns: some(PATTERNS, 2).filter((list) => list.length > 0),
  examples: some(EXAMPLES, 2).filter((list) => list.length > 0),
  intent: fc.constantFrom(...INTENTS),
  collected: fc.constant(true),
  always: fc.constant(true),
  silence: fc.integer({ min: 1, max: 3 }),
  threshold: fc.constantFrom(0, 0.5, 1),
});

const criteria = fc.array(
  fc.record({ key: fc.constantFrom(...SLOT_NAMES), required: fc.boolean() }),
  { maxLength: 2 },
);

const assignments = fc.dictionary(
  fc.constantFrom('pin', 'kind', 'name', 'done', '__proto__'),
  fc.constantFrom<Json>(null, true, 'credit', '{{ count }}', '{{ name | upper }}', 3),
  { maxKeys: 2 },
);

/** An edge's actions are run whatever their trigger says. */
const triggers = fc.array(
  fc.record({
    trigger: fc.constantFrom('on_enter', 'on_exit'),
    action_id: fc.constantFrom(...ACTION_IDS),
  }),
  { maxLength: 2 },
);

function edgeFields(nodeIds: readonly string[]) {
  return {
    target_node_id: fc.constantFrom(...nodeIds),
    condition: fc.constantFrom(...CONDITIONS),
    guard: fc.option(fc.constantFrom(...GUARDS), { freq: 3 }),
    match: fc.option(match, { nil: undefined }),
    is_fallback: fc.constantFrom(false, false, false, true),
    set: assignments,
    criteria,
    input_schema: fc.subarray(SLOT_NAMES, { maxLength: 1 }).map((required) => ({ required })),
    actions: triggers,
    detour: fc.boolean(),
  };
}

function edgesOf(ids: readonly string[], nodeIds: readonly string[], most: number) {
  const { target_node_id, ...fields } = edgeFields(nodeIds);
  const edge = fc
    .tuple(fc.constantFrom(...ids), target_node_id, optional(fields))
    .map(([id, target, rest]) => ({ id, target_node_id: target, ...rest }));
  return fc.uniqueArray(edge, { maxLength: most, selector: ({ id }) => id });
}

const texts = fc.oneof(
  fc.constantFrom(...TEXTS),
  fc.uniqueArray(fc.constantFrom(...TEXTS), { minLength: 1, maxLength: 2 }),
);
/** Every node has words, but a router: one without is silent by its author's wish. */
const words = fc.oneof(
  { weight: 4, arbitrary: fc.record({ static_text: texts }) },
  { weight: 2, arbitrary: fc.record({ instruction: fc.constant('Ask how it is.') }) },
  {
    weight: 2,
    arbitrary: fc.record({ static_text: texts, instruction: fc.constant('Ask again.') }),
  },
  { weight: 2, arbitrary: fc.constant({ node_type: 'router' }) },
  { weight: 1, arbitrary: fc.record({ static_text: texts, is_final: fc.constant(true) }) },
);

function nodeOf(id: string, nodeIds: readonly string[]) {
  return fc
    .tuple(
      words,
      edgesOf(EDGE_IDS, nodeIds, 4),
      optional({
        collect: some(SLOT_NAMES, 2),
        completion_criteria: criteria,
        allow_skip: fc.boolean(),
        auto_proceed: fc.boolean(),
        max_turns: fc.integer({ min: 1, max: 3 }),
        actions: triggers,
        tools: some(TOOL_IDS, 2),
        hang_up: fc.boolean(),
        transfer: fc.constant({ to: 'tel:+44{{ phone }}', mode: 'cold', announce: 'One moment.' }),
        lines: fc.constant({ no_match: ['Pardon?'], no_input: ['Hello?'] }),
      }),
    )
    .map(([own, edges, rest]) => ({ id, ...own, edges, ...rest }));
}

const slots = fc.record(
  Object.fromEntries(
    Object.entries(SLOTS).map(([name, slot]) => [
      name,
      optional({
        confirm: fc.boolean(),
        invalidates: some(SLOT_NAMES, 2),
      }).map((flags) => ({ ...slot, ...flags })),
    ]),
  ),
);

/** A flow file as an object. */
export const randomFlowFile: fc.Arbitrary<JsonObject> = fc
  .subarray(NODE_IDS, { minLength: 1, maxLength: 6 })
  .chain((ids) =>
    fc.record({
      initial_node: fc.constantFrom(...ids),
      intents: fc.constant({ person: { examples: ['talk to a person', 'a person'] } }),
      environment_variables: fc.constant({ service: 'http://127.0.0.1:4000' }),
      actions: fc.constant(ACTIONS),
      tools: fc.constant(TOOLS),
      slots,
      limits: optional({ maxTurns: fc.integer({ min: 3, max: 9 }) }),
      global_edges: edgesOf(GLOBAL_IDS, ids, 2),
      nodes: fc.tuple(...ids.map((id) => nodeOf(id, ids))),
    }),
  )
  .map((file) => JSON.parse(JSON.stringify(file)));

/** What a caller may say. */
export const said = fc
  .array(fc.constantFrom(...SPOKEN), { maxLength: 4 })
  .map((all) => all.join(' '));
/** A move as a model may name it. */
export const proposedMove = fc.oneof(
  fc.constantFrom('stay', 'return', 'nowhere', '', 'on>off', 'help>on', 'on>back>more'),
  fc.constantFrom(...NODE_IDS, ...EDGE_IDS, ...GLOBAL_IDS),
);
/** What a model may want to set. */
export const proposedValues = fc.array(
  fc.record({
    slot: fc.constantFrom(...SLOT_NAMES, 'unknown', '__proto__'),
    value: fc.oneof(
      fc.constantFrom<Json>('1234', 7, '2026-03-06', '12:00', 'debit', true, 'Jo', null),
      fc.jsonValue({ maxDepth: 1 }).map((value): Json => JSON.parse(JSON.stringify(value))),
    ),
  }),
  { maxLength: 3 },
);

/** Keys that a caller may press. */
export const pressed = fc.stringMatching(/^[0-9*#]{1,4}$/);
const count = fc.integer({ min: 1, max: 4 });
const atMs = fc.constant(NOW_MS);

const inputs = fc.oneof<fc.MaybeWeightedArbitrary<MachineEvent>[]>(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('said'), text: said, atMs }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('dtmf'), digits: pressed, atMs }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('silence'), count, atMs }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('opened'), atMs }) },
  { weight: 1, arbitrary: fc.constant({ type: 'end_cut' }) },
);

const result: fc.Arbitrary<ToolResult> = fc.record({
  success: fc.boolean(),
  status: fc.constantFrom(null, 200, 404, 503),
  data: fc.constantFrom<Json[]>(null, { done: true }, { done: '1234' }, ['__proto__'], 'yes'),
  error: fc.constantFrom(null, 'it failed'),
});

/** What comes of the tools that the model called. */
const ofTools = fc.oneof<fc.MaybeWeightedArbitrary<MachineEvent>[]>(
  fc.record({
    type: fc.constant('tools_begun'),
    keys: fc.array(fc.constantFrom('key', '__proto__'), { maxLength: 2 }),
    atMs,
  }),
  fc.record({
    type: fc.constant('tool_done'),
    tool: fc.constantFrom(...TOOL_IDS, '__proto__'),
    key: fc.constantFrom(null, 'key', '__proto__'),
    result,
    atMs,
  }),
  fc.record({ type: fc.constant('wordless'), atMs }),
);

const values = fc.dictionary(
  fc.constantFrom(...SLOT_NAMES, 'done', '__proto__'),
  fc.constantFrom<Json[]>('1234', 'debit', '2026-03-06', 7, true, null, ['x']),
  { maxKeys: 3 },
);

const answers = fc.oneof<fc.MaybeWeightedArbitrary<MachineEvent>[]>(
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('decided'),
      decision: fc.record({ go: proposedMove, set: proposedValues }),
      evidence: fc.array(said, { maxLength: 2 }),
      atMs,
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('undecided'), atMs }) },
);

/** Anything that a shell could tell the machine, in any order. */
export const randomEvent: fc.Arbitrary<MachineEvent> = fc.oneof<
  fc.MaybeWeightedArbitrary<MachineEvent>[]
>(
  { weight: 8, arbitrary: inputs },
  { weight: 5, arbitrary: answers },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('action_done'), result, atMs }) },
  { weight: 1, arbitrary: ofTools },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('seeded'), values, atMs }) },
);

/** An input, and what the model and the actions answer where they are asked, over and over. */
export interface RandomTurn {
  input: MachineEvent;
  answers: MachineEvent[];
  results: ToolResult[];
}

export const randomTurn: fc.Arbitrary<RandomTurn> = fc.record({
  input: inputs,
  answers: fc.array(answers, { minLength: 1, maxLength: 3 }),
  results: fc.array(result, { minLength: 1, maxLength: 3 }),
});
