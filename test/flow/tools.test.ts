import { describe, expect, test } from 'vitest';
import { FlowError, type FlowProblem } from '../../src/flow/errors.ts';
import { Flow } from '../../src/flow/flow.ts';

/** A flow of two nodes; `atFirst` are the tools of the first one. */
function flowWith(tools: readonly object[], atFirst?: readonly unknown[] | null): Flow {
  return Flow.parse({
    initial_node: 'first',
    tools,
    nodes: [
      { id: 'first', static_text: 'Hello.', ...(atFirst !== undefined && { tools: atFirst }) },
      { id: 'second', static_text: 'Goodbye.' },
    ],
  });
}

function toolsAt(flow: Flow, node: string): readonly string[] | undefined {
  return flow.nodes.get(node)?.tools;
}

function problemsOf(load: () => unknown): readonly FlowProblem[] {
  try {
    load();
  } catch (error) {
    if (error instanceof FlowError) return error.problems;
    throw error;
  }
  return [];
}

describe('the tools on offer', () => {
  const all = [{ id: 'weather' }, { id: 'rates' }];

  test.each([
    ['no list', undefined],
    ['null', null],
    ['an empty list, as editors write it', []],
  ])('at a node with %s are all of the flow', (_, listed) => {
    expect(toolsAt(flowWith(all, listed), 'first')).toEqual(['weather', 'rates']);
  });

  test('at a node with a list are those of the list, in its order', () => {
    const flow = flowWith(all, ['rates', { id: 'stock' }, 'weather']);
    expect(toolsAt(flow, 'first')).toEqual(['rates', 'stock', 'weather']);
  });

  test('a tool written at one node is on offer at no other', () => {
    const flow = flowWith(all, [{ id: 'stock' }]);
    expect([...flow.tools.keys()]).toEqual(['weather', 'rates', 'stock']);
    expect(toolsAt(flow, 'second')).toEqual(['weather', 'rates']);
  });
});

describe('a tool', () => {
  const read = (tool: object) => [...flowWith([tool]).tools.values()][0];

  test.each([undefined, 'python'])('of type %s is a function of the host', (type) => {
    expect(read({ id: 'weather', ...(type !== undefined && { type }) })).toEqual({
      id: 'weather',
      handler: 'weather',
      source: { type: 'host' },
    });
    expect(read({ id: 'weather', type, handler_id: 'w1' })?.handler).toBe('w1');
  });

  test('takes its name where it has no description', () => {
    expect(read({ id: 'w', name: 'Weather', description: '' })?.description).toBe('Weather');
    expect(read({ id: 'w', name: 'Weather', description: 'Tells.' })?.description).toBe('Tells.');
  });

  test('has an object of arguments, which are slots too', () => {
    const properties = { day: { type: 'string', format: 'date' } };
    const flow = flowWith([{ id: 'w', input_schema: { properties } }]);
    expect(flow.tools.get('w')?.inputSchema).toEqual({ type: 'object', properties });
    expect(flow.slots.get('day')?.type).toBe('date');
    expect(read({ id: 'w', effect: 'read' })).toMatchObject({ effect: 'read' });
  });

  test('of type http is a request', () => {
    const url = 'https://api.example.com/orders/{order}';
    expect(read({ id: 'w', type: 'http', url })?.source).toEqual({
      type: 'http',
      url,
      method: 'POST',
      headers: {},
    });
    const headers = [{ key: 'x-n', value: 1 }];
    const auth = { type: 'bearer', token: 't' };
    expect(
      read({ id: 'w', type: 'http', url, method: 'GET', headers, auth })?.source,
    ).toMatchObject({ method: 'GET', headers: { 'x-n': '1', authorization: 'Bearer t' } });
  });

  test('of type mcp is one of a server', () => {
    const server = 'https://tools.example.com/mcp';
    expect(read({ id: 'w', type: 'mcp', server })?.source).toEqual({ type: 'mcp', server });
  });
});

describe('a bad tool is refused at its place', () => {
  const http = { id: 'w', type: 'http' };
  const mcp = { id: 'w', type: 'mcp' };

  test.each<[string, object, string, RegExp]>([
    ['a name that no model can call', { id: 'book a table' }, 'id', /1 to 64 letters/],
    ['a name that is too long', { id: 'x'.repeat(65) }, 'id', /1 to 64 letters/],
    ['no id', { name: 'w' }, 'id', /expected string/],
    ['an unknown type', { id: 'w', type: 'grpc' }, 'type', /python/],
    ['http without an address', http, 'url', /expected a URL such as/],
    ['a relative address', { ...http, url: '/orders' }, 'url', /absolute/],
    ['an argument for a host', { ...http, url: 'https://{host}/x' }, 'url', /path or query only/],
    ['a template in an address', { ...http, url: 'https://a.b/{{ x }}' }, 'url', /placeholders/],
    ['another scheme', { ...http, url: 'file:///etc/{x}' }, 'url', /expected a URL such as/],
    ['auth without a token', { ...http, auth: { type: 'bearer' } }, 'auth.token', /string/],
    ['mcp without a server', mcp, 'server', /address of its server/],
    ['mcp by a command', { ...mcp, server: 'npx tools' }, 'server', /address of its server/],
  ])('%s', (_, tool, field, message) => {
    const problem = { message: expect.stringMatching(message) };
    expect(problemsOf(() => flowWith([tool]))).toContainEqual(
      expect.objectContaining({ field: `tools[0].${field}`, ...problem }),
    );
    expect(problemsOf(() => flowWith([], [tool]))).toContainEqual(
      expect.objectContaining({ node: 'first', field: `tools[0].${field}`, ...problem }),
    );
  });

  test('one id for two tools', () => {
    const twice = { message: expect.stringMatching(/"w" stands twice/) };
    expect(problemsOf(() => flowWith([{ id: 'w' }, { id: 'w' }]))).toEqual([
      expect.objectContaining({ field: 'tools[1]', ...twice }),
    ]);
    expect(problemsOf(() => flowWith([{ id: 'w' }], [{ id: 'w' }]))).toEqual([
      expect.objectContaining({ node: 'first', field: 'tools[0]', ...twice }),
    ]);
  });
});
