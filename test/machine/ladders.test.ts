import { expect, test } from 'vitest';
import { expectTalk, keys, machineOf, opened, say, silence } from '../support/conversation.ts';

const PLAIN = `
  initial_node: a
  lines:
    no_match: [Pardon?, Once more?]
    no_input: [Hello?, Anybody there?]
    goodbye: Bye.
  nodes:
    - id: a
      static_text: Yes or no?
      edges: [{ id: "yes", match: { intent: "yes" }, target_node_id: b }]
    - { id: b, static_text: Good. And this one?, edges: [{ id: again, match: { intent: "yes" }, target_node_id: a }] }
`;

test('what is not understood goes up the ladder, to a goodbye where there is nothing else', async () => {
  await expectTalk(machineOf(PLAIN), [
    [opened, {}],
    ['bananas', { text: 'Pardon? Yes or no?', ended: false }],
    ['pears', { text: 'Once more? Yes or no?', ended: false }],
    ['plums', { text: 'Bye.', ended: true, outcome: 'no_match' }],
    ['cherries', { text: '', ended: true }],
  ]);
});

test('the ladder begins anew after a move, and after something was filled', async () => {
  const machine = machineOf(`
    initial_node: a
    slots: { day: { type: date }, time: { type: time } }
    lines: { no_match: [Pardon?] }
    nodes:
      - id: a
        static_text: Day and time?
        collect: [day, time]
        edges: [{ id: known, match: { collected: true }, target_node_id: b }]
      - { id: b, static_text: And?, edges: [{ id: back, match: { intent: "yes" }, target_node_id: a }] }
  `);
  await expectTalk(machine, [
    [opened, {}],
    ['bananas', { text: 'Pardon? Day and time?' }],
    ['on Friday', { text: 'Day and time?' }],
    ['bananas', { text: 'Pardon? Day and time?' }],
    ['at noon', { at: 'b' }],
    ['bananas', { text: 'Pardon? And?', ended: false }],
  ]);
});

test('the lines of the node go before those of the flow', async () => {
  const machine = machineOf(`
    initial_node: a
    lines: { no_match: [Pardon?], no_input: [Hello?] }
    nodes:
      - { id: a, static_text: Well?, lines: { no_match: [Eh?], no_input: [Psst.] } }
  `);
  await expectTalk(machine, [
    [opened, {}],
    ['bananas', { text: 'Eh? Well?' }],
    [silence(1), { text: 'Psst. Well?' }],
  ]);
});

const WITH_FALLBACK = `
  initial_node: a
  lines: { no_match: [Pardon?], no_input: [Hello?] }
  nodes:
    - id: a
      static_text: Yes or no?
      edges:
        - { id: "yes", match: { intent: "yes" }, target_node_id: b }
        - { id: lost, is_fallback: true, target_node_id: chained }
    - { id: b, static_text: Good. }
    - { id: chained, static_text: Let us try it otherwise., edges: [{ id: on, condition: always, target_node_id: c }] }
    - { id: c, static_text: Which colour? }
    - { id: desk, static_text: I connect you., is_final: true, transfer: { to: "tel:+442079460123" } }
`;

test('after the ladder comes the fallback edge, with the chain behind it', async () => {
  await expectTalk(machineOf(WITH_FALLBACK), [
    [opened, {}],
    ['bananas', { text: 'Pardon? Yes or no?' }],
    [
      'bananas',
      {
        text: 'Let us try it otherwise. Which colour?',
        moves: ['lost → chained (fallback)', 'on → c (always)'],
      },
    ],
  ]);
});

test('without a fallback edge it is a transfer, if the flow has one', async () => {
  await expectTalk(machineOf(WITH_FALLBACK.replace(/\n.*is_fallback.*/, '')), [
    [opened, {}],
    ['bananas', {}],
    [
      'bananas',
      {
        text: 'I connect you.',
        at: 'desk',
        ended: true,
        effects: [{ kind: 'transfer', to: 'tel:+442079460123', mode: 'cold' }],
      },
    ],
  ]);
});

test('a fallback edge is taken by nothing but a fallback', async () => {
  const machine = machineOf(`
    initial_node: a
    lines: { no_match: [Pardon?] }
    nodes:
      - id: a
        static_text: Yes or no?
        edges:
          - { id: lost, is_fallback: true, match: { examples: [banana] }, target_node_id: b }
      - { id: b, static_text: B. }
  `);
  await expectTalk(machine, [
    [opened, {}],
    ['banana', { text: 'Pardon? Yes or no?', moves: [] }],
    ['banana', { moves: ['lost → b (fallback)'] }],
  ]);
});

