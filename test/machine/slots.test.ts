import { describe, expect, test } from 'vitest';
import { expectTalk, machineOf, opened, say } from '../support/conversation.ts';

const BOOKING = `
  initial_node: service
  time_zone: Europe/London
  region: GB
  slots:
    service: { type: enum, values: [{ value: haircut, synonyms: [cut, trim] }, colour, shave] }
    day: { type: date, invalidates: [time] }
    time: { type: time }
    phone: { type: phone }
  nodes:
    - id: service
      static_text: [What would you like?, "A haircut, a colour or a shave?"]
      collect: [service]
      edges: [{ id: service_known, match: { collected: true }, target_node_id: day }]
    - id: day
      static_text: [Which day?, Please name a day.]
      collect: [day]
      edges: [{ id: day_known, match: { collected: true }, target_node_id: time }]
    - id: time
      static_text: [What time?, Please name a time.]
      collect: [time]
      edges: [{ id: time_known, match: { collected: true }, target_node_id: phone }]
    - id: phone
      static_text: [Your number?, Please give me a number.]
      collect: [phone]
      edges: [{ id: phone_known, match: { collected: true }, target_node_id: check }]
    - id: check
      static_text: ["{{ service }}, {{ day }}, {{ time }}?", Yes or no?]
      edges:
        - { id: agreed, match: { intent: "yes" }, target_node_id: done }
        - { id: disagreed, match: { intent: "no" }, target_node_id: service, set: { service: null, day: null, time: null } }
    - { id: done, static_text: Booked., is_final: true }
`;

test('one sentence may fill several slots, also such as are not asked for yet', async () => {
  await expectTalk(machineOf(BOOKING), [
    [opened, {}],
    [
      'a trim on Friday at ten in the morning please',
      {
        slots: { service: 'haircut', day: '2026-03-06', time: '10:00' },
        text: 'Your number?',
        at: 'phone',
        calls: 0,
      },
    ],
  ]);
});

test('a value for a later question is kept, and what is asked is asked again', async () => {
  await expectTalk(machineOf(BOOKING), [
    [opened, {}],
    [
      'on Friday',
      { slots: { day: '2026-03-06' }, at: 'service', text: 'A haircut, a colour or a shave?' },
    ],
    [
      'a shave',
      {
        moves: ['service_known → day (collected)', 'day_known → time (collected)'],
        text: 'What time?',
      },
    ],
  ]);
});

test('a correction replaces the value that was just given', async () => {
  await expectTalk(machineOf(BOOKING), [
    [opened, {}],
    ['a colour, no, a shave', { slots: { service: 'shave' }, at: 'day' }],
    ['not Monday but Tuesday', { slots: { service: 'shave', day: '2026-03-10' }, at: 'time' }],
  ]);
});

test('a filled slot is corrected from another node, and what it invalidates is asked again', async () => {
  const machine = machineOf(BOOKING);
  await expectTalk(machine, [
    [opened, {}],
    ['a haircut on Monday at eleven in the morning', { at: 'phone' }],
    [
      '020 7946 0123',
      {
        at: 'check',
        slots: { service: 'haircut', day: '2026-03-09', time: '11:00', phone: '+442079460123' },
      },
    ],
    [
      'no, I mean Friday',
      { slots: { service: 'haircut', day: '2026-03-06', phone: '+442079460123' }, refused: [] },
    ],
  ]);
  expect(machine.flowState.node).not.toBe('service');
});

test('without a cue of a correction a filled slot stays what it is', async () => {
  await expectTalk(machineOf(BOOKING), [
    [opened, {}],
    ['a haircut on Monday', { at: 'time' }],
    ['my sister comes on Friday', { slots: { service: 'haircut', day: '2026-03-09' }, at: 'time' }],
  ]);
});

test('a cue with a value for the slot that is asked is an answer and corrects nothing else', async () => {
  await expectTalk(machineOf(BOOKING), [
    [opened, {}],
    ['a haircut on Monday', { at: 'time' }],
    [
      'sorry, at four in the afternoon',
      { slots: { service: 'haircut', day: '2026-03-09', time: '16:00' }, at: 'phone' },
    ],
  ]);
});

test('what the caller takes back or leaves open fills nothing', async () => {
  await expectTalk(machineOf(BOOKING), [
    [opened, {}],
    ['a shave', {}],
    ['Monday or Tuesday', { slots: { service: 'shave' }, at: 'day' }],
    ['not on Monday', { slots: { service: 'shave' }, at: 'day' }],
  ]);
});

