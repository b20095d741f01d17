import { expect, test } from 'vitest';
import { expectTalk, machineOf, opened, say } from '../support/conversation.ts';

const FLOW = `
  initial_node: number
  slots: { account: { type: digits, length: 6 }, day: { type: date } }
  lines: { no_match: [Pardon?, Sorry?] }
  global_edges:
    - { id: why, match: { examples: [why do you ask] }, target_node_id: because }
    - { id: cost, match: { examples: [what does it cost] }, target_node_id: price }
    - { id: person, match: { examples: [a person please] }, target_node_id: desk, detour: false }
    - { id: stop, match: { examples: [I want to stop] }, target_node_id: bye }
  nodes:
    - id: number
      static_text: [Your number?, Six digits?]
      collect: [account]
      edges: [{ id: known, match: { collected: true }, target_node_id: day }]
    - id: day
      static_text: [Which day?, The day?]
      collect: [day]
      edges: [{ id: day_known, match: { collected: true }, target_node_id: done }]
    - { id: because, static_text: To find you., edges: [] }
    - id: price
      static_text: [Nothing. More about prices?, More about prices?]
      edges:
        - { id: more, match: { intent: "yes" }, target_node_id: more_prices }
        - { id: back, match: { intent: "no" }, target_node_id: number }
    - id: more_prices
      static_text: Really nothing. Anything else?
      edges:
        - { id: "no", match: { intent: "no" }, target_node_id: number }
        - { id: on, match: { intent: "yes" }, target_node_id: day }
    - { id: desk, static_text: Desk., edges: [] }
    - { id: bye, static_text: Bye., is_final: true }
    - { id: done, static_text: Done. }
`;

test('a side question is answered, and then the question that was open is asked again, in one turn', async () => {
  const machine = machineOf(FLOW);
  await expectTalk(machine, [
    [opened, { text: 'Your number?' }],
    [
      'why do you ask',
      {
        text: 'To find you. Six digits?',
        at: 'number',
        moves: ['why → because (example)', 'return → number (return)'],
      },
    ],
    ['one two three four five six', { at: 'day' }],
  ]);
  expect(machine.flowState.stack).toEqual([]);
});

test('a detour restores the visit: what was begun is gone on with', async () => {
  const machine = machineOf(FLOW);
  await expectTalk(machine, [
    [opened, {}],
    ['one two three', { text: 'Yes, go on.' }],
    ['why do you ask', { at: 'number' }],
    ['four five six', { slots: { account: '123456' }, at: 'day' }],
  ]);
  expect(machine.flowState.visits.number).toBe(1);
});

test('a detour restores the count of misses', async () => {
  await expectTalk(machineOf(FLOW), [
    [opened, {}],
    ['bananas', { text: /^Pardon\?/ }],
    ['why do you ask', {}],
    ['bananas', { text: /^Sorry\?/ }],
  ]);
});

test('an ordinary edge back to the interrupted node ends the detour', async () => {
  const machine = machineOf(FLOW);
  await expectTalk(machine, [
    [opened, {}],
    ['one two three', {}],
    ['what does it cost', { at: 'price', text: 'Nothing. More about prices?' }],
    ['no', { at: 'number' }],
  ]);
  expect(machine.flowState.stack).toEqual([]);
  await expectTalk(machine, [['four five six', { slots: { account: '123456' } }]]);
});

test('one ordinary move keeps the way back, two drop it', async () => {
  const machine = machineOf(FLOW);
  await expectTalk(machine, [
    [opened, {}],
    ['what does it cost', { at: 'price' }],
    ['yes', { at: 'more_prices' }],
  ]);
  expect(machine.flowState.stack.map(({ node }) => node)).toEqual(['number']);
  await expectTalk(machine, [['yes', { at: 'day' }]]);
  expect(machine.flowState.stack).toEqual([]);
});

test('detours nest', async () => {
  await expectTalk(machineOf(FLOW), [
    [opened, {}],
    ['what does it cost', { at: 'price' }],
    ['why do you ask', { text: 'To find you. More about prices?', at: 'price' }],
    ['no', { at: 'number' }],
  ]);
});

test('a plain jump leaves no way back, and its node is where the call stays', async () => {
  const machine = machineOf(FLOW);
  await expectTalk(machine, [
    [opened, {}],
    ['a person please', { text: 'Desk.', at: 'desk' }],
  ]);
  expect(machine.flowState.stack).toEqual([]);
});

test('a final node clears the way back', async () => {
  const machine = machineOf(FLOW);
  await expectTalk(machine, [
    [opened, {}],
    ['what does it cost', {}],
    ['I want to stop', { ended: true, moves: ['stop → bye (example)'] }],
  ]);
  expect(machine.flowState.stack).toEqual([]);
});

test('at depth five the oldest is forgotten, and no detour is refused for it', async () => {
  const topics = ['apples', 'bears', 'clouds', 'dogs', 'eagles', 'forks', 'goats'];
  const machine = machineOf({
    initial_node: 'start',
    global_edges: topics.map((topic) => ({
      id: topic,
      match: { examples: [`talk about ${topic}`] },
      target_node_id: `about_${topic}`,
    })),
    nodes: [
      { id: 'start', static_text: 'Start.' },
      ...topics.map((topic) => ({
        id: `about_${topic}`,
        static_text: `On ${topic}?`,
        edges: [{ id: 'out', match: { dtmf: '9' }, target_node_id: 'start' }],
      })),
    ],
  });
  await say(machine, opened);
  for (const topic of topics) {
    expect((await say(machine, `talk about ${topic}`)).refused).toEqual([]);
  }
  expect(machine.flowState.stack.map(({ node }) => node)).toEqual(
    topics.slice(1, 6).map((topic) => `about_${topic}`),
  );
});

test('the question of a global edge is not offered where it leads already', async () => {
  const machine = machineOf(FLOW);
  await expectTalk(machine, [
    [opened, {}],
    ['what does it cost', { at: 'price' }],
    ['what does it cost', { at: 'price', moves: [] }],
  ]);
});

test('a node that may not be cut off still hears global edges: interruptible is about audio', async () => {
  const firm = FLOW.replace('collect: [account]', 'collect: [account]\n      interruptible: false');
  await expectTalk(machineOf(firm), [
    [opened, {}],
    ['why do you ask', { at: 'number', text: /^To find you/ }],
  ]);
});
