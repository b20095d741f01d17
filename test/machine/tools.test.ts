import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { StreamChunk, TurnResult } from '../../src/agent/agent.ts';
import { Flow } from '../../src/flow/flow.ts';
import type { LanguageModel, ModelMessage } from '../../src/llm/model.ts';
import { DialogMachine } from '../../src/machine/dialog-machine.ts';
import { functionTool } from '../../src/tools/function-tool.ts';
import type { Tool } from '../../src/tools/tool.ts';
import { machineOf } from '../support/conversation.ts';
import { startFakeAnthropic } from '../support/fake-anthropic.ts';
import type { FakeReply, FakeToolCall } from '../support/fake-provider.ts';
import { startHttpService } from '../support/http-service.ts';
import { decide, promptOf, startModelMachine } from '../support/model-machine.ts';

const FLOW = {
  initial_node: 'main',
  lines: { hold: 'One moment.' },
  tools: [
    {
      id: 'find_order',
      handler_id: 'orders.find',
      description: 'Finds an order by its number',
      input_schema: {
        type: 'object',
        properties: { order: { type: 'string' } },
        required: ['order'],
      },
    },
    { id: 'cancel_order', description: 'Cancels an order' },
  ],
  nodes: [
    {
      id: 'main',
      static_text: 'How can I help?',
      edges: [{ id: 'bye', condition: 'The caller is done', target_node_id: 'end' }],
    },
    { id: 'end', static_text: 'Goodbye.', is_final: true },
  ],
};

/** Two tools, and the arguments that they were run with. */
function orderTools(find?: () => unknown) {
  const found: string[] = [];
  const cancelled: { order: string; key: string | undefined }[] = [];
  const tools: Tool[] = [
    functionTool({
      name: 'find_order',
      description: '',
      schema: z.object({ order: z.string() }),
      effect: 'read',
      run({ order }) {
        found.push(order);
        return find === undefined ? { order, state: 'on its way' } : find();
      },
    }),
    functionTool({
      name: 'cancel_order',
      description: '',
      schema: z.object({ order: z.string() }),
      run({ order }, { idempotencyKey }) {
        cancelled.push({ order, key: idempotencyKey });
        return { cancelled: order };
      },
    }),
  ];
  return { tools, found, cancelled };
}

/** A model that is never asked. */
const SILENT_MODEL: LanguageModel = {
  uri: 'custom/silent',
  structured: true,
  async *stream() {},
};

let callCount = 0;

function call(name: string, args: object | string): FakeToolCall {
  callCount += 1;
  const text = typeof args === 'string' ? args : JSON.stringify(args);
  return { id: `call_${callCount}`, name, arguments: text };
}

function calls(...toolCalls: FakeToolCall[]): FakeReply {
  return { text: '', toolCalls };
}

async function open(machine: DialogMachine): Promise<void> {
  await machine.turn({ kind: 'opened' });
}

function causes({ metadata }: TurnResult): unknown[] {
  return Array.isArray(metadata.calls)
    ? metadata.calls.map((entry) => (entry as { cause: string }).cause)
    : [];
}

