import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { FlowError } from '../../src/flow/errors.ts';
import type { Finding } from '../../src/flow/lint/finding.ts';
import { lintFlow } from '../../src/flow/lint/lint.ts';

type Fields = Record<string, unknown>;

/** A flow that lint has nothing to say about: one question and an end. */
function flowOf({ ask = {}, nodes = [], ...flow }: Fields & { ask?: Fields; nodes?: Fields[] }) {
  return stringify({
    initial_node: 'ask',
    nodes: [
      {
        id: 'ask',
        static_text: 'Which day?',
        edges: [{ id: 'known', condition: 'The day is known.', target_node_id: 'done' }],
        ...ask,
      },
      { id: 'done', static_text: 'Goodbye.', is_final: true },
      ...nodes,
    ],
    ...flow,
  });
}

/** `severity rule place` of each finding. */
function lint(flow: Fields & { ask?: Fields; nodes?: Fields[] }): string[] {
  return lintFlow(flowOf(flow)).map(brief);
}

function brief({ severity, rule, node, edge, field }: Finding): string {
  const place = [node, edge, field].filter((part) => part !== undefined).join(' ');
  return `${severity} ${rule} ${place}`.trim();
}

test('a sound flow has no findings', () => {
  expect(lint({})).toEqual([]);
});

test.each(['kyc', 'appointment', 'cards'])(
  'the example flow %s has no error and no warning',
  (name) => {
    const file = new URL(`../../flows/${name}.yaml`, import.meta.url).pathname;
    const findings = lintFlow(readFileSync(file, 'utf8'), file);
    expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
  },
);

test('a text that is no flow is refused and not linted', () => {
  expect(() => lintFlow('nodes: 3')).toThrow(FlowError);
});

test('what keeps a flow from being loaded is an error with its line', () => {
  const text = flowOf({ ask: { edges: [{ id: 'lost', target_node_id: 'nowhere' }] } });
  expect(lintFlow(text)).toContainEqual({
    rule: 'load',
    severity: 'error',
    node: 'ask',
    edge: 'lost',
    field: 'target_node_id',
    line: 7,
    message: 'there is no node "nowhere"',
    advice: '',
  });
});

test('the worst comes first', () => {
  const severities = lintFlow(
    flowOf({
      slots: { unused: {} },
      nodes: [
        { id: 'lost', static_text: 'x', edges: [] },
        { id: 'stuck', static_text: 'x' },
      ],
      ask: { edges: [{ id: 'on', condition: 'x', target_node_id: 'stuck' }] },
    }),
  ).map(({ severity }) => severity);
  expect(severities).toEqual(severities.toSorted((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)));
  expect(new Set(severities)).toEqual(new Set(ORDER));
});
const ORDER = ['error', 'warning', 'info'];

