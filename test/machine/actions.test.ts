import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { DialogMachine } from '../../src/machine/dialog-machine.ts';
import { expectTalk, keys, machineOf, opened, say } from '../support/conversation.ts';
import { startHttpService } from '../support/http-service.ts';
import { decide, startModelMachine } from '../support/model-machine.ts';

const LOOPBACK = { http: { allowPrivate: true } };

/** A caller gives a number; it is looked up, booked, and the outcome decides where the call goes. */
function booking(url: string): object {
  return {
    initial_node: 'ask',
    environment_variables: { api: url, token: 'secret-1' },
    slots: { table: { type: 'digits', length: 2 } },
    lines: { hold: ['One moment.'] },
    actions: [
      {
        id: 'look_up',
        method: 'GET',
        url: '{{ api }}/tables/{{ table }}',
        headers: { Authorization: 'Bearer {{ token }}' },
        store_response_as: 'found',
      },
      {
        id: 'book',
        method: 'POST',
        url: '{{ api }}/bookings',
        body: { table: '{{ table }}', guests: '2' },
        string_fields: ['table'],
        store_response_as: 'booked',
        env_updates: [{ env_key: 'reference', result_path: 'data.reference' }],
      },
    ],
    nodes: [
      {
        id: 'ask',
        static_text: 'Which table?',
        collect: ['table'],
        edges: [{ id: 'known', target_node_id: 'check', match: { collected: true } }],
      },
      {
        id: 'check',
        node_type: 'router',
        actions: [{ trigger: 'on_enter', action_id: 'look_up' }],
        edges: [
          { id: 'free', guard: 'found.success and found.data.free', target_node_id: 'book' },
          { id: 'taken', is_fallback: true, target_node_id: 'sorry' },
        ],
      },
      {
        id: 'book',
        static_text: 'Table {{ table }} is free. Shall I book it?',
        edges: [
          {
            id: 'yes',
            target_node_id: 'done',
            match: { intent: 'yes' },
            actions: [{ trigger: 'on_enter', action_id: 'book' }],
          },
          { id: 'no', target_node_id: 'sorry', match: { intent: 'no' } },
        ],
      },
      {
        id: 'done',
        static_text:
          '{% if booked.success %}Your reference is {{ reference }}.{% else %}That failed.{% endif %}',
        is_final: true,
      },
      { id: 'sorry', static_text: 'I am sorry.', is_final: true },
    ],
  };
}

const service = (free: boolean, status = 200) =>
  startHttpService(({ method }) =>
    method === 'GET'
      ? { body: { free } }
      : { status, body: status < 400 ? { reference: 'R7' } : { why: 'full' } },
  );

test('an action is sent, its result is data, and the router goes by it', async () => {
  await using api = await service(true);
  const machine = machineOf(booking(api.url), LOOPBACK);
  await expectTalk(machine, [
    [opened, { text: 'Which table?' }],
    [
      'one two',
      {
        text: 'Table 12 is free. Shall I book it?',
        moves: ['known → check (collected)', 'free → book (guard)'],
      },
    ],
    ['yes', { text: 'One moment. Your reference is R7.', ended: true }],
  ]);
  const [lookUp, book] = api.requests;
  expect(lookUp).toMatchObject({
    method: 'GET',
    path: '/tables/12',
    headers: { authorization: 'Bearer secret-1' },
  });
  expect(book).toMatchObject({ method: 'POST', body: { table: '12', guests: 2 } });
  expect(book?.headers['idempotency-key']).toMatch(/\S/);
});

test('a failure is data for the flow, and the call goes on', async () => {
  await using api = await service(true, 409);
  const machine = machineOf(booking(api.url), LOOPBACK);
  await say(machine, opened);
  await say(machine, 'one two');
  expect(await say(machine, 'yes')).toMatchObject({
    text: 'One moment. That failed.',
    ended: true,
  });
  expect(machine.flowState.variables.booked).toMatchObject({
    success: false,
    status: 409,
    data: { why: 'full' },
  });
});

test('a private address is refused unless the host allows it, and that is a failure like any other', async () => {
  await using api = await service(true);
  const machine = machineOf(booking(api.url));
  await say(machine, opened);
  expect(await say(machine, 'one two')).toMatchObject({ text: 'I am sorry.' });
  expect(api.requests).toEqual([]);
});