describe('a tool that the model calls', () => {
  test('is run, and its answer is what the next reply speaks from', async () => {
    const { tools, found } = orderTools();
    const replies = [
      calls(call('find_order', { order: 'A7' })),
      decide('stay', 'It is on its way.'),
    ];
    await using setup = await startModelMachine(FLOW, replies, { tools });
    await open(setup.machine);

    const result = await setup.machine.turn('Where is order A7?');

    expect(result.text).toBe('It is on its way.');
    expect(found).toEqual(['A7']);
    expect(result.toolCalls).toEqual([
      {
        name: 'find_order',
        arguments: { order: 'A7' },
        result: {
          success: true,
          status: null,
          data: { order: 'A7', state: 'on its way' },
          error: null,
        },
      },
    ]);
    expect(causes(result)).toEqual(['decision', 'tool_answer']);
    const messages = setup.server.requests[1]?.body.messages as ModelMessage[];
    expect(messages.slice(-2)).toMatchObject([
      { role: 'assistant', tool_calls: [{ function: { name: 'find_order' } }] },
      { role: 'tool', content: expect.stringContaining('on its way') },
    ]);
  });

  test('is offered with what the flow says of it', async () => {
    const { tools } = orderTools();
    await using setup = await startModelMachine(FLOW, [decide('stay', 'Yes?')], { tools });
    await open(setup.machine);
    await setup.machine.turn('Well, it is about my order and my neighbour.');
    expect(setup.server.requests[0]?.body.tools).toEqual([
      {
        type: 'function',
        function: {
          name: 'find_order',
          description: 'Finds an order by its number',
          parameters: FLOW.tools[0]?.input_schema,
        },
      },
      { type: 'function', function: expect.objectContaining({ name: 'cancel_order' }) },
    ]);
  });

  test('leads to a move, and its answer is data for the flow', async () => {
    const flow = {
      ...FLOW,
      nodes: [
        {
          id: 'main',
          static_text: 'How can I help?',
          edges: [{ id: 'found', condition: 'The order was found', target_node_id: 'tell' }],
        },
        { id: 'tell', static_text: 'It is {{ find_order.data.state }}.', edges: [] },
      ],
    };
    const { tools } = orderTools();
    const replies = [calls(call('find_order', { order: 'A7' })), decide('found', '')];
    await using setup = await startModelMachine(flow, replies, { tools });
    await open(setup.machine);
    const result = await setup.machine.turn('Where is order A7?');
    expect(result.text).toBe('It is on its way.');
    expect(result.moves).toMatchObject([{ edge: 'found', by: 'model' }]);
  });

  test('is called beside others in one reply, all of which are answered in order', async () => {
    const { tools, found } = orderTools();
    const both = calls(call('find_order', { order: 'A7' }), call('find_order', { order: 'B8' }));
    await using setup = await startModelMachine(FLOW, [both, decide('stay', 'Both are.')], {
      tools,
    });
    await open(setup.machine);
    const result = await setup.machine.turn('Where are A7 and B8?');
    expect(found).toEqual(['A7', 'B8']);
    expect(result.toolCalls.map((one) => one.arguments)).toEqual([
      { order: 'A7' },
      { order: 'B8' },
    ]);
    expect(setup.server.requests).toHaveLength(2);
  });

  test('is told of in later turns, whose history does not hold it', async () => {
    const { tools } = orderTools();
    const replies = [
      calls(call('find_order', { order: 'A7' })),
      decide('stay', 'It is on its way.'),
      decide('stay', 'As I said.'),
    ];
    await using setup = await startModelMachine(FLOW, replies, { tools });
    await open(setup.machine);
    await setup.machine.turn('Where is order A7?');
    await setup.machine.turn('And what does that mean for me and my neighbour?');
    expect(promptOf(setup.server, 2)).toContain('find_order last answered');
  });

  test('goes on to the next round, four times at most', async () => {
    const { tools, found } = orderTools();
    const again = () => calls(call('find_order', { order: 'A7' }));
    const replies = [again(), again(), again(), again(), again()];
    await using setup = await startModelMachine(FLOW, replies, { tools });
    await open(setup.machine);
    const result = await setup.machine.turn('Where is order A7?');
    expect(found).toHaveLength(4);
    expect(setup.server.requests[4]?.body.tool_choice).toBe('none');
    expect(result.text).not.toBe('');
  });
});

