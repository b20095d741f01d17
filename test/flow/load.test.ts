import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { FlowError } from '../../src/flow/errors.ts';
import { Flow } from '../../src/flow/flow.ts';

const folder = mkdtempSync(join(tmpdir(), 'flow-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const YAML = `
name: small
initial_node: a
nodes:
  - id: a
    static_text: Hello.
    edges: [{ id: on, condition: Go on., target_node_id: b }]
  - { id: b, static_text: Goodbye., is_final: true }
`;

const JSON_TEXT = JSON.stringify({
  name: 'small',
  initial_node: 'a',
  nodes: [
    {
      id: 'a',
      static_text: 'Hello.',
      edges: [{ id: 'on', condition: 'Go on.', target_node_id: 'b' }],
    },
    { id: 'b', static_text: 'Goodbye.', is_final: true },
  ],
});

/** What of a flow can be compared: templates are functions. */
function shape(flow: Flow) {
  return JSON.parse(
    JSON.stringify({ name: flow.name, initial: flow.initialNode, nodes: [...flow.nodes.values()] }),
  );
}

test('YAML and JSON, as files, texts and objects, are the same flow', () => {
  const flows = [
    Flow.load(file('small.yaml', YAML)),
    Flow.load(file('small.yml', YAML)),
    Flow.load(file('small.json', JSON_TEXT)),
    Flow.load(file('small', JSON_TEXT)),
    Flow.parse(YAML),
    Flow.parse(JSON_TEXT),
    Flow.parse(JSON.parse(JSON_TEXT)),
  ];
  for (const flow of flows) expect(shape(flow)).toEqual(shape(Flow.parse(YAML)));
});

test('a flow without a name has that of its file', () => {
  const path = file('clinic.yaml', YAML.replace('name: small', ''));
  expect(Flow.load(path)).toMatchObject({ name: 'clinic', file: path });
});

test('a file that is not there is a UsageError with its path', () => {
  expect(() => Flow.load('/no/such/flow.yaml')).toThrow(UsageError);
  expect(() => Flow.load('/no/such/flow.yaml')).toThrow('/no/such/flow.yaml');
  expect(() => Flow.load(folder)).toThrow(UsageError);
});

function refusal(source: string | object, name?: string): FlowError {
  try {
    if (name === undefined) Flow.parse(source);
    else Flow.load(file(name, typeof source === 'string' ? source : JSON.stringify(source)));
  } catch (error) {
    expect(error).toBeInstanceOf(FlowError);
    if (error instanceof FlowError) return error;
  }
  throw new Error('the flow was not refused');
}

describe('what is no flow', () => {
  test.each([
    ['broken YAML', 'nodes: [a', /:\d+: column \d+: /],
    ['a tab for indentation', 'nodes:\n\t- id: a', /:2: /],
    ['the same key twice', `${YAML}name: again\n`, /:9: /],
    ['an empty file', '', /object/],
    ['a list', '[1, 2]', /object/],
    ['a text', 'hello', /object/],
    ['no nodes', 'initial_node: a', /nodes/],
    ['an empty list of nodes', 'initial_node: a\nnodes: []', /nodes/],
    ['no initial node', 'nodes: [{ id: a }]', /initial_node/],
  ])('%s', (_, text, message) => {
    const error = refusal(text, 'broken.yaml');
    expect(error.message).toMatch(message);
    expect(error.message).toContain(join(folder, 'broken.yaml'));
    expect(error.code).toBe('usage');
  });

  test('broken JSON', () => {
    expect(refusal('{"nodes": [', 'broken.json').message).toContain('broken.json');
  });
});

/** A flow of two nodes with one fault in it, on a line of its own. */
const FAULTS: [
  name: string,
  fields: { top?: string; node?: string; edge?: string },
  place: object,
  message: RegExp,
][] = [
  [
    'an initial node that is none',
    { top: 'initial_node: nowhere' },
    { field: 'initial_node' },
    /no node "nowhere".*a, b/,
  ],
  [
    'an edge to nowhere',
    { edge: 'target_node_id: nowhere' },
    { node: 'a', edge: 'on', field: 'target_node_id' },
    /no node "nowhere"/,
  ],
  [
    'an edge without a target',
    { edge: 'target_node_id: null' },
    { node: 'a', edge: 'on', field: 'target_node_id' },
    /lead to/,
  ],
  [
    'an unknown intent',
    { edge: 'match: { intent: fly }' },
    { node: 'a', edge: 'on', field: 'match.intent' },
    /no intent "fly"/,
  ],
  [
    'an unknown key in match',
    { edge: 'match: { pattern: [x] }' },
    { node: 'a', edge: 'on', field: 'match.pattern' },
    /no such key/,
  ],
  [
    'a bad pattern',
    { edge: "match: { patterns: ['ok', '('] }" },
    { node: 'a', edge: 'on', field: 'match.patterns[1]' },
    /regular expression/,
  ],
  [
    'an empty pattern',
    { edge: "match: { patterns: [''] }" },
    { node: 'a', edge: 'on', field: 'match.patterns[0]' },
    /empty/,
  ],
  [
    'a threshold out of range',
    { edge: 'match: { threshold: 80 }' },
    { node: 'a', edge: 'on', field: 'match.threshold' },
    /1/,
  ],
  [
    'collected: false',
    { edge: 'match: { collected: false }' },
    { node: 'a', edge: 'on', field: 'match.collected' },
    /true/,
  ],
  [
    'a bad guard',
    { edge: 'guard: "x =="' },
    { node: 'a', edge: 'on', field: 'guard' },
    /bad guard/,
  ],
  [
    'a bad template in set',
    { edge: 'set: { x: "{{ y" }' },
    { node: 'a', edge: 'on', field: 'set.x' },
    /bad template/,
  ],
  [
    'an unknown action',
    { edge: 'actions: [{ trigger: on_enter, action_id: gone }]' },
    { node: 'a', edge: 'on', field: 'actions' },
    /no action "gone"/,
  ],
  [
    'an unknown trigger',
    { node: 'actions: [{ trigger: on_fire, action_id: gone }]' },
    { node: 'a', field: 'actions[0].trigger' },
    /on_enter/,
  ],
  ['an unknown tool', { node: 'tools: [gone]' }, { node: 'a', field: 'tools' }, /no tool "gone"/],
  [
    'a bad template',
    { node: 'static_text: "{% if %}"' },
    { node: 'a', field: 'static_text' },
    /bad template/,
  ],
  [
    'a bad instruction',
    { node: 'instruction: "{{ a. }}"' },
    { node: 'a', field: 'instruction' },
    /bad template/,
  ],
  [
    'a bad system prompt',
    { top: 'system_prompt: "{{"' },
    { field: 'system_prompt' },
    /bad template/,
  ],
  [
    'a bad line',
    { top: 'lines: { confirm: "{{ value" }' },
    { field: 'lines.confirm' },
    /bad template/,
  ],
  [
    'an unknown line',
    { top: 'lines: { no_mach: Eh? }' },
    { field: 'lines.no_mach' },
    /no such key/,
  ],
  [
    'an unknown key in a slot',
    { top: 'slots: { day: { typ: date } }' },
    { field: 'slots.day.typ' },
    /no such key/,
  ],
  [
    'an unknown type of slot',
    { top: 'slots: { day: { type: dat } }' },
    { field: 'slots.day.type' },
    /date/,
  ],
  [
    'an enum without values',
    { top: 'slots: { colour: { type: enum } }' },
    { field: 'slots.colour' },
    /values/,
  ],
  [
    'a bad pattern of a slot',
    { top: "slots: { code: { pattern: '[' } }" },
    { field: 'slots.code.pattern' },
    /regular expression/,
  ],
  [
    'a bad pattern of an intent',
    { top: "intents: { x: { patterns: ['('] } }" },
    { field: 'intents.x.patterns[0]' },
    /regular expression/,
  ],
  ['a limit that is none', { top: 'limits: { maxTurns: 0 }' }, { field: 'limits.maxTurns' }, /1/],
  [
    'an unknown limit',
    { top: 'limits: { max_turns: 3 }' },
    { field: 'limits.max_turns' },
    /no such key/,
  ],
  [
    'a mode of transfer that is none',
    { node: 'transfer: { to: "tel:1", mode: hot }' },
    { node: 'a', field: 'transfer.mode' },
    /warm/,
  ],
  ['max_turns of zero', { node: 'max_turns: 0' }, { node: 'a', field: 'max_turns' }, /1/],
  [
    'a type of node that is none',
    { node: 'node_type: dance' },
    { node: 'a', field: 'node_type' },
    /router/,
  ],
  ['collecting a text', { node: 'collect: day' }, { node: 'a', field: 'collect' }, /array/],
  [
    'a region that is none',
    { top: 'region: Great Britain' },
    { field: 'region' },
    /region|letters/i,
  ],
  ['a time zone that is none', { top: 'time_zone: Mars/Olympus' }, { field: 'time_zone' }, /zone/i],
];

/** One field a line, so that a fault has a line; of two fields of one name the faulty one stands. */
function faulty({
  top = '',
  node = '',
  edge = '',
}: {
  top?: string;
  node?: string;
  edge?: string;
}): string {
  const fields = (own: string, defaults: string[]) => {
    const key = own.split(':')[0];
    return [...defaults.filter((line) => line.split(':')[0] !== key), own].filter(
      (line) => line !== '',
    );
  };
  return [
    ...fields(top, ['initial_node: a']),
    'nodes:',
    '  - id: a',
    ...fields(node, ['static_text: Hello.']).map((line) => `    ${line}`),
    '    edges:',
    '      - id: "on"',
    ...fields(edge, ['condition: Go on.', 'target_node_id: b']).map((line) => `        ${line}`),
    '  - { id: b, static_text: Goodbye. }',
  ].join('\n');
}

describe('a fault is refused at its place', () => {
  test.each(FAULTS)('%s', (_, fields, place, message) => {
    const error = refusal(faulty(fields), 'faulty.yaml');
    expect(error.problems[0]).toMatchObject({ ...place, message: expect.stringMatching(message) });
    expect(error.message).toContain(join(folder, 'faulty.yaml'));
  });

  test('and the line where it stands is told, whichever it is', () => {
    const wrong = FAULTS.filter(([, fields]) => {
      const text = faulty(fields);
      const line = text.split('\n').findIndex((row) => row.trim() === Object.values(fields)[0]) + 1;
      const told = `${join(folder, 'faulty.yaml')}:${line}: `;
      return !refusal(text, 'faulty.yaml').message.startsWith(told);
    });
    expect(wrong.map(([name]) => name)).toEqual([]);
  });
});

describe('ids that stand twice', () => {
  test.each([
    [
      'two nodes',
      'initial_node: a\nnodes: [{ id: a, static_text: A }, { id: a, static_text: B }]',
      { node: 'a', field: 'id' },
    ],
    [
      'two edges of a node',
      'initial_node: a\nnodes: [{ id: a, edges: [{ id: x, target_node_id: a }, { id: x, target_node_id: a }] }]',
      { node: 'a', edge: 'x', field: 'id' },
    ],
    [
      'two global edges',
      'initial_node: a\nglobal_edges: [{ id: x, target_node_id: a }, { id: x, target_node_id: a }]\nnodes: [{ id: a }]',
      { edge: 'x', field: 'id' },
    ],
    [
      'an edge and a global edge',
      'initial_node: a\nglobal_edges: [{ id: x, target_node_id: a }]\nnodes: [{ id: a, edges: [{ id: x, target_node_id: a }] }]',
      { node: 'a', edge: 'x', field: 'id' },
    ],
  ])('%s', (_, text, place) => {
    expect(refusal(text).problems).toEqual([expect.objectContaining(place)]);
  });

  test('edges of two nodes may have the same id', () => {
    const text =
      'initial_node: a\nnodes: [{ id: a, edges: [{ id: x, target_node_id: b }] }, { id: b, edges: [{ id: x, target_node_id: a }] }]';
    expect(Flow.parse(text).nodes.size).toBe(2);
  });
});

describe('an edge that could be taken for something else that a model answers', () => {
  test.each(['stay', 'return', 'a>b', '>'])('%s', (id) => {
    const edges = `[{ id: "${id}", target_node_id: a }]`;
    for (const text of [
      `initial_node: a\nnodes: [{ id: a, edges: ${edges} }]`,
      `initial_node: a\nnodes: [{ id: a }]\nglobal_edges: ${edges}`,
    ]) {
      const problem = {
        edge: id,
        field: 'id',
        message: expect.stringMatching(/another id|instead/),
      };
      expect(refusal(text).problems).toEqual([expect.objectContaining(problem)]);
    }
  });
});

test('all faults of a file are told at once, up to ten', () => {
  const edges = Array.from({ length: 12 }, (_, index) => `{ id: e${index}, target_node_id: gone }`);
  const error = refusal(`initial_node: a\nnodes: [{ id: a, edges: [${edges.join(', ')}] }]`);
  expect(error.problems).toHaveLength(12);
  expect(error.message.split('\n')).toHaveLength(11);
  expect(error.message).toMatch(/and 2 more$/);
});

describe('what a node says about its sound', () => {
  test('is kept for the call', () => {
    const flow = Flow.parse(
      'initial_node: a\nnodes: [{ id: a, interruptible: false, must_be_heard: true, endpointing: { minMs: 200 } }]',
    );
    expect(flow.nodes.get('a')).toMatchObject({
      interruptible: false,
      mustBeHeard: true,
      endpointing: { minMs: 200 },
    });
  });

  test('has the usual defaults', () => {
    const flow = Flow.parse('initial_node: a\nnodes: [{ id: a, tools: [], actions: [] }]');
    expect(flow.nodes.get('a')).toMatchObject({
      interruptible: true,
      mustBeHeard: false,
      endpointing: {},
      tools: [],
    });
  });
});

test('keys of the original editor are no reason to refuse', () => {
  const text = JSON.stringify({
    initial_node: 'a',
    langGraph: { x: 1 },
    flow_stage: 'draft',
    nodes: [
      { id: 'a', type: 'custom', response_mode: 'llm', position: { x: 1 }, static_text: 'A.' },
    ],
  });
  expect(Flow.parse(text).initialNode).toBe('a');
});

describe('a flow that does not speak English', () => {
  const german = (lines: string) => `
    agent_language: de
    initial_node: a
    lines: { ${lines} }
    nodes: [{ id: a, static_text: Guten Tag. }]
  `;
  const all =
    'recovery: A, hold: B, no_input: C, no_match: D, partial: E, confirm: F, goodbye: G, transfer_failed: H';

  test('is refused without lines of its own, which are named', () => {
    const error = refusal(german('recovery: Wie bitte?, goodbye: Tschüss.'));
    expect(error.problems).toEqual([expect.objectContaining({ field: 'lines' })]);
    for (const name of ['hold', 'no_input', 'no_match', 'confirm', 'transfer_failed']) {
      expect(error.message).toContain(name);
    }
    expect(error.message).not.toMatch(/recovery|goodbye/);
  });

  test('loads with them', () => {
    expect(Flow.parse(german(all)).lines.noMatch[0]?.source).toBe('D');
  });

  test.each(['en', 'en-GB', 'EN-us'])('%j is English', (language) => {
    expect(Flow.parse(german('').replace('de', language)).lines.goodbye).toHaveLength(1);
  });
});

const shared = fileURLToPath(new URL('../../../shared/flows', import.meta.url));

describe.skipIf(!existsSync(shared))(
  'flows that others wrote (skipped where they are not there)',
  () => {
    test.each(['kyc', 'appointment', 'escalation', 'golf_booking'])('%s loads', (name) => {
      const flow = Flow.load(join(shared, `${name}.json`));
      expect(flow.name).toBe(name);
      expect(flow.nodes.size).toBeGreaterThan(2);
    });
  },
);