test('a draft reads, but writes only once it has happened', async () => {
  await using api = await service(true);
  const machine = machineOf(booking(api.url), LOOPBACK);
  await say(machine, opened);
  await say(machine, 'one two');
  const before = machine.flowState;

  const discarded = machine.draft('yes');
  const chunks = discarded.stream[Symbol.asyncIterator]();
  expect(await chunks.next()).toMatchObject({ value: { text: 'One moment.' } });
  const waiting = chunks.next();
  waiting.catch(() => {});
  // Time enough for a request that must not come.
  await sleep(100);
  expect(api.requests).toHaveLength(1);
  discarded.discard();
  await expect(waiting).rejects.toThrow();
  expect(api.requests).toHaveLength(1);
  expect(machine.flowState).toBe(before);

  const draft = machine.draft('yes');
  const texts: string[] = [];
  for await (const chunk of draft.stream) {
    if (chunk.type === 'text') texts.push(chunk.text);
    draft.commit();
  }
  expect(texts.join('')).toBe('One moment. Your reference is R7.');
  expect(api.requests).toHaveLength(2);
});

test('a write that has begun is not cancelled with its turn, and its result is kept', async () => {
  const arrived = Promise.withResolvers<void>();
  await using api = await startHttpService(({ method }) => {
    if (method === 'GET') return { body: { free: true } };
    arrived.resolve();
    return { body: { reference: 'R9' }, delayMs: 100 };
  });
  const machine = machineOf(booking(api.url), LOOPBACK);
  await say(machine, opened);
  await say(machine, 'one two');
  const abort = new AbortController();
  const stream = machine.turn('yes', { stream: true, signal: abort.signal });
  const reading = (async () => {
    for await (const _ of stream);
  })();
  await arrived.promise;
  abort.abort();
  await reading.catch(() => {});
  expect(machine.flowState.variables).toMatchObject({ reference: 'R9' });
  expect(machine.flowState.ended).toBe(false);
});

/** Stands where a process would have died: the state as it was saved before the write. */
async function crashedBeforeTheResult(machine: DialogMachine): Promise<unknown> {
  const saved: unknown[] = [];
  machine.checkpointBy(async () => {
    saved.push(structuredClone(machine.flowState));
  });
  await machine.turn('yes');
  return saved[0];
}

test('after a crash between intent and result the write is not repeated', async () => {
  await using api = await service(true);
  const flow = booking(api.url);
  const machine = machineOf(flow, LOOPBACK);
  await say(machine, opened);
  await say(machine, 'one two');
  const state = await crashedBeforeTheResult(machine);
  expect(api.requests).toHaveLength(2);

  const next = machineOf(flow, LOOPBACK);
  next.loadFlowState(state);
  await next.turn({ kind: 'opened' });
  expect(api.requests).toHaveLength(2);
  expect(next.flowState.variables.booked).toMatchObject({ success: false });
});

/** The booking flow, with a write that says that its server does it once. */
function idempotentBooking(url: string): object {
  const flow = JSON.parse(JSON.stringify(booking(url)));
  flow.actions[1].idempotent = true;
  return flow;
}

test('after a crash an idempotent write is sent again, under the same key', async () => {
  await using api = await service(true);
  const flow = idempotentBooking(api.url);
  const machine = machineOf(flow, LOOPBACK);
  await say(machine, opened);
  await say(machine, 'one two');
  const state = await crashedBeforeTheResult(machine);

  const next = machineOf(flow, LOOPBACK);
  next.loadFlowState(state);
  await next.turn({ kind: 'opened' });
  expect(next.flowState.variables).toMatchObject({ reference: 'R7' });
  const keys = api.requests
    .filter(({ method }) => method === 'POST')
    .map(({ headers }) => headers['idempotency-key']);
  expect(keys).toEqual([expect.any(String), keys[0]]);
});

test.each([
  ['an idempotent write is tried again', idempotentBooking, ['GET', 'POST', 'POST']],
  ['any other write is not', booking, ['GET', 'POST']],
])('where the server is busy %s', async (_, flowFor, methods) => {
  await using api = await startHttpService(({ method }, index) =>
    method === 'GET' ? { body: { free: true } } : { status: index === 1 ? 503 : 200 },
  );
  const machine = machineOf(flowFor(api.url), LOOPBACK);
  await say(machine, opened);
  await say(machine, 'one two');
  await say(machine, 'yes');
  expect(api.requests.map(({ method }) => method)).toEqual(methods);
});

