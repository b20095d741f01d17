import { describe, expect, test } from 'vitest';
import { predicateOf } from '../../src/flow/condition.ts';
import { Flow } from '../../src/flow/flow.ts';
import type { Edge, FlowNode } from '../../src/flow/types.ts';

function nodeOf(fields: object): FlowNode {
  const node = { id: 'a', ...fields };
  const found = Flow.parse({ initial_node: 'a', nodes: [node] }).nodes.get('a');
  if (found === undefined) throw new Error('no node');
  return found;
}

function edgeOf(fields: object): Edge {
  const [edge] = nodeOf({ edges: [{ id: 'x', target_node_id: 'a', ...fields }] }).edges;
  if (edge === undefined) throw new Error('no edge');
  return edge;
}

describe('the type of a node', () => {
  test.each([
    [{ is_final: true, node_type: 'router' }, 'final'],
    [{ node_type: 'instruction', static_text: 'Hello.' }, 'instruction'],
    [{ node_type: 'final' }, 'final'],
    [{ static_text: 'Hello.' }, 'static'],
    [{ static_text: 'Hello.', instruction: 'Greet.' }, 'instruction'],
    [{ static_text: 'Hello.', instruction: '   ' }, 'static'],
    [{ instruction: 'Ask for the name.' }, 'instruction'],
    [{ instruction: 'Silent router: decide where to go. Do not say anything.' }, 'router'],
    [{ instruction: 'Evaluate. Never output any text.' }, 'router'],
    [{ instruction: 'Ask for the name, but do not say the price.' }, 'instruction'],
    [{ instruction: 'Do not mention the price. Ask whether they want it.' }, 'instruction'],
    [{ instruction: '' }, 'router'],
    [{ static_text: '' }, 'router'],
    [{}, 'router'],
  ])('%j is %s', (fields, type) => {
    expect(nodeOf(fields).type).toBe(type);
  });
});

describe('a condition that is a predicate on data is a guard', () => {
  test.each([
    ['x.success is true', 'x.success == true'],
    ['x.success is not true', 'x.success != true'],
    ['x.status == 409', 'x.status == 409'],
    ['x.success == False and x.status >= 500', 'x.success == false and x.status >= 500'],
    ['kind equals \'gold\' or kind == "silver"', 'kind == \'gold\' or kind == "silver"'],
    ['result is None', 'result == none'],
    ['count < -1.5', 'count < -1.5'],
  ])('%j', (condition, guard) => {
    expect(predicateOf(condition)).toBe(guard);
    const edge = edgeOf({ condition });
    expect(edge.guard?.source).toBe(guard);
    expect(edge.condition).toBe('');
  });

  test.each([
    ['The caller is happy'],
    ['x.success is true and the caller agrees'],
    ['user is interested'],
    ['status == 409 or so'],
    ['the account is true'],
    ['always'],
    [''],
    ['x'],
    ['import os == 1'],
  ])('%j is none', (condition) => {
    expect(predicateOf(condition)).toBeUndefined();
  });

  test('it holds on the data it speaks of', () => {
    const { guard } = edgeOf({ condition: 'x.success is true and x.status == 200' });
    expect(guard?.test({ x: { success: true, status: 200 } })).toBe(true);
    expect(guard?.test({ x: { success: true, status: 500 } })).toBe(false);
    expect(guard?.test({ x: {} })).toBe(false);
    expect(guard?.test({})).toBe(false);
  });

  test('a guard that is given goes before it', () => {
    expect(edgeOf({ condition: 'x == 1', guard: 'y' }).guard?.source).toBe('y');
  });
});

test('a condition "always" is match.always', () => {
  expect(edgeOf({ condition: ' Always ' })).toMatchObject({
    condition: '',
    match: { always: true },
  });
});

describe('declared slots', () => {
  const FLOW = {
    initial_node: 'a',
    system_prompt:
      '{{ in_prompt }} {{ call.number }} {{ env }} {% for item in list %}{{ item }}{{ loop.index }}{% endfor %}',
    environment_variables: { env: 'x' },
    slots: { typed: { type: 'date' } },
    nodes: [
      {
        id: 'a',
        static_text:
          "{{ in_text.member }} {{ other | default('x') }} {{ spoken.typed }} {{ set_by_edge }}",
        collect: ['collected', 'typed'],
        completion_criteria: [{ key: 'criterion', description: 'The criterion.' }],
        edges: [
          {
            id: 'x',
            target_node_id: 'a',
            guard: 'guarded > 3 and items | selectattr("x", "equalto", wanted) | list | length > 0',
            set: { set_by_edge: '{{ in_set }}' },
            input_schema: {
              type: 'object',
              properties: {
                party: { type: 'integer', description: 'How many.' },
                colour: { type: 'string', enum: ['red', 'blue'] },
                born: { type: 'string', format: 'date' },
                typed: { type: 'string' },
              },
            },
            criteria: [{ key: 'edge_criterion' }],
          },
        ],
      },
    ],
  };
  const { slots } = Flow.parse(FLOW);

  test('are those of slots, collect, criteria, schemas, templates and guards, and no others', () => {
    expect([...slots.keys()].sort()).toEqual(
      [
        'born',
        'collected',
        'colour',
        'criterion',
        'edge_criterion',
        'guarded',
        'in_prompt',
        'in_set',
        'in_text',
        'items',
        'list',
        'other',
        'party',
        'typed',
        'wanted',
      ].sort(),
    );
  });

  test('have the type of their declaration, and the one in slots wins', () => {
    expect(slots.get('typed')?.type).toBe('date');
    expect(slots.get('party')).toMatchObject({ type: 'integer', description: 'How many.' });
    expect(slots.get('colour')).toMatchObject({
      type: 'enum',
      options: [{ value: 'red' }, { value: 'blue' }],
    });
    expect(slots.get('born')?.type).toBe('date');
    expect(slots.get('criterion')).toMatchObject({ type: 'text', description: 'The criterion.' });
  });

  test('an edge requires what its schema and its criteria require', () => {
    const edge = edgeOf({
      input_schema: { type: 'object', properties: { p: {}, q: {} }, required: ['p'] },
      criteria: [{ key: 'r' }, { key: 's', required: false }],
    });
    expect(edge.requires).toEqual(['p', 'r']);
  });
});