describe('words and calls in one reply', () => {
  test('the words bridge the time of the tool', async () => {
    const { tools, found } = orderTools();
    const mixed = {
      ...decide('stay', 'Let me look.'),
      toolCalls: [call('find_order', { order: 'A7' })],
    };
    await using setup = await startModelMachine(FLOW, [mixed, decide('stay', 'On its way.')], {
      tools,
    });
    await open(setup.machine);
    const result = await setup.machine.turn('Where is order A7?');
    expect(result.text).toBe('Let me look. On its way.');
    expect(found).toEqual(['A7']);
    expect(setup.machine.flowState.visit.misses).toBe(1);
  });

  test('words before a call that are no decision are spoken all the same', async () => {
    const { tools } = orderTools();
    const mixed = { text: 'Let me look.', toolCalls: [call('find_order', { order: 'A7' })] };
    await using setup = await startModelMachine(FLOW, [mixed, decide('stay', 'On its way.')], {
      tools,
    });
    await open(setup.machine);
    const result = await setup.machine.turn('Where is order A7?');
    expect(result.text).toBe('Let me look. On its way.');
  });

  test('a decision that stays and says nothing is no decision', async () => {
    const { tools, found } = orderTools();
    const mixed = { ...decide('stay', ''), toolCalls: [call('find_order', { order: 'A7' })] };
    await using setup = await startModelMachine(FLOW, [mixed, decide('stay', 'On its way.')], {
      tools,
    });
    await open(setup.machine);
    const result = await setup.machine.turn('Where is order A7?');
    expect(result.text).toBe('On its way.');
    expect(found).toEqual(['A7']);
  });

  test('calls behind a move are left out: the conversation is elsewhere', async () => {
    const { tools, found } = orderTools();
    const mixed = { ...decide('bye', ''), toolCalls: [call('find_order', { order: 'A7' })] };
    await using setup = await startModelMachine(FLOW, [mixed], { tools });
    await open(setup.machine);
    const result = await setup.machine.turn('That was all, thank you and your team.');
    expect(result.ended).toBe(true);
    expect(found).toEqual([]);
  });
});

describe('what cannot be run is answered, not run', () => {
  test.each([
    ['a tool that is not there', 'delete_everything', '{}', /there is no such tool here/],
    ['arguments that are no JSON', 'find_order', '{"order":', /not a JSON object/],
    ['arguments that do not fit', 'find_order', '{"order":7}', /wrong arguments/],
    ['a name that all objects have', 'constructor', '{}', /there is no such tool here/],
  ])('%s', async (_, name, args, error) => {
    const { tools, found } = orderTools();
    const replies = [calls(call(name, args)), decide('stay', 'I could not find it.')];
    await using setup = await startModelMachine(FLOW, replies, { tools });
    await open(setup.machine);
    const result = await setup.machine.turn('Where is order A7?');
    expect(result.text).toBe('I could not find it.');
    expect(found).toEqual([]);
    expect(result.toolCalls[0]?.result).toMatchObject({
      success: false,
      error: expect.stringMatching(error),
    });
  });

  test('a tool that throws is a failure that the model hears of', async () => {
    const { tools } = orderTools(() => {
      throw new Error('secret of the database');
    });
    const replies = [calls(call('find_order', { order: 'A7' })), decide('stay', 'Sorry.')];
    await using setup = await startModelMachine(FLOW, replies, { tools });
    await open(setup.machine);
    const result = await setup.machine.turn('Where is order A7?');
    expect(result.text).toBe('Sorry.');
    expect(JSON.stringify(result)).not.toContain('secret of the database');
  });

  test('a tool that nobody runs is not offered, and its host is told', async () => {
    const warnings: string[] = [];
    const listen = (warning: Error) => warnings.push(warning.message);
    process.on('warning', listen);
    await using setup = await startModelMachine(FLOW, [decide('stay', 'Yes?')]);
    await open(setup.machine);
    await setup.machine.turn('Well, it is about my order and my neighbour.');
    process.off('warning', listen);
    expect(setup.server.requests[0]?.body.tools).toBeUndefined();
    expect(warnings.join()).toMatch(/find_order, cancel_order/);
  });

  test('is told once of a flow, however many calls follow it', async () => {
    const warnings: string[] = [];
    const listen = (warning: Error) => warnings.push(warning.message);
    process.on('warning', listen);
    const flow = Flow.parse({ ...FLOW, name: 'orders' });
    for (let call = 0; call < 3; call += 1) new DialogMachine({ flow, llm: SILENT_MODEL });
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', listen);
    expect(warnings.filter((message) => message.includes('"orders"'))).toHaveLength(1);
  });
});

