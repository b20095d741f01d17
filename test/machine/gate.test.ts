import { beforeAll, describe, expect, test } from 'vitest';
import { expectTalk, keys, machineOf, opened, say } from '../support/conversation.ts';
import { startHttpService } from '../support/http-service.ts';
import { askedToDecide, decide, startModelMachine } from '../support/model-machine.ts';

// Loading the SDK takes longer than a reply may.
beforeAll(() => import('openai'));

const SPOKEN_BY_MODEL = 'Words that belong to the refused move.';
const ASKED_AGAIN = 'Then let me ask once more.';

/** A node that a model speaks for, with the given fields. */
function flow(fields: string, rest = ''): string {
  return `
    initial_node: ask
    slots:
      day: { type: date }
      city: { type: enum, values: [Paris, Rome] }
    nodes:
      - id: ask
        instruction: Ask where the caller wants to go.
        static_text: Where do you want to go?
${fields.replaceAll(/^/gm, '        ')}
      - { id: b, static_text: This is b. }
      - { id: c, static_text: This is c. }
${rest}
  `;
}

test.each([
  [
    'an edge that does not exist',
    'fly',
    'edges: [{ id: go_b, condition: Fine., target_node_id: b }]',
    /^offered/,
  ],
  [
    'an edge of another node',
    'elsewhere',
    'edges: [{ id: go_b, condition: Fine., target_node_id: b }]',
    /^offered/,
  ],
  [
    'a fallback edge',
    'lost',
    'edges: [{ id: lost, condition: Lost., is_fallback: true, target_node_id: b }]',
    /^offered/,
  ],
  [
    'a way back where there is none',
    'return',
    'edges: [{ id: go_b, condition: Fine., target_node_id: b }]',
    /^offered/,
  ],
  [
    'the place where the call is',
    'ask',
    'edges: [{ id: go_b, condition: Fine., target_node_id: b }]',
    /^offered/,
  ],
  [
    'a node that two edges lead to',
    'b',
    'edges: [{ id: x, condition: Fine., target_node_id: b }, { id: y, condition: Good., target_node_id: b }]',
    /^offered/,
  ],
  [
    'an edge whose guard is false',
    'go_b',
    'edges: [{ id: go_b, condition: Fine., guard: paid, target_node_id: b }]',
    /^guard go_b/,
  ],
  [
    'an edge whose slots are missing',
    'go_b',
    'edges: [{ id: go_b, condition: Fine., target_node_id: b, input_schema: { type: object, properties: { day: {} }, required: [day] } }]',
    /^slots go_b/,
  ],
  [
    'an edge whose criteria are missing',
    'go_b',
    'edges: [{ id: go_b, condition: Fine., target_node_id: b, criteria: [{ key: day }] }]',
    /^slots go_b/,
  ],
  [
    'leaving with criteria unmet',
    'go_b',
    'completion_criteria: [{ key: day, description: The day. }]\nedges: [{ id: go_b, condition: Fine., target_node_id: b }]',
    /^criteria go_b/,
  ],
])(
  'a model cannot take %s: its words are not spoken, and it costs one more call at most',
  async (_, go, fields, refused) => {
    const rest = `      - { id: d, static_text: D., edges: [{ id: elsewhere, condition: Away., target_node_id: b }] }`;
    await using talk = await startModelMachine(flow(fields, rest), [
      decide(go, SPOKEN_BY_MODEL),
      { text: ASKED_AGAIN },
    ]);
    await say(talk.machine, opened);
    const seen = await say(talk.machine, 'bananas');
    expect(seen).toMatchObject({ at: 'ask', moves: [], text: ASKED_AGAIN, calls: 2 });
    expect(seen.refused).toEqual([expect.stringMatching(refused)]);
    expect(askedToDecide(talk.server, 1)).toBe(false);
  },
);

test('where the question is fixed, a refused move costs no further call', async () => {
  const fixed = flow('edges: [{ id: go_b, condition: Fine., target_node_id: b }]').replace(
    /\n.*instruction: .*/,
    '',
  );
  await using talk = await startModelMachine(fixed, [decide('fly', SPOKEN_BY_MODEL)]);
  await expectTalk(talk.machine, [
    [opened, {}],
    [
      'bananas',
      { at: 'ask', text: /Where do you want to go\?$/, calls: 1, refused: ['offered fly'] },
    ],
  ]);
});

test('the id of a node stands for the one edge that leads there', async () => {
  await using talk = await startModelMachine(
    flow(
      'edges: [{ id: go_b, condition: Fine., target_node_id: b }, { id: go_c, condition: Else., target_node_id: c }]',
    ),
    [decide('b', '')],
  );
  await expectTalk(talk.machine, [
    [opened, {}],
    ['bananas', { moves: ['go_b → b (model)'], calls: 1 }],
  ]);
});

