import { expect, test } from 'vitest';
import { expectTalk, keys, machineOf, opened, say } from '../support/conversation.ts';

/** One question; each edge leads to a node of its own name. */
function question(edges: Record<string, object>, top: object = {}): object {
  return {
    ...top,
    initial_node: 'ask',
    nodes: [
      {
        id: 'ask',
        static_text: ['Well?', 'And?'],
        edges: Object.entries(edges).map(([id, edge]) => ({ id, target_node_id: id, ...edge })),
      },
      ...Object.keys(edges).map((id) => ({ id, static_text: `You said ${id}.` })),
    ],
  };
}

const MENU = question(
  {
    block: { match: { dtmf: '1', patterns: ['\\bblock\\b'], examples: ['my card was stolen'] } },
    order: { match: { dtmf: '2', examples: ['I want a new card', 'order a card'] } },
    agree: { match: { intent: 'yes' } },
    loud: { match: { intent: 'shout' } },
  },
  {
    intents: {
      shout: { examples: ['speak louder please'], patterns: ['\\bcannot hear\\b'] },
    },
  },
);

test.each([
  ['block it', 'block → block (pattern)'],
  ['My card was stolen!', 'block → block (example)'],
  ['well, uh, my card was stolen', 'block → block (example)'],
  ['I want a new card, please', 'order → order (example)'],
  ['yes', 'agree → agree (intent)'],
  ['yeah sure', 'agree → agree (intent)'],
  ['speak louder please', 'loud → loud (intent)'],
  ['I cannot hear you', 'loud → loud (intent)'],
  [keys('1'), 'block → block (dtmf)'],
  [keys('2'), 'order → order (dtmf)'],
])('%j moves by what fits it', async (input, move) => {
  await expectTalk(machineOf(MENU), [
    [opened, {}],
    [input, { moves: [move], calls: 0 }],
  ]);
});

test.each([
  ['Yes, but what does it cost?'],
  ['do not block it'],
  ['my card was not stolen'],
  ['was my card stolen?'],
  ['block it and then tell my wife about the weather in Spain'],
  ['the weather is nice'],
  ['banana'],
  [''],
  [keys('9')],
])('%j decides nothing, and the question is asked again', async (input) => {
  await expectTalk(machineOf(MENU), [
    [opened, {}],
    [input, { moves: [], at: 'ask', text: "Sorry, I didn't get that. And?", calls: 0 }],
  ]);
});

test('two candidates within the margin decide nothing', async () => {
  const machine = machineOf(
    question({
      card: { match: { examples: ['block my card'] } },
      account: { match: { examples: ['block my account'] } },
      both: { match: { examples: ['block my card'] } },
    }),
  );
  await expectTalk(machine, [
    [opened, {}],
    ['block my card', { moves: [], at: 'ask' }],
    ['block my account', { moves: ['account → account (example)'] }],
  ]);
});

test('an edge whose guard is false is not heard, and its rival is', async () => {
  const edges = {
    gold: { guard: 'vip', match: { examples: ['help me'] } },
    plain: { match: { examples: ['help me'] } },
  };
  await expectTalk(machineOf(question(edges, { environment_variables: { vip: false } })), [
    [opened, {}],
    ['help me', { moves: ['plain → plain (example)'] }],
  ]);
});

test('the threshold of the flow is obeyed, and an edge may have its own', async () => {
  const bill = (threshold?: number) =>
    question({
      bill: {
        match: {
          examples: ['a question about my last bill'],
          ...(threshold !== undefined && { threshold }),
        },
      },
    });
  const after = async (flow: object) => {
    const machine = machineOf(flow);
    await say(machine, opened);
    return (await say(machine, 'my bill')).at;
  };
  expect(await after(bill())).toBe('ask');
  expect(await after(bill(0.3))).toBe('bill');
  expect(await after({ ...bill(), match: { threshold: 0.3 } })).toBe('bill');
  expect(await after({ ...bill(0.9), match: { threshold: 0.3 } })).toBe('ask');
});

test("a node's own edges go before global ones, and always comes last", async () => {
  const machine = machineOf(`
    initial_node: a
    global_edges: [{ id: everywhere, match: { examples: [help me] }, target_node_id: g, detour: false }]
    nodes:
      - id: a
        static_text: Well?
        edges:
          - { id: any, match: { always: true }, target_node_id: c }
          - { id: own, match: { examples: [help me, stop] }, target_node_id: b }
      - { id: b, static_text: B., edges: [{ id: back, match: { dtmf: "1" }, target_node_id: a }] }
      - { id: c, static_text: C., edges: [{ id: again, match: { dtmf: "1" }, target_node_id: a }] }
      - { id: g, static_text: G. }
  `);
  await expectTalk(machine, [
    [opened, {}],
    ['help me', { moves: ['own → b (example)'] }],
    [keys('1'), { at: 'a' }],
    ['banana', { moves: ['any → c (always)'] }],
    ['help me', { moves: ['everywhere → g (example)'] }],
  ]);
});