describe('a tool that changes the world', () => {
  const cancel = () => calls(call('cancel_order', { order: 'A7' }));

  test('waits until its turn has happened, with a holding line before it', async () => {
    const { tools, cancelled } = orderTools();
    await using setup = await startModelMachine(FLOW, [cancel(), decide('stay', 'Done.')], {
      tools,
    });
    await open(setup.machine);
    const draft = setup.machine.draft('Cancel order A7.');
    const stream = draft.stream[Symbol.asyncIterator]();
    const first = await stream.next();
    expect(first.value).toMatchObject({ type: 'text', text: 'One moment.' });
    const next = stream.next();
    await new Promise((resolve) => setImmediate(resolve));
    expect(cancelled).toEqual([]);
    draft.commit();
    const chunks: StreamChunk[] = [(await next).value as StreamChunk];
    for await (const chunk of { [Symbol.asyncIterator]: () => stream }) chunks.push(chunk);
    expect(cancelled).toEqual([{ order: 'A7', key: expect.stringMatching(/^[\w-]{43}$/) }]);
    expect(chunks.map((chunk) => (chunk.type === 'text' ? chunk.text : '')).join('')).toContain(
      'Done.',
    );
  });

  test('never begins in a draft that is discarded', async () => {
    const { tools, cancelled } = orderTools();
    await using setup = await startModelMachine(FLOW, [cancel()], { tools });
    await open(setup.machine);
    const before = setup.machine.flowState;
    const draft = setup.machine.draft('Cancel order A7.');
    const stream = draft.stream[Symbol.asyncIterator]();
    await stream.next();
    const rest = stream.next();
    draft.discard();
    await expect(rest).rejects.toThrow();
    expect(cancelled).toEqual([]);
    expect(setup.machine.flowState).toEqual(before);
  });

  test('happens once, however often the model asks for the same', async () => {
    const { tools, cancelled } = orderTools();
    const twice = calls(
      call('cancel_order', { order: 'A7' }),
      call('cancel_order', { order: 'A7' }),
    );
    const replies = [twice, cancel(), decide('stay', 'Done.'), cancel(), decide('stay', 'It is.')];
    await using setup = await startModelMachine(FLOW, replies, { tools });
    await open(setup.machine);
    await setup.machine.turn('Cancel order A7.');
    const again = await setup.machine.turn('Cancel it, cancel order A7 now, whatever you say!');
    expect(cancelled).toHaveLength(1);
    expect(again.toolCalls[0]?.result).toMatchObject({ success: true, data: { cancelled: 'A7' } });
  });

  test('is not begun again when a crash left its result unknown', async () => {
    const { tools, cancelled } = orderTools();
    const replies = [cancel(), decide('stay', 'Done.'), cancel(), decide('stay', 'I am not sure.')];
    await using setup = await startModelMachine(FLOW, replies, { tools });
    const { machine } = setup;
    await open(machine);
    const saved: unknown[] = [];
    machine.checkpointBy(async () => {
      saved.push(JSON.parse(JSON.stringify(machine.flowState)));
    });
    await machine.turn('Cancel order A7.');
    const resumed = setup.another();
    resumed.loadFlowState(saved[0]);
    const result = await resumed.turn('Cancel order A7.');
    expect(cancelled).toHaveLength(1);
    expect(result.toolCalls[0]?.result).toMatchObject({
      success: false,
      error: expect.stringMatching(/result was lost/),
    });
  });

  test('that a server refused may be asked for again', async () => {
    await using service = await startHttpService((_, index) => ({
      status: index === 0 ? 503 : 200,
    }));
    const flow = {
      ...FLOW,
      tools: [{ id: 'book', type: 'http', url: `${service.url}/book`, input_schema: {} }],
    };
    const book = () => calls(call('book', { day: 'Monday' }));
    const replies = [book(), book(), decide('stay', 'Booked.')];
    await using setup = await startModelMachine(flow, replies, { http: { allowPrivate: true } });
    await open(setup.machine);
    const result = await setup.machine.turn('Book a table for Monday please.');
    expect(result.toolCalls.map((one) => one.result.success)).toEqual([false, true]);
    const keys = service.requests.map(({ headers }) => headers['idempotency-key']);
    expect(keys[0]).toBe(keys[1]);
    expect(service.requests[0]?.body).toEqual({ day: 'Monday' });
  });
});