describe('a number given in pieces', () => {
  const NUMBER = `
    initial_node: number
    slots: { account: { type: digits, length: 6 } }
    nodes:
      - id: number
        static_text: [Your account number?, Six digits please.]
        collect: [account]
        edges: [{ id: known, match: { collected: true }, target_node_id: done }]
      - { id: done, static_text: "{{ account }}." }
  `;

  test('is joined until it is long enough', async () => {
    await expectTalk(machineOf(NUMBER), [
      [opened, {}],
      ['one two', { text: 'Yes, go on.', slots: {}, at: 'number' }],
      ['three four', { text: 'Yes, go on.', slots: {} }],
      ['five six', { text: '123456.', slots: { account: '123456' } }],
    ]);
  });

  test('is cleared and asked for again when it grows too long', async () => {
    await expectTalk(machineOf(NUMBER), [
      [opened, {}],
      ['one two three four', {}],
      ['five six seven', { slots: {}, text: /Six digits please\.$/ }],
      ['1 2 3 4 5 6', { slots: { account: '123456' } }],
    ]);
  });

  test('may be begun anew as a whole', async () => {
    await expectTalk(machineOf(NUMBER), [
      [opened, {}],
      ['one two three', {}],
      ['six five four three two one', { slots: { account: '654321' } }],
    ]);
  });

  test('may be begun anew with words that say so', async () => {
    await expectTalk(machineOf(NUMBER), [
      [opened, {}],
      ['one two three', {}],
      ['start again', { slots: {}, text: 'Six digits please.' }],
      ['nine eight seven six five four', { slots: { account: '987654' } }],
    ]);
  });

  test('survives words in between that are no part of it', async () => {
    await expectTalk(machineOf(NUMBER), [
      [opened, {}],
      ['one two three', {}],
      ['hold on I am looking for my glasses', { slots: {} }],
      ['four five six', { slots: { account: '123456' } }],
    ]);
  });

  test('does not count as turns of the node: max_turns is for those who do not answer', async () => {
    const machine = machineOf(`
      initial_node: number
      slots: { account: { type: digits, length: 6 } }
      nodes:
        - id: number
          static_text: Your account number?
          collect: [account]
          max_turns: 2
          edges:
            - { id: known, match: { collected: true }, target_node_id: done }
            - { id: lost, is_fallback: true, target_node_id: lost }
        - { id: done, static_text: "{{ account }}." }
        - { id: lost, static_text: Lost. }
    `);
    await expectTalk(machine, [
      [opened, {}],
      ['one two', { at: 'number' }],
      ['three', { at: 'number' }],
      ['four', { at: 'number' }],
      ['what was it again', { at: 'number' }],
      ['five six', { slots: { account: '123456' }, at: 'done' }],
    ]);
  });
});

test('a day without its month waits for the month', async () => {
  const machine = machineOf(`
    initial_node: birth
    slots: { birth: { type: date } }
    nodes:
      - id: birth
        static_text: [When were you born?, Day month and year please.]
        collect: [birth]
        edges: [{ id: known, match: { collected: true }, target_node_id: done }]
      - { id: done, static_text: "{{ birth }}." }
  `);
  await expectTalk(machine, [
    [opened, {}],
    ['the third of March', {}],
    ['nineteen eighty six', { slots: { birth: '1986-03-03' }, text: '1986-03-03.' }],
  ]);
});

describe('free text', () => {
  const NAME = `
    initial_node: name
    slots: { name: { type: text } }
    global_edges: [{ id: person, match: { examples: [a person please] }, target_node_id: desk, detour: false }]
    nodes:
      - id: name
        static_text: [Your name?, "And your name, please?"]
        collect: [name]
        edges: [{ id: known, match: { collected: true }, target_node_id: done }]
      - { id: done, static_text: "Hello {{ name }}." }
      - { id: desk, static_text: Desk. }
  `;

  test.each([
    ['Robert Miller', 'Robert Miller'],
    ['My name is Robert Miller.', 'Robert Miller'],
    ["it's Anne-Marie O'Neill", "Anne-Marie O'Neill"],
  ])('%j is taken', async (words, name) => {
    await expectTalk(machineOf(NAME), [
      [opened, {}],
      [words, { slots: { name }, text: `Hello ${name}.` }],
    ]);
  });

  test.each([['why do you want to know?'], ['what'], ['sorry?']])(
    '%j is a question and no name',
    async (words) => {
      await expectTalk(machineOf(NAME), [
        [opened, {}],
        [words, { slots: {}, at: 'name' }],
      ]);
    },
  );

  test('a match that scores goes before it', async () => {
    await expectTalk(machineOf(NAME), [
      [opened, {}],
      ['a person please', { slots: {}, at: 'desk' }],
    ]);
  });
});

test('start again forgets what the node collects, and asks for it anew', async () => {
  const machine = machineOf(`
    initial_node: both
    slots: { day: { type: date }, time: { type: time }, phone: { type: phone } }
    nodes:
      - id: both
        static_text: [Day and time?, Day and time please.]
        collect: [day, time]
        edges: [{ id: known, match: { collected: true }, target_node_id: done }]
      - { id: done, static_text: Done. }
  `);
  await expectTalk(machine, [
    [opened, {}],
    ['on Monday', { slots: { day: '2026-03-09' }, at: 'both' }],
    ['start over', { slots: {}, text: /^Day and time/, moves: [] }],
    ['Friday at noon', { slots: { day: '2026-03-06', time: '12:00' }, at: 'done' }],
  ]);
});

test('a slot with a pattern takes only what fits it', async () => {
  const machine = machineOf(`
    initial_node: code
    slots: { code: { type: text, pattern: '[A-Z]{2}\\d{3}' } }
    nodes:
      - id: code
        static_text: The code?
        collect: [code]
        edges: [{ id: known, match: { collected: true }, target_node_id: done }]
      - { id: done, static_text: "{{ code }}." }
  `);
  await expectTalk(machine, [
    [opened, {}],
    ['I do not have it here', { slots: {} }],
    ['a b one two three', { at: 'done' }],
  ]);
});

test('the caller need not wait for the question: all at once in the first sentence', async () => {
  const machine = machineOf(BOOKING);
  await say(machine, opened);
  const seen = await say(machine, 'a shave tomorrow at 3 pm, my number is 020 7946 0123');
  expect(seen.slots).toEqual({
    service: 'shave',
    day: '2026-03-05',
    time: '15:00',
    phone: '+442079460123',
  });
  expect(seen.at).toBe('check');
});