function limited(maxTurns: number): string {
  return `
    initial_node: a
    slots: { day: { type: date }, time: { type: time } }
    lines: { no_match: [Pardon?, Pardon?, Pardon?, Pardon?, Pardon?] }
    nodes:
      - id: a
        static_text: Day and time?
        collect: [day, time]
        max_turns: ${maxTurns}
        edges:
          - { id: known, match: { collected: true }, target_node_id: b }
          - { id: lost, is_fallback: true, target_node_id: c }
          - { id: other, is_fallback: true, target_node_id: b }
      - { id: b, static_text: B. }
      - { id: c, static_text: C. }
  `;
}

test('max_turns: the utterance after the last allowed one is heard first, and may still answer', async () => {
  await expectTalk(machineOf(limited(1)), [
    [opened, {}],
    ['bananas', { at: 'a' }],
    ['on Friday at noon', { moves: ['known → b (collected)'] }],
  ]);
});

test('max_turns: if it did not move on, the first fallback edge is taken', async () => {
  await expectTalk(machineOf(limited(2)), [
    [opened, {}],
    ['bananas', { at: 'a' }],
    ['pears', { at: 'a' }],
    ['plums', { moves: ['lost → c (max_turns)'] }],
  ]);
});

test('max_turns: also an utterance that filled something and did not move on', async () => {
  await expectTalk(machineOf(limited(1)), [
    [opened, {}],
    ['bananas', { at: 'a' }],
    ['on Friday', { moves: ['lost → c (max_turns)'], slots: { day: '2026-03-06' } }],
  ]);
});

test('max_turns counts neither silences nor the turns of another visit', async () => {
  await expectTalk(machineOf(limited(1)), [
    [opened, {}],
    [silence(1), { at: 'a' }],
    [silence(2), { at: 'a' }],
    ['bananas', { at: 'a' }],
    ['bananas', { at: 'c' }],
  ]);
});

test('silence goes up its own ladder, then to the goodbye', async () => {
  await expectTalk(machineOf(PLAIN), [
    [opened, {}],
    [silence(1), { text: 'Hello? Yes or no?' }],
    [silence(2), { text: 'Anybody there? Yes or no?' }],
    [silence(3), { text: 'Bye.', ended: true, outcome: 'no_input' }],
  ]);
});

test('after the ladder of silence comes the fallback edge', async () => {
  await expectTalk(machineOf(WITH_FALLBACK), [
    [opened, {}],
    [silence(1), { text: 'Hello? Yes or no?' }],
    [silence(2), { moves: ['lost → chained (fallback)', 'on → c (always)'] }],
  ]);
});

test('an edge may wait for the n-th silence in a row', async () => {
  const machine = machineOf(`
    initial_node: a
    lines: { no_input: [Hello?, Hello again?, Hello a third time?] }
    nodes:
      - id: a
        static_text: Well?
        edges: [{ id: asleep, match: { silence: 2 }, target_node_id: b }]
      - { id: b, static_text: Shall I call you back? }
  `);
  await expectTalk(machine, [
    [opened, {}],
    [silence(1), { text: 'Hello? Well?' }],
    [silence(2), { moves: ['asleep → b (silence)'], text: 'Shall I call you back?' }],
  ]);
});

test('a silence leaves nothing in the history but what the agent says to it', async () => {
  const machine = machineOf(PLAIN);
  await say(machine, opened);
  await say(machine, silence(1));
  expect(machine.chatCtx.items.map(({ role }) => role)).toEqual(['assistant', 'assistant']);
});

test('maxTurns of the flow ends the call with a goodbye', async () => {
  await expectTalk(machineOf(`limits: { maxTurns: 2 }\n${PLAIN.replaceAll(/^ {2}/gm, '')}`), [
    [opened, {}],
    ['yes', { at: 'b' }],
    ['yes', { at: 'a' }],
    ['yes', { text: 'Bye.', ended: true, outcome: 'limit' }],
  ]);
});

test('maxTurns of the flow counts turns made by keys as well', async () => {
  const machine = machineOf(`
    initial_node: a
    limits: { maxTurns: 1 }
    lines: { goodbye: Bye. }
    nodes:
      - { id: a, static_text: A., edges: [{ id: one, match: { dtmf: "1" }, target_node_id: b }] }
      - { id: b, static_text: B., edges: [{ id: two, match: { dtmf: "1" }, target_node_id: a }] }
  `);
  await expectTalk(machine, [
    [opened, {}],
    [keys('1'), { at: 'b' }],
    [keys('1'), { text: 'Bye.', ended: true }],
  ]);
});

test('maxDurationMs of the flow ends the call at the next turn', async () => {
  let nowMs = 0;
  const machine = machineOf(
    `limits: { maxDurationMs: 60000 }\n${PLAIN.replaceAll(/^ {2}/gm, '')}`,
    {
      now: () => nowMs,
    },
  );
  await expectTalk(machine, [
    [opened, {}],
    ['yes', { at: 'b' }],
  ]);
  nowMs = 60_001;
  await expectTalk(machine, [['yes', { text: 'Bye.', ended: true, outcome: 'limit' }]]);
});