describe('ways', () => {
  test('a node that no edge leads to', () => {
    const nodes = [{ id: 'lost', static_text: 'x', is_final: true }];
    expect(lint({ nodes })).toEqual(['warning unreachable lost']);
  });

  test('a node that only a global edge leads to is reachable', () => {
    const nodes = [{ id: 'help', static_text: 'x', is_final: true }];
    const global_edges = [{ id: 'help_me', condition: 'wants help', target_node_id: 'help' }];
    expect(lint({ nodes, global_edges })).toEqual([]);
  });

  test('a node without a way on is a dead end', () => {
    expect(lint({ ask: { edges: [] } })).toContain('error dead-end ask');
  });

  test('a node without a way on is none where a detour comes back from it', () => {
    const nodes = [{ id: 'hours', static_text: 'From eight to six.' }];
    const edge = { id: 'asks_hours', condition: 'asks for hours', target_node_id: 'hours' };
    expect(lint({ nodes, global_edges: [edge] })).toEqual([]);
    expect(lint({ nodes, global_edges: [{ ...edge, detour: false }] })).toEqual([
      'error dead-end hours',
    ]);
  });

  test('routers that only lead to one another', () => {
    const nodes = [
      { id: 'a', edges: [{ id: 'to_b', condition: 'always', target_node_id: 'b' }] },
      { id: 'b', edges: [{ id: 'to_a', condition: 'always', target_node_id: 'a' }] },
    ];
    const ask = { edges: [{ id: 'on', condition: 'x', target_node_id: 'a' }] };
    expect(lint({ nodes, ask })).toContain('error silent-loop a');
  });

  test('announcements in a circle with a way out are a warning', () => {
    const nodes = [
      {
        id: 'a',
        static_text: 'A.',
        edges: [{ id: 'to_b', condition: 'always', target_node_id: 'b' }],
      },
      {
        id: 'b',
        edges: [
          { id: 'to_a', guard: 'again', target_node_id: 'a' },
          { id: 'out', condition: 'always', target_node_id: 'done' },
        ],
      },
    ];
    const ask = { edges: [{ id: 'on', condition: 'x', target_node_id: 'a' }] };
    expect(lint({ nodes, ask, environment_variables: { again: true } })).toEqual([
      'warning silent-loop a',
    ]);
  });

  test('nodes that are passed because their slots are filled, and a node that asks anew', () => {
    const collecting = (set?: Fields) => ({
      slots: { day: { type: 'date' } },
      ask: {
        static_text: 'Which day? {{ day }}',
        collect: ['day'],
        edges: [
          { id: 'again', guard: 'day', target_node_id: 'ask', match: { collected: true }, set },
          { id: 'out', condition: 'x', target_node_id: 'done' },
        ],
      },
    });
    expect(lint(collecting())).toEqual(['warning silent-loop ask']);
    expect(lint(collecting({ day: null }))).toEqual([]);
  });

  test('a router whose guards may all be false', () => {
    const router = (...edges: Fields[]) => ({
      environment_variables: { open: true },
      ask: { edges: [{ id: 'on', condition: 'x', target_node_id: 'route' }] },
      nodes: [{ id: 'route', edges }],
    });
    const open = { id: 'open', guard: 'open', target_node_id: 'done' };
    const closed = { id: 'closed', guard: 'not open', target_node_id: 'ask' };
    const other = { id: 'other', target_node_id: 'ask', is_fallback: true };
    const prose = { id: 'prose', condition: 'The caller is in a hurry.', target_node_id: 'done' };
    expect(lint(router(open))).toEqual(['warning router-exit route']);
    expect(lint(router(open, closed))).toEqual([]);
    expect(lint(router(open, other))).toEqual([]);
    expect(lint(router(open, prose))).toEqual(['info router-exit route']);
  });

  test('max_turns that leads nowhere', () => {
    const fallback = { id: 'give_up', target_node_id: 'done', is_fallback: true };
    expect(lint({ ask: { max_turns: 3 } })).toEqual(['warning max-turns-fallback ask max_turns']);
    expect(lint({ ask: { max_turns: 3, edges: [fallback] } })).toEqual([]);
  });

  test('edges that are never taken', () => {
    const end = [
      {
        id: 'end',
        static_text: 'x',
        is_final: true,
        edges: [{ id: 'e', condition: 'x', target_node_id: 'ask' }],
      },
    ];
    const edges = [
      { id: 'one', target_node_id: 'end', is_fallback: true },
      { id: 'two', target_node_id: 'done', is_fallback: true },
      { id: 'three', target_node_id: 'done', match: { collected: true } },
      { id: 'four', target_node_id: 'done' },
    ];
    expect(lint({ nodes: end, ask: { edges } })).toEqual([
      'warning second-fallback ask two',
      'warning collected-nothing ask three match.collected',
      'warning unexplained-edge ask four',
      'warning final-edges end',
    ]);
  });

  test('one node without fixed words in a flow that has them', () => {
    const nodes = [
      {
        id: 'chat',
        instruction: 'Chat.',
        edges: [{ id: 'x', condition: 'x', target_node_id: 'done' }],
      },
    ];
    const ask = { edges: [{ id: 'on', condition: 'x', target_node_id: 'chat' }] };
    expect(lint({ nodes, ask })).toEqual(['info needs-model chat instruction']);
    expect(lint({ nodes, ask: { ...ask, static_text: undefined, instruction: 'Ask.' } })).toEqual(
      [],
    );
  });
});

