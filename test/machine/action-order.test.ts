import { expect, test } from 'vitest';
import { expectTalk, machineOf, opened, say } from '../support/conversation.ts';
import { startHttpService } from '../support/http-service.ts';

const LOOPBACK = { http: { allowPrivate: ['127.0.0.1'] } };

const read = (url: string, id: string) => ({
  id,
  method: 'GET',
  url: `${url}/${id}?kind={{ kind }}`,
  store_response_as: id,
});

test('a move runs exit actions, those of the edge, sets, and then runs entry actions', async () => {
  await using api = await startHttpService(() => ({}));
  const machine = machineOf(
    {
      initial_node: 'a',
      actions: ['exit', 'edge', 'entry'].map((id) => read(api.url, id)),
      nodes: [
        {
          id: 'a',
          static_text: 'Well?',
          actions: [{ trigger: 'on_exit', action_id: 'exit' }],
          edges: [
            {
              id: 'go',
              target_node_id: 'b',
              match: { intent: 'yes' },
              actions: [{ trigger: 'on_enter', action_id: 'edge' }],
              set: { kind: 'new' },
            },
          ],
        },
        {
          id: 'b',
          static_text: 'Here. {{ entry.status }}',
          actions: [{ trigger: 'on_enter', action_id: 'entry' }],
        },
      ],
    },
    LOOPBACK,
  );
  await expectTalk(machine, [
    [opened, { text: 'Well?' }],
    ['yes', { text: 'Here. 200', at: 'b' }],
  ]);
  expect(api.requests.map(({ path }) => path)).toEqual([
    '/exit?kind=',
    '/edge?kind=',
    '/entry?kind=new',
  ]);
  expect(machine.flowState.visits).toEqual({ a: 1, b: 1 });
});

test('a detour runs no exit actions: its node is only interrupted, and not entered again', async () => {
  await using api = await startHttpService(() => ({}));
  const machine = machineOf(
    {
      initial_node: 'a',
      actions: ['entry', 'exit'].map((id) => read(api.url, id)),
      global_edges: [{ id: 'why', target_node_id: 'b', match: { examples: ['why is that'] } }],
      nodes: [
        {
          id: 'a',
          static_text: 'Well?',
          actions: [
            { trigger: 'on_enter', action_id: 'entry' },
            { trigger: 'on_exit', action_id: 'exit' },
          ],
        },
        { id: 'b', static_text: 'Because.', edges: [] },
      ],
    },
    LOOPBACK,
  );
  await expectTalk(machine, [
    [opened, {}],
    ['why is that', { text: 'Because. Well?', at: 'a' }],
  ]);
  expect(api.requests.map(({ path }) => path)).toEqual(['/entry?kind=']);
});

test('an opening that needs what a write brings is bridged, and then speaks', async () => {
  await using api = await startHttpService(() => ({ body: { name: 'Ann' } }));
  const machine = machineOf(
    {
      initial_node: 'a',
      lines: { hold: ['One moment.'] },
      actions: [{ id: 'log_in', method: 'POST', url: `${api.url}/token`, store_response_as: 'r' }],
      nodes: [
        {
          id: 'a',
          static_text: 'Hello {{ r.data.name }}.',
          actions: [{ trigger: 'on_enter', action_id: 'log_in' }],
        },
      ],
    },
    LOOPBACK,
  );
  expect(await say(machine, opened)).toMatchObject({ text: 'One moment. Hello Ann.', at: 'a' });
});

test('what an action has stored counts as filled, until a move clears it', async () => {
  await using api = await startHttpService(() => ({ body: { id: '4712' } }));
  const machine = machineOf(
    {
      initial_node: 'look',
      slots: { player: { type: 'digits', length: 4 } },
      actions: [
        {
          id: 'find',
          method: 'GET',
          url: `${api.url}/player`,
          env_updates: [{ env_key: 'player', result_path: 'data.id' }],
        },
      ],
      nodes: [
        {
          id: 'look',
          node_type: 'router',
          actions: [{ trigger: 'on_enter', action_id: 'find' }],
          edges: [{ id: 'on', condition: 'always', target_node_id: 'ask' }],
        },
        {
          id: 'ask',
          static_text: 'Your number?',
          collect: ['player'],
          edges: [{ id: 'known', target_node_id: 'hello', match: { collected: true } }],
        },
        {
          id: 'hello',
          static_text: 'Hello {{ player }}.',
          edges: [
            {
              id: 'anew',
              target_node_id: 'ask',
              match: { examples: ['that is not me'] },
              set: { player: null },
            },
          ],
        },
      ],
    },
    LOOPBACK,
  );
  await expectTalk(machine, [
    [opened, { text: 'Hello 4712.', at: 'hello' }],
    ['that is not me', { text: 'Your number?', at: 'ask' }],
    ['one one two two', { text: 'Hello 1122.' }],
  ]);
});