test.each([
  ['the path of its URL', { url: '/tables/{{ x }}/seats' }, '..'],
  ['its headers', { url: '/tables', headers: { 'x-a': '{{ x }}' } }, 'a\r\nx-b: c'],
])('an action whose data would break out of %s fails, and sends nothing', async (_, fields, x) => {
  await using api = await startHttpService(() => ({ body: {} }));
  const action = { id: 'x', method: 'GET', store_response_as: 'r', ...fields };
  const machine = machineOf(
    {
      initial_node: 'a',
      environment_variables: { api: api.url },
      actions: [{ ...action, url: `{{ api }}${fields.url}` }],
      nodes: [
        {
          id: 'a',
          node_type: 'router',
          edges: [{ id: 'on', target_node_id: 'b', match: { always: true }, set: { x } }],
        },
        {
          id: 'b',
          static_text: '{{ r.success }}',
          actions: [{ trigger: 'on_enter', action_id: 'x' }],
        },
      ],
    },
    LOOPBACK,
  );
  expect((await say(machine, opened)).text).toBe('false');
  expect(api.requests).toEqual([]);
});

test('what a model moves to behind an action is bridged by its words, and told by a second call', async () => {
  await using api = await service(true);
  const flow = JSON.parse(JSON.stringify(booking(api.url)));
  flow.nodes[2].edges[0] = {
    id: 'yes',
    condition: 'The caller agrees.',
    target_node_id: 'told',
    actions: [{ trigger: 'on_enter', action_id: 'book' }],
  };
  flow.nodes.push({ id: 'told', instruction: 'Tell the reference.', edges: [] });
  await using talk = await startModelMachine(
    flow,
    [decide('yes', 'Let me see.'), { text: 'It is R7.' }],
    LOOPBACK,
  );
  await say(talk.machine, opened);
  await say(talk.machine, 'one two');
  expect(await say(talk.machine, 'well that sounds about right to me then')).toMatchObject({
    text: 'Let me see. It is R7.',
    calls: 2,
  });
});

test('run_once holds over the whole session', async () => {
  await using api = await startHttpService((_, index) => ({ body: { count: index } }));
  const machine = machineOf(
    {
      initial_node: 'a',
      actions: [
        {
          id: 'once',
          method: 'POST',
          url: `${api.url}/once`,
          run_once: true,
          store_response_as: 'r',
        },
      ],
      nodes: [
        {
          id: 'a',
          static_text: 'Again?',
          actions: [{ trigger: 'on_enter', action_id: 'once' }],
          edges: [{ id: 'again', target_node_id: 'a', match: { intent: 'yes' } }],
        },
      ],
    },
    LOOPBACK,
  );
  await say(machine, opened);
  await say(machine, 'yes');
  expect(api.requests).toHaveLength(1);
  expect(machine.flowState.variables.r).toMatchObject({ data: { count: 0 } });
});

test('fixed words do not wait for an action that they do not need', async () => {
  await using api = await startHttpService(() => ({ body: {} }));
  const machine = machineOf(
    {
      initial_node: 'a',
      actions: [{ id: 'note', method: 'GET', url: `${api.url}/note`, store_response_as: 'r' }],
      nodes: [
        {
          id: 'a',
          static_text: 'Welcome.',
          actions: [{ trigger: 'on_enter', action_id: 'note' }],
        },
      ],
    },
    LOOPBACK,
  );
  const stream = machine.turn(opened, { stream: true });
  for await (const chunk of stream) {
    if (chunk.type === 'text') expect([chunk.text, api.requests.length]).toEqual(['Welcome.', 0]);
  }
  expect(api.requests).toHaveLength(1);
});

test('a write on a self-loop happens once for the same arguments, and again for others', async () => {
  await using api = await startHttpService(() => ({ body: {} }));
  const flow = {
    initial_node: 'menu',
    slots: { table: { type: 'digits', length: 2 } },
    actions: [{ id: 'note', method: 'POST', url: `${api.url}/notes`, body: '{{ table }}' }],
    nodes: [
      {
        id: 'menu',
        static_text: ['Anything else?', 'And now?'],
        edges: [
          {
            id: 'again',
            target_node_id: 'menu',
            match: { dtmf: '1' },
            actions: [{ trigger: 'on_enter', action_id: 'note' }],
          },
        ],
      },
    ],
  };
  for (const [first, second, sent] of [
    ['12', '12', [12]],
    ['34', '56', [34, 56]],
  ] as const) {
    const machine = machineOf(flow, LOOPBACK);
    const before = api.requests.length;
    await say(machine, opened);
    machine.seed({ table: first });
    await say(machine, keys('1'));
    machine.seed({ table: second });
    await say(machine, keys('1'));
    expect(api.requests.slice(before).map(({ body }) => body)).toEqual(sent);
  }
});
