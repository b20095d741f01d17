import { expect, test } from 'vitest';
import { expectTalk, keys, machineOf, opened, say } from '../support/conversation.ts';
import { decide, startModelMachine } from '../support/model-machine.ts';

test('the opening speaks the initial node, and asks no model', async () => {
  const machine = machineOf(`
    initial_node: a
    environment_variables: { company: Northwind }
    nodes: [{ id: a, static_text: "{{ company }}, hello{{ nobody }}{{ no.such.name }}." }]
  `);
  await expectTalk(machine, [
    [opened, { text: 'Northwind, hello.', at: 'a', moves: [], calls: 0, ended: false }],
  ]);
  expect(machine.chatCtx.items.map(({ role, content }) => [role, content])).toEqual([
    ['assistant', 'Northwind, hello.'],
  ]);
});

test('chains of the opening go on at once: announcements, auto_proceed nodes and routers', async () => {
  const machine = machineOf(`
    initial_node: hello
    environment_variables: { vip: true }
    nodes:
      - { id: hello, static_text: Hello., edges: [{ id: on, condition: always, target_node_id: notice }] }
      - id: notice
        static_text: Calls are recorded.
        auto_proceed: true
        edges: [{ id: then, match: { always: true }, target_node_id: which }]
      - id: which
        edges:
          - { id: plain, guard: not vip, target_node_id: ask }
          - { id: gold, guard: vip, target_node_id: ask_gold }
      - { id: ask, static_text: What is it? }
      - { id: ask_gold, static_text: What can I do for you? }
  `);
  await expectTalk(machine, [
    [
      opened,
      {
        text: 'Hello. Calls are recorded. What can I do for you?',
        moves: ['on → notice (always)', 'then → which (always)', 'gold → ask_gold (guard)'],
        at: 'ask_gold',
      },
    ],
  ]);
});

test('a static node with more than one way on waits for the caller', async () => {
  const machine = machineOf(`
    initial_node: a
    nodes:
      - id: a
        static_text: Shall I go on?
        edges:
          - { id: "no", match: { intent: "no" }, target_node_id: b }
          - { id: on, condition: Always, target_node_id: c }
      - { id: b, static_text: As you like. }
      - { id: c, static_text: On we go. }
  `);
  await expectTalk(machine, [
    [opened, { text: 'Shall I go on?', at: 'a' }],
    ['whatever you think', { moves: ['on → c (always)'], text: 'On we go.' }],
  ]);
});

const ROUTER = (edges: string) => `
  initial_node: start
  environment_variables: { a: 1, b: 1 }
  nodes:
    - { id: start, edges: [${edges}] }
    - { id: one, static_text: One. }
    - { id: two, static_text: Two. }
    - { id: other, static_text: Other. }
`;

test.each([
  [
    'one true guard',
    '{ id: x, guard: a == 1, target_node_id: one }, { id: y, guard: b == 2, target_node_id: two }',
    'x → one (guard)',
  ],
  [
    'a guard beside prose',
    '{ id: x, condition: The caller is known., guard: a == 1, target_node_id: one }, { id: y, condition: The caller is new., guard: a == 2, target_node_id: two }',
    'x → one (guard)',
  ],
  [
    'a condition that is a predicate',
    '{ id: x, condition: a is 1, target_node_id: one }, { id: y, condition: a == 2, target_node_id: two }',
    'x → one (guard)',
  ],
  [
    'a guard before always',
    '{ id: z, condition: always, target_node_id: other }, { id: y, guard: b == 1, target_node_id: two }',
    'y → two (guard)',
  ],
  [
    'always where no guard holds',
    '{ id: x, guard: a == 2, target_node_id: one }, { id: z, condition: always, target_node_id: other }',
    'z → other (always)',
  ],
  [
    'two true guards decide nothing',
    '{ id: x, guard: a == 1, target_node_id: one }, { id: y, guard: b == 1, target_node_id: two }, { id: z, is_fallback: true, target_node_id: other }',
    'z → other (fallback)',
  ],
  [
    'no true guard',
    '{ id: x, guard: a == 2, target_node_id: one }, { id: z, is_fallback: true, target_node_id: other }',
    'z → other (fallback)',
  ],
])('a router decides by data: %s', async (_, edges, move) => {
  await expectTalk(machineOf(ROUTER(edges)), [[opened, { moves: [move] }]]);
});

test('a router that nothing can decide is not silent, and the next thing said does not crash it', async () => {
  const machine = machineOf(ROUTER('{ id: x, guard: a == 2, target_node_id: one }'));
  await expectTalk(machine, [[opened, { text: /went wrong/, refused: ['chain'] }]]);
  expect((await say(machine, 'hello?')).text).not.toBe('');
});

test('a router never speaks, even with auto_proceed and a text', async () => {
  const machine = machineOf(`
    initial_node: a
    nodes:
      - id: a
        node_type: router
        auto_proceed: true
        static_text: Never spoken.
        edges: [{ id: on, condition: always, target_node_id: b }]
      - { id: b, static_text: Spoken. }
  `);
  await expectTalk(machine, [[opened, { text: 'Spoken.' }]]);
});

test('a chain that comes back to a node it went through takes the fallback edge, and is recorded', async () => {
  const machine = machineOf(`
    initial_node: a
    nodes:
      - id: a
        edges:
          - { id: ab, condition: always, target_node_id: b }
          - { id: out, is_fallback: true, target_node_id: rest }
      - { id: b, edges: [{ id: ba, condition: always, target_node_id: a }] }
      - { id: rest, static_text: How can I help? }
  `);
  await expectTalk(machine, [
    [
      opened,
      {
        text: 'How can I help?',
        moves: ['ab → b (always)', 'ba → a (always)', 'out → rest (fallback)'],
        refused: ['chain'],
      },
    ],
  ]);
});