test('names of the original have their aliases', () => {
  const base = { initial_node: 'a', nodes: [{ id: 'a' }] };
  const list = [{ key: 'k', value: 'v' }];
  for (const name of ['environment_variables', 'env_vars']) {
    expect(Flow.parse({ ...base, [name]: { k: 'v' } }).environment).toEqual({ k: 'v' });
    expect(Flow.parse({ ...base, [name]: list }).environment).toEqual({ k: 'v' });
  }
  const action = [{ id: 'x', method: 'GET', url: 'http://x' }];
  expect(Flow.parse({ ...base, global_actions: action }).nodes.size).toBe(1);
});

test('null stands for what is not given', () => {
  const nothing = {
    id: 'a',
    instruction: null,
    static_text: 'A.',
    is_final: null,
    node_type: null,
    auto_proceed: null,
    edges: [
      {
        id: 'x',
        target_node_id: 'a',
        guard: null,
        input_schema: null,
        criteria: null,
        is_fallback: null,
        actions: null,
      },
    ],
    actions: null,
    completion_criteria: null,
    allow_skip: null,
    max_turns: null,
    interruptible: null,
    tools: null,
  };
  expect(nodeOf(nothing)).toMatchObject({
    type: 'static',
    allowSkip: true,
    autoProceed: false,
    collect: [],
  });
});

test('a flow cannot be changed', () => {
  const flow = Flow.parse({ initial_node: 'a', nodes: [{ id: 'a' }] });
  expect(() => Object.assign(flow, { initialNode: 'b' })).toThrow(TypeError);
});

describe('an export of a React Flow editor', () => {
  const EXPORT = {
    config: {
      initialNodeId: 'n1',
      systemPrompt: 'You are a shop.',
      agentLanguage: 'en',
      envVars: [{ key: 'shop', value: 'Corner' }],
    },
    nodes: [
      {
        id: 'n1',
        type: 'custom',
        position: { x: 0, y: 0 },
        data: { label: 'Hello', staticText: '{{ shop }}, hello.', autoProceed: true },
      },
      {
        id: 'n2',
        data: {
          label: 'Ask',
          instruction: 'Ask what they want.',
          completionCriteria: [{ key: 'wish' }],
        },
      },
      { id: 'n3', data: { label: 'End', staticText: 'Bye.', isFinal: true } },
    ],
    edges: [
      { id: 'e1', source: 'n1', target: 'n2', label: 'always' },
      {
        id: 'e2',
        source: 'n2',
        target: 'n3',
        data: { condition: 'They told it.', isFallback: false },
      },
      { id: 'e3', source: 'n2', target: 'n1', label: 'They are lost.', data: { isFallback: true } },
    ],
    viewport: { x: 0, y: 0, zoom: 1 },
  };

  test('is the flow it draws', () => {
    const flow = Flow.parse(EXPORT);
    expect(flow.initialNode).toBe('n1');
    expect(flow.systemPrompt.source).toBe('You are a shop.');
    expect(flow.environment).toEqual({ shop: 'Corner' });
    expect([...flow.nodes.values()].map(({ id, name, type }) => [id, name, type])).toEqual([
      ['n1', 'Hello', 'static'],
      ['n2', 'Ask', 'instruction'],
      ['n3', 'End', 'final'],
    ]);
    expect(flow.nodes.get('n1')?.edges).toMatchObject([
      { id: 'e1', target: 'n2', match: { always: true } },
    ]);
    expect(flow.nodes.get('n2')?.edges).toMatchObject([
      { id: 'e2', target: 'n3', condition: 'They told it.', isFallback: false },
      { id: 'e3', target: 'n1', condition: 'They are lost.', isFallback: true },
    ]);
  });

  test('without a word on where to begin it begins with its first node', () => {
    const { config: _, ...rest } = EXPORT;
    expect(Flow.parse(rest).initialNode).toBe('n1');
  });

  test('with an edge to nowhere is refused by node and edge', () => {
    const edges = [{ id: 'e1', source: 'n1', target: 'n9' }];
    expect(() => Flow.parse({ ...EXPORT, edges })).toThrow(/node "n1", edge "e1".*no node "n9"/);
  });

  test('with an edge from nowhere is refused, not ignored', () => {
    const edges = [...EXPORT.edges, { id: 'e9', source: 'n9', target: 'n1' }];
    expect(() => Flow.parse({ ...EXPORT, edges })).toThrow(/e9/);
  });
});