test('values of a refused move are kept', async () => {
  await using talk = await startModelMachine(
    flow(
      'edges: [{ id: go_b, condition: Fine., target_node_id: b, input_schema: { type: object, properties: { day: {}, city: {} }, required: [day, city] } }]',
    ),
    [decide('go_b', SPOKEN_BY_MODEL, { city: 'Rome' }), { text: ASKED_AGAIN }],
  );
  await expectTalk(talk.machine, [
    [opened, {}],
    ['the eternal one', { slots: { city: 'Rome' }, refused: ['slots go_b'], text: ASKED_AGAIN }],
  ]);
});

test('a required slot from an earlier turn counts', async () => {
  await using talk = await startModelMachine(
    flow(
      'edges: [{ id: go_b, condition: Fine., target_node_id: b, input_schema: { type: object, properties: { day: {} }, required: [day] } }]',
    ),
    [decide('stay', 'Hm.'), decide('go_b', '')],
  );
  await expectTalk(talk.machine, [
    [opened, {}],
    [
      'it could be Friday or so I believe, who knows with all that rain',
      { slots: { day: '2026-03-06' } },
    ],
    ['as I said', { moves: ['go_b → b (model)'] }],
  ]);
});

test('the third self-loop in a row that changes no slot is refused; a change makes room for more', async () => {
  const loop = flow(
    'collect: [city]\nedges: [{ id: again, condition: Again., target_node_id: ask }]',
  ).replace(/\n.*static_text: Where.*/, '');
  const again = decide('again', 'Once more.');
  await using talk = await startModelMachine(loop, [
    { text: 'Where?' },
    again,
    again,
    decide('again', SPOKEN_BY_MODEL),
    { text: ASKED_AGAIN },
    decide('again', 'Rome then.', { city: 'Rome' }),
  ]);
  await expectTalk(talk.machine, [
    [opened, { text: 'Where?' }],
    ['bananas', { moves: ['again → ask (model)'] }],
    ['pears', { moves: ['again → ask (model)'] }],
    ['plums', { moves: [], refused: ['self_loop again'], text: ASKED_AGAIN }],
    ['the eternal one', { moves: ['again → ask (model)'], slots: { city: 'Rome' } }],
  ]);
});

describe('completion criteria', () => {
  const NODE = `completion_criteria: [{ key: day, description: The day. }, { key: city, description: The city. }]
edges: [{ id: go_b, condition: Fine., target_node_id: b }]`;
  const go = decide('go_b', SPOKEN_BY_MODEL);
  const words = { text: ASKED_AGAIN };

  test('a caller who insists in a later turn gets through', async () => {
    await using talk = await startModelMachine(flow(NODE), [go, words, go]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['just do it', { refused: ['criteria go_b'], at: 'ask', text: ASKED_AGAIN }],
      ['I said do it', { moves: ['go_b → b (model)'], text: 'This is b.' }],
    ]);
  });

  test('a turn that fills one of several missing keys is no insisting', async () => {
    await using talk = await startModelMachine(flow(NODE), [
      go,
      words,
      decide('go_b', SPOKEN_BY_MODEL, { city: 'Rome' }),
      words,
      go,
    ]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['just do it', { refused: ['criteria go_b'] }],
      ['the eternal one', { refused: ['criteria go_b'], at: 'ask', slots: { city: 'Rome' } }],
      ['now do it', { moves: ['go_b → b (model)'] }],
    ]);
  });

  test('allow_skip: false never lets anyone through', async () => {
    const strict = flow(`allow_skip: false\n${NODE}`);
    await using talk = await startModelMachine(strict, [go, words, go, words, go, words]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['just do it', { refused: ['criteria go_b'], at: 'ask' }],
      ['I said do it', { refused: ['criteria go_b'], at: 'ask' }],
    ]);
  });

  test('once all required ones are there, the way is open', async () => {
    await using talk = await startModelMachine(flow(`allow_skip: false\n${NODE}`), [
      decide('go_b', '', { city: 'Rome' }),
    ]);
    await expectTalk(talk.machine, [
      [opened, {}],
      [
        'the eternal one, on Friday, with my wife and all of our nine children',
        { moves: ['go_b → b (model)'] },
      ],
    ]);
  });

  test('one that is not required swallows nothing the caller says', async () => {
    const optional =
      flow(`completion_criteria: [{ key: note, description: A remark., required: false }]
edges: [{ id: go_b, condition: Fine., target_node_id: b }]`);
    await using talk = await startModelMachine(optional, [decide('go_b', '')]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['bananas', { moves: ['go_b → b (model)'], slots: {} }],
    ]);
  });

  test('they hold back no global edge', async () => {
    const withGlobal = `${flow(`allow_skip: false\n${NODE}`)}
    global_edges: [{ id: person, condition: Wants a person., target_node_id: c, detour: false }]`;
    await using talk = await startModelMachine(withGlobal, [decide('person', '')]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['bananas', { moves: ['person → c (model)'] }],
    ]);
  });

  test('they hold back no fallback edge', async () => {
    const worn = flow(`allow_skip: false
max_turns: 1
completion_criteria: [{ key: day, description: The day. }]
edges: [{ id: lost, is_fallback: true, target_node_id: c }]`).replace(/\n.*instruction: .*/, '');
    await expectTalk(machineOf(worn), [
      [opened, {}],
      ['bananas', { at: 'ask' }],
      ['bananas', { moves: ['lost → c (max_turns)'], refused: [] }],
    ]);
  });

  test('they hold back a move that no model proposed, too', async () => {
    const matched = flow(`allow_skip: false
completion_criteria: [{ key: day, description: The day. }]
edges: [{ id: go_b, match: { examples: [just do it] }, target_node_id: b }]`).replace(
      /\n.*instruction: .*/,
      '',
    );
    await using talk = await startModelMachine(matched, [decide('stay', 'Where to?')]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['just do it', { refused: ['criteria go_b'], at: 'ask' }],
    ]);
  });
});

