import { expect, test } from 'vitest';
import { expectTalk, keys, machineOf, opened, silence } from '../support/conversation.ts';

const CONFIRM = `
  initial_node: number
  slots:
    account: { type: digits, length: 4, confirm: true, description: account number, invalidates: [day] }
    day: { type: date }
  lines: { confirm: ["{{ slot }} {{ value }}, right?", "Is {{ value }} right?"] }
  global_edges:
    - { id: why, match: { examples: [why do you ask] }, target_node_id: because }
    - { id: person, match: { examples: [a person please] }, target_node_id: desk, detour: false }
  nodes:
    - id: number
      static_text: [Your number?, "Again please, your number?"]
      collect: [account]
      edges: [{ id: known, match: { collected: true }, target_node_id: done }]
    - { id: because, static_text: To find your account., edges: [] }
    - id: done
      static_text: "Account {{ account }}. Which day?"
      collect: [day]
      edges: [{ id: much, match: { collected: true }, target_node_id: end }]
    - { id: end, static_text: "{{ day }}.", is_final: true }
    - { id: desk, static_text: Desk. }
`;

test('a value is read back, and counts only after a yes', async () => {
  const machine = machineOf(CONFIRM);
  await expectTalk(machine, [
    [opened, {}],
    ['4 7 1 2', { text: 'account number 4 7 1 2, right?', at: 'number', moves: [] }],
    [
      'yes that is right',
      { moves: ['known → done (collected)'], text: 'Account 4712. Which day?' },
    ],
  ]);
});

test('it is not read back twice in the same words where the line has variants', async () => {
  await expectTalk(machineOf(CONFIRM), [
    [opened, {}],
    ['4 7 1 2', { text: 'account number 4 7 1 2, right?' }],
    ['4 7 1 3', { text: 'Is 4 7 1 3 right?' }],
  ]);
});

test('after a no it is asked for again', async () => {
  await expectTalk(machineOf(CONFIRM), [
    [opened, {}],
    ['4 7 1 2', {}],
    ['no', { slots: {}, text: 'Again please, your number?', at: 'number' }],
    ['4 7 1 3', { text: /4 7 1 3.* right\?$/, slots: { account: '4713' } }],
    ['yes', { at: 'done' }],
  ]);
});

test.each([
  ['no, 4 7 1 3'],
  ['4 7 1 3'],
  ["no it's four seven one three"],
  ['sorry, I mean four seven one three'],
])('%j replaces it, and is read back in turn', async (words) => {
  await expectTalk(machineOf(CONFIRM), [
    [opened, {}],
    ['4 7 1 2', {}],
    [words, { text: /4 7 1 3.* right\?$/, slots: { account: '4713' }, at: 'number' }],
    ['correct', { at: 'done' }],
  ]);
});

test('a yes that repeats the value is a yes', async () => {
  await expectTalk(machineOf(CONFIRM), [
    [opened, {}],
    ['4 7 1 2', {}],
    ['yes, 4 7 1 2', { at: 'done' }],
  ]);
});

test('an answer that is neither is answered with the read-back, not with the question', async () => {
  await expectTalk(machineOf(CONFIRM), [
    [opened, {}],
    ['4 7 1 2', {}],
    ['the weather is nice', { text: /right\?$/, slots: { account: '4712' }, at: 'number' }],
    ['yes', { at: 'done' }],
  ]);
});

test('silence at a read-back has it read back once more', async () => {
  await expectTalk(machineOf(CONFIRM), [
    [opened, {}],
    ['4 7 1 2', {}],
    [silence(1), { text: /hear anything\. .*4 7 1 2.* right\?$/ }],
    ['yes', { at: 'done' }],
  ]);
});

test('after a detour from a read-back it is the value that is read back again', async () => {
  await expectTalk(machineOf(CONFIRM), [
    [opened, {}],
    ['4 7 1 2', {}],
    ['why do you ask', { text: /^To find your account\. .*4 7 1 2.* right\?$/, at: 'number' }],
    ['yes', { at: 'done' }],
  ]);
});

test('a plain jump leaves the read-back behind', async () => {
  await expectTalk(machineOf(CONFIRM), [
    [opened, {}],
    ['4 7 1 2', {}],
    ['a person please', { text: 'Desk.', at: 'desk' }],
  ]);
});

test('typed digits are read back too', async () => {
  await expectTalk(machineOf(CONFIRM), [
    [opened, {}],
    [keys('4712'), { text: 'account number 4 7 1 2, right?' }],
  ]);
});

test('a change of a confirmed value is read back again, and clears what depends on it', async () => {
  const machine = machineOf(CONFIRM);
  await expectTalk(machine, [
    [opened, {}],
    ['4 7 1 2', {}],
    ['yes', { at: 'done' }],
    ['no, my number is 4 7 1 3', { text: /4 7 1 3.* right\?$/, slots: { account: '4713' } }],
    ['yes', { at: 'done', text: 'Account 4713. Which day?' }],
  ]);
  expect(machine.flowState.slotInfo.account?.confirmed).toBe(true);
});

test('the same value said once more keeps its confirmation', async () => {
  await expectTalk(machineOf(CONFIRM), [
    [opened, {}],
    ['4 7 1 2', {}],
    ['yes', { at: 'done' }],
    ['sorry, 4 7 1 2 that is', { at: 'done', slots: { account: '4712' }, text: /Which day\?$/ }],
  ]);
});