test('a global edge goes before always', async () => {
  const machine = machineOf(`
    initial_node: a
    global_edges: [{ id: person, match: { examples: [a person please] }, target_node_id: g, detour: false }]
    nodes:
      - id: a
        static_text: What is it about?
        edges:
          - { id: any, condition: always, target_node_id: c }
          - { id: never, match: { dtmf: "7" }, target_node_id: c }
      - { id: c, static_text: C. }
      - { id: g, static_text: G. }
  `);
  await expectTalk(machine, [
    [opened, {}],
    ['a person please', { moves: ['person → g (example)'] }],
  ]);
});

test('values of slots are no part of what an example has to cover', async () => {
  const machine = machineOf(`
    initial_node: a
    slots: { day: { type: date } }
    nodes:
      - id: a
        static_text: Well?
        edges: [{ id: book, match: { examples: [book an appointment] }, target_node_id: b }]
      - { id: b, static_text: "{{ day }}." }
  `);
  await expectTalk(machine, [
    [opened, {}],
    [
      'book an appointment next Monday',
      { moves: ['book → b (example)'], slots: { day: '2026-03-09' } },
    ],
  ]);
});

const KEYS = `
  initial_node: menu
  slots: { pin: { type: digits, length: 4 }, month: { type: integer } }
  global_edges: [{ id: person, match: { dtmf: "0" }, target_node_id: desk, detour: false }]
  nodes:
    - id: menu
      static_text: Menu.
      edges:
        - { id: one, match: { dtmf: "1" }, target_node_id: sub }
        - { id: twelve, match: { dtmf: ["12", "*9"] }, target_node_id: twelve }
        - { id: pin, match: { dtmf: "3" }, target_node_id: pin }
    - id: sub
      static_text: Submenu.
      edges:
        - { id: two, match: { dtmf: "2" }, target_node_id: deep }
        - { id: three, match: { dtmf: "3" }, target_node_id: pin }
    - { id: deep, static_text: Deep., edges: [{ id: four, match: { dtmf: "4" }, target_node_id: deeper }] }
    - { id: deeper, static_text: Deeper. }
    - { id: twelve, static_text: Twelve. }
    - id: pin
      static_text: Your pin?
      collect: [pin]
      edges: [{ id: got, match: { collected: true }, target_node_id: done }]
    - { id: done, static_text: "Pin {{ pin }}." }
    - { id: desk, static_text: Desk. }
`;

test('keys typed ahead go through several menus at once, and are used once', async () => {
  await expectTalk(machineOf(KEYS.replace('["12", "*9"]', '"*9"')), [
    [opened, {}],
    [
      keys('124'),
      { text: 'Deeper.', moves: ['one → sub (dtmf)', 'two → deep (dtmf)', 'four → deeper (dtmf)'] },
    ],
    [keys('1'), { moves: [] }],
  ]);
});

test('of two edges that the keys fit, the longer sequence is meant', async () => {
  await expectTalk(machineOf(KEYS), [
    [opened, {}],
    [keys('12'), { moves: ['twelve → twelve (dtmf)'] }],
  ]);
  await expectTalk(machineOf(KEYS), [
    [opened, {}],
    [keys('*9'), { moves: ['twelve → twelve (dtmf)'] }],
  ]);
});

test('keys that no edge wants are forgotten', async () => {
  await expectTalk(machineOf(KEYS), [
    [opened, {}],
    [keys('7'), { moves: [], text: /didn't get that/ }],
    [keys('1'), { moves: ['one → sub (dtmf)'] }],
  ]);
});

test('a number that is asked for may be typed, also in pieces and with #', async () => {
  await expectTalk(machineOf(KEYS), [
    [opened, {}],
    [keys('3'), { at: 'pin' }],
    [keys('12'), { at: 'pin', slots: {}, text: 'Yes, go on.' }],
    [keys('34#'), { text: 'Pin 1234.', slots: { pin: '1234' } }],
  ]);
});

test('a number that is asked for may begin with the key of a global edge', async () => {
  await expectTalk(machineOf(KEYS), [
    [opened, {}],
    [keys('3'), { at: 'pin' }],
    [keys('0417'), { slots: { pin: '0417' }, text: 'Pin 0417.' }],
  ]);
  await expectTalk(machineOf(KEYS), [
    [opened, {}],
    [keys('3'), { at: 'pin' }],
    [keys('0'), { moves: ['person → desk (dtmf)'] }],
  ]);
});

test('a number typed ahead fills the slot that is asked for next', async () => {
  await expectTalk(machineOf(KEYS), [
    [opened, {}],
    [keys('31234'), { text: 'Pin 1234.', slots: { pin: '1234' } }],
  ]);
});

test('keys typed ahead do not linger until a later question', async () => {
  const machine = machineOf(KEYS);
  await say(machine, opened);
  await say(machine, keys('155'));
  expect((await say(machine, keys('2'))).moves).toEqual(['two → deep (dtmf)']);
});
