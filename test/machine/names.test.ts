import { expect, test } from 'vitest';
import { expectTalk, keys, machineOf, opened, say } from '../support/conversation.ts';

/** Ids and slot names that mean something to JavaScript or to the machine itself. */
const NAMES = ['__proto__', 'constructor', 'assist', 'toString', 'hasOwnProperty'];

function flowNamed(name: string): object {
  return JSON.parse(
    JSON.stringify({
      initial_node: 'NAME',
      slots: JSON.parse('{"NAME": {"type": "digits", "length": 4}}'),
      nodes: [
        {
          id: 'NAME',
          static_text: 'Four digits?',
          collect: ['NAME'],
          edges: [
            { id: 'NAME', match: { collected: true }, target_node_id: 'next' },
            { id: 'other', match: { dtmf: '#' }, target_node_id: 'next', set: { NAME: '9' } },
          ],
        },
        {
          id: 'next',
          static_text: '<{{ NAME }}>',
          edges: [
            { id: 'back', match: { dtmf: '1' }, target_node_id: 'NAME', set: { NAME: null } },
          ],
        },
      ],
    }).replaceAll('NAME', name),
  );
}

test.each(NAMES)('%j is a name like any other', async (name) => {
  const machine = machineOf(flowNamed(name));
  await expectTalk(machine, [
    [opened, { at: name, text: 'Four digits?' }],
    ['one two', { at: name, text: 'Yes, go on.' }],
    ['three four', { at: 'next', moves: [`${name} → next (collected)`], text: '<1234>' }],
  ]);
  expect(Object.entries(machine.flowState.slots)).toEqual([[name, '1234']]);
  expect(Object.entries(machine.flowState.visits)).toEqual([
    [name, 1],
    ['next', 1],
  ]);
  const { slots } = await say(machine, keys('1'));
  expect(Object.keys(slots ?? {})).toEqual([]);
});

test.each(NAMES)('%j survives being saved in the middle of a value', async (name) => {
  const machine = machineOf(flowNamed(name));
  await machine.turn(opened);
  await machine.turn('one two');
  const saved = JSON.stringify(machine.flowState);

  const restored = machineOf(flowNamed(name));
  restored.loadFlowState(JSON.parse(saved));
  expect(JSON.stringify(restored.flowState)).toBe(saved);
  expect((await say(restored, 'three four')).text).toBe('<1234>');
});

test('a template finds nothing that every object inherits', async () => {
  const machine = machineOf(`
    initial_node: a
    nodes: [{ id: a, static_text: "<{{ constructor }}{{ call.constructor }}{{ toString }}>" }]
  `);
  await expectTalk(machine, [[opened, { text: '<>' }]]);
});

test('a global edge, an intent and an environment variable may have such names too', async () => {
  const machine = machineOf(
    JSON.parse(`{
      "initial_node": "a",
      "environment_variables": { "__proto__": "x", "constructor": "y" },
      "intents": { "constructor": { "examples": ["build it"] }, "__proto__": { "examples": ["inherit it"] } },
      "global_edges": [{ "id": "__proto__", "match": { "intent": "__proto__" }, "target_node_id": "b", "detour": false }],
      "nodes": [
        { "id": "a", "static_text": "{{ constructor }}", "edges": [{ "id": "build", "match": { "intent": "constructor" }, "target_node_id": "b" }] },
        { "id": "b", "static_text": "B." }
      ]
    }`),
  );
  await expectTalk(machine, [
    [opened, { text: 'y' }],
    ['inherit it', { moves: ['__proto__ → b (intent)'] }],
  ]);
});