describe('words', () => {
  test.each([
    ['static_text at a router', { node_type: 'router', static_text: 'Hi.' }, 'static_text'],
    [
      'a ban on speech at a node that speaks',
      {
        node_type: 'instruction',
        static_text: undefined,
        instruction: 'You may not know x={{ call.x }}. Say nothing.',
      },
      'instruction',
    ],
    [
      'is_final: false beside node_type: final',
      { node_type: 'final', is_final: false, edges: [] },
      'is_final',
    ],
    ['allow_skip: false without criteria', { allow_skip: false }, 'allow_skip'],
  ])('%s', (_, ask, field) => {
    expect(lint({ ask })).toContain(`warning contradiction ask ${field}`);
  });

  test('an order to end the call at a node that cannot', () => {
    const nodes = (instruction: string, target = 'ask') => [
      { id: 'bye', instruction, edges: [{ id: 'x', condition: 'x', target_node_id: target }] },
    ];
    const ask = {
      edges: [
        { id: 'on', condition: 'x', target_node_id: 'bye' },
        { id: 'known', condition: 'y', target_node_id: 'done' },
      ],
    };
    const found = 'warning contradiction bye instruction';
    expect(lint({ ask, nodes: nodes('Say goodbye and end the call.') })).toContain(found);
    expect(lint({ ask, nodes: nodes('Say goodbye and end the call.', 'done') })).not.toContain(
      found,
    );
    expect(
      lint({ ask, nodes: nodes('Do not end the call. Ask if the caller wants to hang up.') }),
    ).not.toContain(found);
  });

  test('a node that is a router only by how its instruction is worded', () => {
    const ask = { static_text: undefined, instruction: 'Say nothing. Decide.' };
    expect(lint({ ask })).toContain('warning guessed-router ask instruction');
    expect(lint({ ask: { ...ask, node_type: 'router' } })).not.toContain(
      'warning guessed-router ask instruction',
    );
  });
});

describe('names', () => {
  test('a name that nothing fills, with the one that was meant', () => {
    const findings = lintFlow(
      flowOf({
        environment_variables: { company: 'Northwind' },
        ask: { static_text: 'Welcome to {{ compnay }}.' },
      }),
    );
    expect(findings).toMatchObject([
      {
        rule: 'unknown-name',
        severity: 'warning',
        node: 'ask',
        field: 'static_text',
        line: 4,
        advice: 'did you mean "company"?',
      },
    ]);
  });

  test.each<[string, Fields]>([
    ['a slot', { slots: { x: {} } }],
    ['the environment', { environment_variables: [{ key: 'x', value: 1 }] }],
    ['collect', { ask: { collect: ['x'] } }],
    ['criteria', { ask: { completion_criteria: [{ key: 'x' }] } }],
    [
      'an input schema',
      {
        ask: {
          edges: [
            {
              id: 'e',
              condition: 'x',
              target_node_id: 'done',
              input_schema: { properties: { x: {} } },
            },
          ],
        },
      },
    ],
    [
      'a move',
      { ask: { edges: [{ id: 'e', condition: 'x', target_node_id: 'done', set: { x: 1 } }] } },
    ],
    [
      "an action's answer",
      { actions: [{ id: 'a', method: 'GET', url: 'https://example.com', store_response_as: 'x' }] },
    ],
    ["a tool's schema", { tools: [{ id: 't', input_schema: { properties: { x: {} } } }] }],
  ])('a name that %s fills is known', (_, { ask = {}, ...flow }) => {
    const findings = lintFlow(
      flowOf({ ...flow, ask: { static_text: 'About {{ x.y }}.', ...(ask as Fields) } }),
    );
    expect(findings.filter(({ rule }) => rule === 'unknown-name')).toEqual([]);
  });

  test('a name with a default wherever it is read is only worth a note', () => {
    const known = "Hello {{ first_name | default('') }}, first_name.";
    expect(lint({ ask: { static_text: known } })).toEqual(['info unknown-name ask static_text']);
    expect(lint({ ask: { static_text: `${known} {{ first_name }}` } })).toEqual([
      'warning unknown-name ask static_text',
    ]);
  });

  test('an action that nothing sets off', () => {
    const actions = ['used', 'idle'].map((id) => ({
      id,
      method: 'GET',
      url: 'https://example.com',
    }));
    const ask = { actions: [{ trigger: 'on_enter', action_id: 'used' }] };
    expect(lint({ actions, ask })).toEqual(['info unused-action actions[1]']);
  });

  test('an action that only an unreachable node sets off', () => {
    const actions = [{ id: 'idle', method: 'GET', url: 'https://example.com' }];
    const triggers = [{ trigger: 'on_enter', action_id: 'idle' }];
    const nodes = [{ id: 'lost', static_text: 'x', is_final: true, actions: triggers }];
    expect(lint({ actions, nodes })).toEqual([
      'warning unreachable lost',
      'info unused-action actions[0]',
    ]);
  });

  test('a tool that is on offer nowhere', () => {
    const tools = [{ id: 'everywhere' }];
    expect(lint({ tools })).toEqual([]);
    const ask = { tools: [{ id: 'here' }] };
    const done = { id: 'end', static_text: 'x', is_final: true, tools: ['everywhere'] };
    const edges = [{ id: 'known', condition: 'Known.', target_node_id: 'end' }];
    expect(lint({ tools, ask: { ...ask, edges }, nodes: [done] })).toEqual([
      'warning unreachable done',
    ]);
    expect(
      lint({ tools: [...tools, { id: 'idle' }], ask: { ...ask, edges }, nodes: [done] }),
    ).toEqual(['warning unreachable done', 'info unused-tool tools[1]']);
    const lost = { ...done, id: 'lost', tools: [{ id: 'far' }] };
    expect(lint({ nodes: [lost] })).toEqual([
      'warning unreachable lost',
      'info unused-tool lost tools[0]',
    ]);
  });

  test('what a tool answers is a name that templates may use', () => {
    const text = 'It is {{ weather.data }}.';
    expect(lint({ tools: [{ id: 'weather' }], ask: { static_text: text } })).toEqual([]);
  });

  test('a slot that is spoken must be there', () => {
    expect(lint({ ask: { static_text: 'On {{ spoken.day }}?' } })).toEqual([
      'warning unknown-name ask static_text',
    ]);
  });

  test('a slot that is collected for nothing, and one that nobody asks for', () => {
    expect(lint({ slots: { x: {}, y: {} }, ask: { collect: ['x'] } })).toEqual([
      'info unused-slot ask collect',
      'info unused-slot slots.y',
    ]);
  });
});