describe('the words of a node come before its moves', () => {
  const EDGES =
    'edges: [{ id: go_b, condition: Fine., match: { examples: [take me to b] }, target_node_id: b }]';

  test('a caller who speaks before the opening is moved by no model', async () => {
    await using talk = await startModelMachine(flow(EDGES), [
      decide('go_b', SPOKEN_BY_MODEL),
      { text: ASKED_AGAIN },
      decide('go_b', ''),
    ]);
    await expectTalk(talk.machine, [
      ['bananas', { at: 'ask', moves: [], refused: ['words go_b'], text: ASKED_AGAIN }],
    ]);
  });

  test('nor by what needs none', async () => {
    const machine = machineOf(flow(EDGES));
    await expectTalk(machine, [
      ['take me to b', { at: 'ask', refused: ['words go_b'], text: /Where do you want to go/ }],
      ['take me to b', { at: 'b', moves: ['go_b → b (example)'] }],
    ]);
  });

  test('keys typed ahead need not wait for them', async () => {
    const machine = machineOf(
      flow('edges: [{ id: go_b, match: { dtmf: "1" }, target_node_id: b }]'),
    );
    await expectTalk(machine, [[keys('1'), { at: 'b', moves: ['go_b → b (dtmf)'] }]]);
  });
});

describe('the end of a call', () => {
  const ends = (fields: string) => `
    initial_node: start
    nodes:
      - id: start
${fields.replaceAll(/^/gm, '        ')}
      - { id: on, static_text: How can I help?, edges: [{ id: bye, match: { examples: [goodbye] }, target_node_id: end }] }
      - { id: end, static_text: Goodbye., is_final: true }
  `;
  const WAYS = `edges:
  - { id: help, condition: We are open., target_node_id: on }
  - { id: closed, condition: We are closed., target_node_id: end }`;

  test('is not for a model to bring about before the caller has said anything', async () => {
    await using talk = await startModelMachine(
      ends(`auto_proceed: true\nstatic_text: Welcome.\n${WAYS}`),
      [decide('closed', ''), decide('closed', '')],
    );
    await expectTalk(talk.machine, [
      [opened, { at: 'start', text: 'Welcome.', refused: ['words closed'], ended: false }],
      ['hello', { at: 'end', ended: true }],
    ]);
  });

  test('may come at once where a router leads to it', async () => {
    await using talk = await startModelMachine(ends(`node_type: router\n${WAYS}`), [
      decide('closed', ''),
    ]);
    await expectTalk(talk.machine, [[opened, { text: 'Goodbye.', ended: true, refused: [] }]]);
  });

  test('may come at once where the flow itself says so: an office that is closed', async () => {
    const closed = ends(
      'static_text: We are closed.\nedges: [{ id: so, condition: always, target_node_id: end }]',
    );
    await expectTalk(machineOf(closed), [
      [opened, { text: 'We are closed. Goodbye.', ended: true }],
    ]);
  });
});

test('a required value that an action has brought need not be asked for', async () => {
  await using api = await startHttpService(() => ({ body: { id: 'p-1' } }));
  const file = `${flow(`actions: [{ trigger: on_enter, action_id: find }]
edges: [{ id: go_b, condition: Fine., target_node_id: b, input_schema: { type: object, properties: { player: {} }, required: [player] } }]`)}
    actions:
      - id: find
        method: GET
        url: ${api.url}/player
        env_updates: [{ env_key: player, result_path: data.id }]`;
  await using talk = await startModelMachine(file, [decide('go_b', '')], {
    http: { allowPrivate: ['127.0.0.1'] },
  });
  await expectTalk(talk.machine, [
    [opened, {}],
    ['bananas', { moves: ['go_b → b (model)'], refused: [] }],
  ]);
});