test('values that a tool answered may be recorded: they are grounded', async () => {
  const flow = {
    ...FLOW,
    slots: { due: { type: 'date' } },
  };
  const { tools } = orderTools(() => ({ due: '2026-03-20' }));
  const replies = [
    calls(call('find_order', { order: 'A7' })),
    decide('stay', 'On the twentieth.', { due: '2026-03-20' }),
  ];
  await using setup = await startModelMachine(flow, replies, { tools });
  await open(setup.machine);
  await setup.machine.turn('When will order A7 come?');
  expect(setup.machine.flowState.slots).toEqual({ due: '2026-03-20' });
});

describe('where tools are on offer', () => {
  const node = (id: string, more: object) => ({
    id,
    static_text: `At ${id}.`,
    edges: [{ id: `${id}_on`, match: { dtmf: '1' }, target_node_id: 'b', condition: 'go on' }],
    ...more,
  });
  const flow = {
    initial_node: 'a',
    tools: [{ id: 'one' }, { id: 'two' }],
    nodes: [node('a', { tools: ['two'] }), node('b', { tools: [] })],
  };
  const tool = (name: string) =>
    functionTool({ name, description: name, schema: z.object({}), run: () => null });
  const toolsIn = (body: Record<string, unknown> | undefined) =>
    Array.isArray(body?.tools) ? body.tools.map((entry) => entry.function.name) : [];

  test('a node offers those it names, any other node all of the flow, and the host its own everywhere', async () => {
    const tools = ['one', 'two', 'of_the_host'].map(tool);
    const replies = [decide('stay', 'Yes?'), decide('stay', 'Yes?')];
    await using setup = await startModelMachine(flow, replies, { tools });
    await open(setup.machine);
    await setup.machine.turn('Let me tell you about my neighbour.');
    await setup.machine.turn({ kind: 'dtmf', digits: '1' });
    await setup.machine.turn('Let me tell you about my neighbour.');
    expect(toolsIn(setup.server.requests[0]?.body)).toEqual(['two', 'of_the_host']);
    expect(toolsIn(setup.server.requests[1]?.body)).toEqual(['one', 'two', 'of_the_host']);
  });

  test('without a model there is nothing to offer them to', async () => {
    const machine = machineOf(flow, { tools: [tool('one'), tool('two')] });
    await open(machine);
    expect((await machine.turn('Hello?')).toolCalls).toEqual([]);
  });
});

test('Claude gets its signed thoughts back with the answer', async () => {
  const { tools } = orderTools();
  const thought = 'The order is asked for.';
  const replies = [
    calls({ ...call('find_order', { order: 'A7' }), thought }),
    decide('stay', 'It is on its way.'),
  ];
  await using server = await startFakeAnthropic((_, index) => replies[index] ?? { status: 500 });
  const machine = machineOf(FLOW, { tools, llm: `anthropic/fake@${server.url}` });
  await open(machine);
  const result = await machine.turn('Where is order A7?');
  expect(result.text).toBe('It is on its way.');
  const messages = JSON.stringify(server.requests[1]?.body.messages);
  expect(messages).toContain(thought);
  expect(messages).toMatch(/"type":"tool_use".*"type":"tool_result"/);
});
