import { describe, expect, test } from 'vitest';
import { Flow } from '../../src/flow/flow.ts';
import { FlowSet } from '../../src/flow/flow-set.ts';
import { DialogMachine } from '../../src/machine/dialog-machine.ts';
import { machineOf, opened } from '../support/conversation.ts';
import { startFakeOpenAI } from '../support/fake-openai.ts';
import { decide } from '../support/model-machine.ts';

const SALES = {
  initial_node: 'a',
  slots: { city: {}, size: { type: 'integer' }, name: {} },
  nodes: [
    {
      id: 'a',
      static_text: 'Sales. Which city?',
      collect: ['city'],
      edges: [{ id: 'on', target_node_id: 'b', match: { collected: true } }],
    },
    { id: 'b', static_text: 'You are in {{ city }}, {{ name }}.' },
  ],
};
const HELP = {
  initial_node: 'h',
  slots: { city: {} },
  nodes: [{ id: 'h', static_text: 'Help in {{ city }}{{ size }}.' }],
};

function setOf(): FlowSet {
  return new FlowSet({ sales: Flow.parse(SALES), help: Flow.parse(HELP) });
}

describe('a set of flows', () => {
  test('begins with the first and goes to another, with nothing of the first', async () => {
    const machine = new DialogMachine({ flow: setOf() });
    await machine.turn(opened);
    await machine.turn('Leeds');
    machine.switchFlow('help');
    expect(machine.chatCtx.items).toEqual([]);
    expect(machine.flow.name).toBe('help');
    expect((await machine.turn(opened)).text).toBe('Help in .');
  });

  test('keeps history and data if memory is to be preserved', async () => {
    const machine = new DialogMachine({ flow: setOf() });
    await machine.turn(opened);
    await machine.turn('Leeds');
    machine.seed({ size: 3 });
    machine.switchFlow('help', { preserveMemory: true });
    expect(machine.chatCtx.items).toHaveLength(3);
    expect((await machine.turn(opened)).text).toBe('Help in Leeds3.');
  });

  test('a saved state goes on in the flow it was in', async () => {
    const machine = new DialogMachine({ flow: setOf() });
    machine.switchFlow('help');
    await machine.turn(opened);
    const another = new DialogMachine({ flow: setOf() });
    another.loadFlowState(JSON.parse(JSON.stringify(machine.flowState)));
    expect(another.flow.name).toBe('help');
    expect(another.flowState.node).toBe('h');
  });

  test('a draft of before the switch can no longer be committed', async () => {
    const machine = new DialogMachine({ flow: setOf() });
    const draft = machine.draft(opened);
    for await (const _ of draft.stream);
    machine.switchFlow('help');
    expect(() => draft.commit()).toThrow(/another turn/);
  });

  test('a name that is not there, and an empty set, are told', () => {
    const machine = new DialogMachine({ flow: setOf() });
    expect(() => machine.switchFlow('constructor')).toThrow(/there are: sales, help/);
    expect(() => new FlowSet({})).toThrow(/at least one/);
  });

  test('every flow of it is checked at the start', () => {
    const flow = new FlowSet({
      sales: Flow.parse(SALES),
      talk: Flow.parse({ initial_node: 'x', nodes: [{ id: 'x', instruction: 'Chat.' }] }),
    });
    expect(() => new DialogMachine({ flow })).toThrow(/flow talk.*needs a model/);
  });

  test('an effect of the other flow is not taken for one of the first', () => {
    const machine = new DialogMachine({ flow: setOf(), sessionId: 'call' });
    machine.switchFlow('help');
    expect(machine.flowState.session).not.toBe('call');
  });
});

describe('seed', () => {
  test('fills slots, which then are not asked for, and data for templates', async () => {
    const machine = machineOf(SALES);
    machine.seed({ city: 'Leeds', name: 'Susan' });
    expect((await machine.turn(opened)).text).toBe('You are in Leeds, Susan.');
  });

  test('refuses a value that its slot cannot hold, and takes none', () => {
    const machine = machineOf(SALES);
    expect(() => machine.seed({ city: 'Leeds', size: 'huge' })).toThrow(/slot "size"/);
    expect(machine.flowState.slots).toEqual({});
  });

  test('what a machine is made with is known from the start, and again after a reset', async () => {
    const machine = machineOf(SALES, { seed: { city: 'Leeds', name: 'Susan' } });
    machine.reset();
    expect((await machine.turn(opened)).text).toBe('You are in Leeds, Susan.');
    expect(() => machineOf(SALES, { seed: { size: 'huge' } })).toThrow(/slot "size"/);
  });

  test('a name that all objects have is just a name', () => {
    const machine = machineOf(SALES);
    machine.seed(JSON.parse('{"__proto__": 1, "constructor": 2}'));
    expect(Object.entries(machine.flowState.variables)).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
    ]);
  });
});

test('reset begins a new conversation, whose effects are its own', async () => {
  const machine = machineOf(SALES, { call: { from: '+441' } });
  await machine.turn(opened);
  await machine.turn('Leeds');
  machine.reset();
  expect(machine.chatCtx.items).toEqual([]);
  expect(machine.flowState).toMatchObject({
    node: 'a',
    slots: {},
    variables: { call: { from: '+441' } },
  });
  expect(machine.flowState.session).not.toBe('test');
  expect((await machine.turn(opened)).text).toBe('Sales. Which city?');
});

test('setModel asks the other model from the next turn on', async () => {
  const flow = { initial_node: 'a', nodes: [{ id: 'a', instruction: 'Chat.' }] };
  await using first = await startFakeOpenAI(() => decide('stay', 'First.'));
  await using second = await startFakeOpenAI(() => decide('stay', 'Second.'));
  const machine = machineOf(flow, { llm: `openai/fake@${first.url}` });
  await machine.turn(opened);
  expect((await machine.turn('Hm.')).text).toBe('First.');
  machine.setModel(`openai/fake@${second.url}`);
  expect((await machine.turn('Hm.')).text).toBe('Second.');
});
