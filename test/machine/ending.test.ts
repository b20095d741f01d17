import { expect, test } from 'vitest';
import type { DialogMachine } from '../../src/machine/dialog-machine.ts';
import { expectTalk, keys, machineOf, opened, say, silence } from '../support/conversation.ts';

const FAREWELL = 'I will connect you with a colleague. Goodbye.';
const TRANSFER = { kind: 'transfer' as const, to: 'tel:+442079460123', mode: 'cold' as const };

const FLOW = `
  initial_node: ask
  global_edges:
    - { id: hours, match: { examples: [when are you open] }, target_node_id: hours }
    - { id: person, match: { examples: [a person please], dtmf: "0" }, target_node_id: end, detour: false }
  nodes:
    - id: ask
      static_text: [Shall I connect you?, "Shall I connect you, yes or no?"]
      edges: [{ id: "yes", match: { intent: "yes" }, target_node_id: end }]
    - { id: hours, static_text: From eight to six., edges: [] }
    - id: end
      static_text: ${FAREWELL}
      is_final: true
      outcome: connected
      transfer: { to: "tel:+442079460123" }
`;

/** Comes to the farewell, of which the caller lets only so much be played. */
async function farewell(heard: string): Promise<DialogMachine> {
  const machine = machineOf(FLOW);
  await machine.turn(opened);
  const { messageId, ended, outcome, effects } = await machine.turn('yes');
  expect({ ended, outcome, effects }).toEqual({
    ended: true,
    outcome: 'connected',
    effects: [TRANSFER],
  });
  machine.heard(messageId ?? '', heard);
  return machine;
}

test('a farewell that was heard to its end ends the call, and nothing is said after it', async () => {
  const machine = await farewell(FAREWELL);
  const before = machine.flowState;
  await expectTalk(machine, [
    ['when are you open', { text: '', ended: true, outcome: 'connected', moves: [], effects: [] }],
    [keys('0'), { text: '', ended: true }],
    [silence(1), { text: '', ended: true }],
    [opened, { text: '', ended: true }],
  ]);
  expect(machine.flowState).toEqual(before);
});

test('a farewell that was cut has not ended the call', async () => {
  const machine = await farewell('I will connect');
  expect(machine.flowState.ended).toBe(false);
  expect(machine.chatCtx.items.at(-1)).toMatchObject({
    content: 'I will connect',
    interrupted: true,
  });
});

test.each([['okay'], ['bye bye'], ['thank you'], ['yes'], ['alright, goodbye'], ['okay, thanks']])(
  '%j into the farewell ends the call all the same, with what was due at its end',
  async (words) => {
    await expectTalk(await farewell('I will connect'), [
      [words, { text: '', ended: true, outcome: 'connected', effects: [TRANSFER] }],
    ]);
  },
);

test('a caller who cuts in with a question is answered, and comes back to the node before', async () => {
  await expectTalk(await farewell('I will'), [
    [
      'when are you open',
      { text: /^From eight to six\. Shall I/, at: 'ask', ended: false, effects: [] },
    ],
    ['yes', { text: FAREWELL, ended: true, effects: [TRANSFER] }],
  ]);
});

test('a caller who cuts in with something not understood is asked again what came before', async () => {
  await expectTalk(await farewell('I will'), [
    [
      'no wait, not yet',
      { at: 'ask', moves: ['return → ask (return)'], text: /Shall I connect you/, ended: false },
    ],
    ['yes', { ended: true, outcome: 'connected' }],
  ]);
});

test('a caller who cuts in and then says nothing hears the farewell out', async () => {
  const machine = await farewell('I will');
  const { text, ended, effects } = await say(machine, silence(1));
  expect(text).toContain(FAREWELL);
  expect({ ended, effects }).toEqual({ ended: true, effects: [TRANSFER] });
});

test('the way back from a cut farewell is the visit that was left, not a new one', async () => {
  const machine = await farewell('I will');
  await say(machine, 'no wait, not yet');
  expect(machine.flowState.visits).toEqual({ ask: 1, end: 1 });
});

test('hang_up is an effect for the host', async () => {
  const machine = machineOf(`
    initial_node: a
    nodes: [{ id: a, static_text: Bye., is_final: true, hang_up: true }]
  `);
  await expectTalk(machine, [
    [opened, { text: 'Bye.', ended: true, outcome: 'a', effects: [{ kind: 'hang_up' }] }],
  ]);
});

test('a transfer may be announced, and its number is a template', async () => {
  const machine = machineOf(
    `
    initial_node: a
    nodes:
      - id: a
        static_text: One moment.
        is_final: true
        transfer: { to: "tel:{{ call.desk }}", mode: warm, announce: "I connect you with {{ call.name }}." }
  `,
    { call: { desk: '+442079460199', name: 'Ann' } },
  );
  await expectTalk(machine, [
    [
      opened,
      {
        text: 'One moment. I connect you with Ann.',
        effects: [{ kind: 'transfer', to: 'tel:+442079460199', mode: 'warm' }],
      },
    ],
  ]);
});

test("the engine's own goodbye may be cut too, and then the call goes on", async () => {
  const machine = machineOf(`
    initial_node: a
    lines: { no_match: [Pardon?], goodbye: Thank you and goodbye. }
    nodes:
      - { id: a, static_text: Yes or no?, edges: [{ id: "yes", match: { intent: "yes" }, target_node_id: b }] }
      - { id: b, static_text: Good. }
  `);
  await machine.turn(opened);
  await machine.turn('bananas');
  const { messageId, ended } = await machine.turn('bananas');
  expect(ended).toBe(true);
  machine.heard(messageId ?? '', 'Thank');
  await expectTalk(machine, [['yes', { moves: ['yes → b (intent)'], ended: false }]]);
});

test('a farewell of which nothing was heard has not ended the call, and is not in the history', async () => {
  const machine = await farewell('');
  expect(machine.flowState.ended).toBe(false);
  expect(machine.chatCtx.items.map(({ content }) => content)).toEqual([
    'Shall I connect you?',
    'yes',
  ]);
});

test('keys into the farewell are heard like words', async () => {
  await expectTalk(await farewell('I will'), [
    [keys('7'), { at: 'ask', moves: ['return → ask (return)'], ended: false }],
  ]);
});

test('a transfer that the ladder led to can be cut like any other farewell', async () => {
  const machine = machineOf(FLOW);
  await machine.turn(opened);
  for (const words of ['bananas', 'pears']) await machine.turn(words);
  const { messageId = '', effects } = await machine.turn('plums');
  expect(effects).toEqual([TRANSFER]);
  machine.heard(messageId, 'I will');
  await expectTalk(machine, [
    ['no wait, not yet', { at: 'ask', moves: ['return → ask (return)'], ended: false }],
    ['yes', { ended: true, effects: [TRANSFER] }],
  ]);
});

test('a farewell can also be cut in a machine that took the conversation over', async () => {
  const first = machineOf(FLOW);
  await first.turn(opened);
  const { messageId = '' } = await first.turn('yes');
  const second = machineOf(FLOW);
  second.loadFlowState(JSON.parse(JSON.stringify(first.flowState)));
  second.loadChatCtx(first.chatCtx);
  second.heard(messageId, 'I will');
  await expectTalk(second, [['no wait, not yet', { at: 'ask', ended: false }]]);
});