/** So many routers in a row, and a question behind them. */
function routers(count: number): object {
  const nodes = Array.from({ length: count }, (_, index) => ({
    id: `n${index}`,
    edges: [{ id: `e${index}`, condition: 'always', target_node_id: `n${index + 1}` }],
  }));
  return {
    initial_node: 'n0',
    nodes: [...nodes, { id: `n${count}`, static_text: 'Far away.' }],
  };
}

test('a chain of twelve hops is gone to its end', async () => {
  const seen = await say(machineOf(routers(12)), opened);
  expect(seen).toMatchObject({ text: 'Far away.', at: 'n12', refused: [] });
});

test('a chain of more than twelve hops is broken off with the recovery line, and recorded', async () => {
  const seen = await say(machineOf(routers(13)), opened);
  expect(seen.moves).toHaveLength(12);
  expect(seen.text).toMatch(/went wrong/);
  expect(seen.refused).toEqual(['chain']);
});

test('a node that has all it asks for is passed over like a router', async () => {
  const machine = machineOf(`
    initial_node: day
    slots: { day: { type: date }, time: { type: time } }
    nodes:
      - id: day
        static_text: Which day?
        collect: [day]
        edges: [{ id: day_known, match: { collected: true }, target_node_id: time }]
      - id: time
        static_text: What time?
        collect: [time]
        edges: [{ id: time_known, match: { collected: true }, target_node_id: done }]
      - { id: done, static_text: "{{ day }} at {{ time }}." }
  `);
  await expectTalk(machine, [
    [opened, { text: 'Which day?' }],
    [
      'on Friday at half past two in the afternoon',
      {
        text: '2026-03-06 at 14:30.',
        moves: ['day_known → time (collected)', 'time_known → done (collected)'],
      },
    ],
  ]);
});

test('a filled node is passed over by the one edge whose guard holds', async () => {
  const machine = machineOf(`
    initial_node: age
    slots: { age: { type: integer } }
    nodes:
      - id: age
        static_text: How old are you?
        collect: [age]
        edges:
          - { id: minor, guard: age < 18, target_node_id: parent }
          - { id: adult, guard: age >= 18, target_node_id: done }
      - { id: parent, static_text: May I speak to a parent? }
      - { id: done, static_text: Thank you. }
  `);
  await expectTalk(machine, [
    [opened, {}],
    ['I am seventeen', { moves: ['minor → parent (guard)'] }],
  ]);
});

test('a text whose template fails is left out and recorded, never spoken raw', async () => {
  const machine = machineOf(`
    initial_node: a
    nodes:
      - { id: a, static_text: "Hello {{ 'x' | nosuchfilter }}.", edges: [{ id: on, condition: always, target_node_id: b }] }
      - { id: b, static_text: What can I do? }
  `);
  await expectTalk(machine, [[opened, { text: 'What can I do?', refused: ['template'] }]]);
});

test('a second opening of a running conversation asks the question again and moves nothing', async () => {
  const machine = machineOf(`
    initial_node: a
    nodes: [{ id: a, static_text: [Hello., Hello again.] }]
  `);
  await expectTalk(machine, [
    [opened, { text: 'Hello.' }],
    [opened, { text: 'Hello again.', at: 'a', moves: [] }],
  ]);
  expect(machine.flowState.visits).toEqual({ a: 1 });
});

test('edges set slots and variables on the way, and null clears', async () => {
  const machine = machineOf(`
    initial_node: a
    environment_variables: { greeting: Hi }
    slots: { name: { type: text } }
    nodes:
      - id: a
        static_text: Press one.
        edges:
          - { id: one, match: { dtmf: "1" }, target_node_id: b, set: { name: "{{ greeting }} Ann", count: 3 } }
      - id: b
        static_text: "{{ name }}, {{ count }}."
        edges: [{ id: two, match: { dtmf: "2" }, target_node_id: a, set: { name: null } }]
  `);
  await expectTalk(machine, [
    [opened, {}],
    [keys('1'), { text: 'Hi Ann, 3.', slots: { name: 'Hi Ann' } }],
    [keys('2'), { slots: {} }],
  ]);
});

test('a node that goes on by itself is heard again when the call is opened again', async () => {
  const flow = {
    initial_node: 'ask',
    nodes: [
      {
        id: 'ask',
        instruction: 'Ask how it is.',
        auto_proceed: true,
        edges: [
          { id: 'on', target_node_id: 'ask' },
          { id: 'off', target_node_id: 'ask', condition: 'The caller agrees.' },
        ],
      },
    ],
  };
  await using setup = await startModelMachine(flow, [
    decide('stay', 'How is it?'),
    decide('stay', 'How is it now?'),
  ]);
  await say(setup.machine, opened);
  expect((await say(setup.machine, opened)).text).toBe('How is it now?');
});

test('a node that goes on by itself and whose words fail is not silent', async () => {
  const flow = {
    initial_node: 'ask',
    lines: { recovery: 'Bear with me.' },
    slots: { kind: {}, count: { type: 'integer' } },
    nodes: [
      {
        id: 'ask',
        static_text: 'So much: {{ kind < count }}.',
        auto_proceed: true,
        edges: [
          { id: 'on', target_node_id: 'ask' },
          { id: 'off', target_node_id: 'ask', condition: 'The caller agrees.' },
        ],
      },
    ],
  };
  expect((await say(machineOf(flow), opened)).text).toBe('Bear with me.');
});