test('slots that one place collects for nothing are told together', () => {
  const [finding, ...more] = lintFlow(flowOf({ ask: { collect: ['x', 'y'] } }));
  expect(finding?.message).toContain('the slots "x", "y" are collected');
  expect(more).toEqual([]);
});

describe('keys', () => {
  test('a mistyped key of a tool', () => {
    expect(
      lint({
        tools: [{ id: 'a', handler: 'b' }],
        ask: { tools: ['a', { id: 'c', hander_id: 'd' }] },
      }),
    ).toEqual([
      'warning unknown-key ask tools[1].hander_id',
      'warning unknown-key tools[0].handler',
    ]);
  });

  test('keys of the original are told once', () => {
    const nodes = [{ id: 'b', type: 'x', static_text: 'x', is_final: true }];
    const ask = {
      type: 'x',
      edges: [
        { id: 'e', condition: 'x', target_node_id: 'b' },
        { id: 'f', condition: 'y', target_node_id: 'done' },
      ],
    };
    expect(lint({ ask, nodes })).toEqual(['info foreign-key ask type']);
  });

  test('a key that was mistyped', () => {
    const [finding] = lintFlow(flowOf({ ask: { max_turn: 3 } }));
    expect(finding).toMatchObject({
      rule: 'unknown-key',
      severity: 'warning',
      node: 'ask',
      field: 'max_turn',
      advice: 'did you mean "max_turns"?',
    });
  });
});

describe('listening', () => {
  const two = (first: Fields, second: Fields) => ({
    nodes: [{ id: 'other', static_text: 'x', is_final: true }],
    ask: {
      edges: [
        { id: 'one', target_node_id: 'done', match: first },
        { id: 'two', target_node_id: 'other', match: second },
      ],
    },
  });

  test('examples of two edges that cannot be told apart', () => {
    expect(lint(two({ examples: ['block my card'] }, { examples: ['block the card'] }))).toContain(
      'warning examples-alike ask one match',
    );
    expect(lint(two({ intent: 'yes' }, { examples: ['yes'] }))).toContain(
      'warning examples-alike ask two match',
    );
    expect(lint(two({ examples: ['block my card'] }, { examples: ['order a new one'] }))).toEqual(
      [],
    );
  });

  test('two edges with one key', () => {
    expect(lint(two({ dtmf: '1' }, { dtmf: ['2', '1'] }))).toEqual([
      'warning same-key ask one match.dtmf',
    ]);
  });

  test('an edge that takes the words of a global one', () => {
    const flow = two({ examples: ['talk to a person'] }, { examples: ['order a new one'] });
    const global_edges = [
      {
        id: 'person',
        target_node_id: 'other',
        match: { examples: ['I want to talk to a person'] },
      },
    ];
    expect(lint({ ...flow, global_edges })).toEqual(['warning global-hidden ask one match']);
  });
});

test('a flow in another language without its own yes and no', () => {
  const lines = Object.fromEntries(
    [
      'recovery',
      'hold',
      'no_input',
      'no_match',
      'partial',
      'confirm',
      'goodbye',
      'transfer_failed',
    ].map((name) => [name, 'Moment.']),
  );
  const flow = { agent_language: 'de', lines };
  expect(lint(flow)).toEqual(['warning language-intents intents']);
  expect(
    lint({ ...flow, intents: { yes: { examples: ['ja'] }, no: { examples: ['nein'] } } }),
  ).toEqual([]);
});
