import { expect, test } from 'vitest';
import { machineOf, opened, say, silence } from '../support/conversation.ts';

const FLOW = {
  initial_node: 'day',
  slots: { day: { type: 'date' } },
  nodes: [
    {
      id: 'day',
      static_text: 'Which day?',
      collect: ['day'],
      edges: [{ id: 'known', target_node_id: 'end', match: { collected: true } }],
    },
    { id: 'end', static_text: 'Goodbye.', is_final: true },
  ],
};

test('while a human has taken over, both sides are in the history and nothing moves', async () => {
  const machine = machineOf(FLOW);
  await say(machine, opened);
  machine.takeOver();
  for (const input of ['the ninth of March', silence(1), opened]) {
    expect(await say(machine, input)).toMatchObject({ at: 'day', text: '', moves: [], slots: {} });
  }
  machine.humanSaid('Let me see what I can do.');
  expect(machine.chatCtx.items.map(({ role, content, human }) => [role, content, human])).toEqual([
    ['assistant', 'Which day?', undefined],
    ['user', 'the ninth of March', undefined],
    ['assistant', 'Let me see what I can do.', true],
  ]);
});

test('after the hand-back the question is asked again, and the call goes on', async () => {
  const machine = machineOf(FLOW);
  await say(machine, opened);
  machine.takeOver();
  await say(machine, 'the ninth of March');
  machine.handBack();
  expect((await say(machine, opened)).text).toBe('Which day?');
  expect(await say(machine, 'the tenth of March')).toMatchObject({ at: 'end', ended: true });
});

test('a restart does not forget that a human has taken over', async () => {
  const machine = machineOf(FLOW);
  await say(machine, opened);
  machine.takeOver();
  const another = machineOf(FLOW);
  another.loadFlowState(JSON.parse(JSON.stringify(machine.flowState)));
  expect((await say(another, 'the ninth of March')).text).toBe('');
});

test('a turn drafted before the take-over can no longer happen', async () => {
  const machine = machineOf(FLOW);
  await say(machine, opened);
  const draft = machine.draft('the ninth of March');
  for await (const _ of draft.stream);
  machine.takeOver();
  expect(() => draft.commit()).toThrow(/another turn/);
});

test('nobody speaks for the agent who has not taken over', () => {
  expect(() => machineOf(FLOW).humanSaid('Hello?')).toThrow(/call takeOver first/);
});
