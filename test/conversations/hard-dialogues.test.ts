import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { keys, opened } from '../support/conversation.ts';
import { startHttpService } from '../support/http-service.ts';
import { CoveredFlow } from './covered-flow.ts';

function exampleFlow(name: string): string {
  return new URL(`../../flows/${name}.yaml`, import.meta.url).pathname;
}

const kyc = new CoveredFlow(exampleFlow('kyc'));
const appointment = new CoveredFlow(exampleFlow('appointment'));
const cards = new CoveredFlow(exampleFlow('cards'), {
  llm: 'scripted/test/conversations/scripts/cards.yaml',
});

test('a number given in pieces is put together, and corrected when it is read back', async () => {
  await kyc.call([
    [opened, {}],
    ['Robert Miller', {}],
    ['the third of March 1986', { at: 'number' }],
    ['four seven one two', { text: 'Yes, go on.', at: 'number' }],
    ['double nine three eight', { text: 'Yes, go on.', at: 'number' }],
    ['five one', { text: /4 7 1 2 9 9 3 8 5 1.*correct/ }],
    ['no, 4 7 1 2 0 9 3 8 5 1', { at: 'number', text: /4 7 1 2 0 9 3 8 5 1.*correct/ }],
    [
      'yes',
      {
        outcome: 'verified',
        slots: expect.objectContaining({ id_number: '4712093851' }),
        calls: 0,
      },
    ],
  ]);
});

test('everything said in one sentence is taken, and only the confirmation is asked for', async () => {
  await appointment.call([
    [opened, {}],
    [
      'a blood test on Friday at half past ten in the morning please',
      {
        at: 'confirm',
        slots: { reason: 'blood test', day: '2026-03-06', time: '10:30' },
        text: /blood test on .*March 6th.*10:30|blood test on .*March 6th.*half past ten/,
        calls: 0,
      },
    ],
    ['yes', { outcome: 'booked' }],
  ]);
});

test('a question in the middle of collecting is answered, and what was begun is kept', async () => {
  await kyc.call([
    [opened, {}],
    ['Robert Miller', {}],
    ['the third of March 1986', { at: 'number' }],
    ['four seven one two oh', { text: 'Yes, go on.' }],
    ['why do you need that?', { at: 'number', text: /^We ask so that.*one/ }],
    ['nine three eight five one', { text: /4 7 1 2 0 9 3 8 5 1/ }],
  ]);
});

test('of two requests at once the model takes one up, and the other can follow in the same call', async () => {
  await cards.call([
    [opened, { calls: 0 }],
    [
      'I lost my card and I need a new one',
      { at: 'kind', moves: ['block → kind (model)'], slots: { reason: 'lost' }, calls: 1 },
    ],
    ['debit', { at: 'digits' }],
    [keys('4712'), { at: 'check' }],
    ['yes', { at: 'anything_else', text: /blocked.*anything else/ }],
    ['now the new one', { at: 'menu', moves: ['another_matter → menu (model)'] }],
    [keys('2'), { at: 'anything_else', text: /five working days/ }],
    ['no thanks', { outcome: 'served' }],
  ]);
});

test('"yes, but ..." is no yes: the question behind it is answered first', async () => {
  await cards.call([
    [opened, {}],
    ['block my debit card', {}],
    ['4712', { at: 'check' }],
    [
      'yes, but when do I get a new one?',
      { at: 'check', moves: [], text: /five working days. Shall I block/, calls: 1 },
    ],
    ['yes', { at: 'anything_else', calls: 0 }],
  ]);
});

test('"no, wait" in the farewell takes the caller back, and what was said stands', async () => {
  const machine = appointment.machine();
  const turns = await appointment.talk(machine, [
    [opened, {}],
    ['a check up on Friday at eleven in the morning', { at: 'confirm' }],
    ['yes', { ended: true, outcome: 'booked' }],
  ]);
  machine.heard(turns.at(-1)?.result.messageId ?? '', 'Your check-up is');
  await appointment.talk(machine, [
    [
      'no, wait',
      { at: 'confirm', ended: false, slots: expect.objectContaining({ time: '11:00' }) },
    ],
    ['make it Monday', { at: 'confirm', text: /March 9th/ }],
    ['yes', { ended: true, outcome: 'booked', text: /March 9th/ }],
  ]);
});

const transferBy = (bank: string) => ({
  initial_node: 'ask',
  slots: { amount: { type: 'integer' } },
  actions: [
    {
      id: 'pay',
      method: 'POST',
      url: `${bank}/pay`,
      body: { amount: '{{ amount }}' },
      store_response_as: 'paid',
    },
  ],
  nodes: [
    {
      id: 'ask',
      static_text: 'Shall I pay forty euros?',
      edges: [{ id: 'yes', target_node_id: 'pay', set: { amount: 40 }, match: { intent: 'yes' } }],
    },
    {
      id: 'pay',
      node_type: 'router',
      actions: [{ trigger: 'on_enter', action_id: 'pay' }],
      edges: [
        { id: 'paid', target_node_id: 'paid', guard: 'paid.success' },
        { id: 'unpaid', target_node_id: 'ask', guard: 'not paid.success' },
      ],
    },
    {
      id: 'paid',
      static_text: 'It is paid: {{ paid.data.reference }}. Anything else?',
      edges: [{ id: 'no', target_node_id: 'end', match: { intent: 'no' } }],
    },
    { id: 'end', static_text: 'Goodbye.', is_final: true },
  ],
});

test('an action of 4 s is bridged, is not begun twice by a caller who talks meanwhile, and its answer comes', async () => {
  await using bank = await startHttpService(() => ({ body: { reference: 'R7' }, delayMs: 4000 }));
  const transfer = new CoveredFlow(transferBy(bank.url), { http: { allowPrivate: ['127.0.0.1'] } });
  const machine = transfer.machine();
  await transfer.talk(machine, [[opened, {}]]);

  const abort = new AbortController();
  const draft = machine.draft('yes', { signal: abort.signal });
  const held = Promise.withResolvers<string>();
  const reading = (async () => {
    for await (const chunk of draft.stream) {
      draft.commit();
      if (chunk.type === 'text') held.resolve(chunk.text);
    }
  })();
  expect(await held.promise).toBe('Just a second.');
  await sleep(200);
  abort.abort();
  machine.heard(machine.chatCtx.items.at(-1)?.id ?? '', 'Just a');

  const [turn] = await transfer.talk(machine, [
    [
      'hello, is anybody there?',
      { at: 'paid', text: 'It is paid: R7. Anything else?', moves: ['paid → paid (guard)'] },
    ],
  ]);
  await reading;
  expect(bank.requests.map(({ body }) => body)).toEqual([{ amount: 40 }]);
  expect(turn?.ended).toBe(false);
  expect(machine.chatCtx.items.map(({ role, content }) => `${role}: ${content}`)).toEqual([
    'assistant: Shall I pay forty euros?',
    'user: yes',
    'assistant: Just a',
    'user: hello, is anybody there?',
    'assistant: It is paid: R7. Anything else?',
  ]);
  await transfer.talk(machine, [['no', { ended: true }]]);
});
