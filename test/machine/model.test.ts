import { beforeAll, describe, expect, test } from 'vitest';
import { expectTalk, keys, machineOf, opened, say, seenIn } from '../support/conversation.ts';
import { startFakeAnthropic } from '../support/fake-anthropic.ts';
import { askedToDecide, decide, promptOf, startModelMachine } from '../support/model-machine.ts';

// Loading the SDKs takes longer than a reply may.
beforeAll(() => Promise.all([import('openai'), import('@anthropic-ai/sdk')]));

const HOTEL = `
  system_prompt: You are the desk of {{ hotel }}.
  initial_node: wish
  environment_variables: { hotel: The Grand }
  slots:
    nights: { type: integer }
    arrival: { type: date }
    room: { type: enum, values: [single, double] }
    note: { type: text }
    code: { type: digits, length: 4, confirm: true }
  lines: { no_match: [Pardon?, Sorry?], recovery: [One moment please., Once more please.] }
  global_edges:
    - { id: person, condition: The caller asks for a person., match: { examples: [a person please] }, target_node_id: desk, detour: false }
    - { id: parking, condition: The caller asks about parking., target_node_id: parking }
  nodes:
    - id: wish
      instruction: Find out whether the caller wants a room.
      edges:
        - { id: book, condition: The caller wants a room., match: { examples: [a room please] }, target_node_id: dates }
        - { id: leave, condition: The caller wants nothing., target_node_id: bye }
        - { id: lost, is_fallback: true, target_node_id: desk }
    - id: dates
      instruction: Ask for the day of arrival and the number of nights.
      edges:
        - id: dates_known
          condition: Arrival and nights are known.
          target_node_id: bye
          input_schema: { type: object, properties: { arrival: {}, nights: {} }, required: [arrival, nights] }
    - id: parking
      instruction: Say that there is a garage, and ask if that is all about parking.
      edges: [{ id: garage, condition: The caller wants a place in it., target_node_id: dates }]
    - { id: desk, static_text: I connect you., is_final: true }
    - { id: bye, static_text: "Goodbye from {{ hotel }}.", is_final: true }
`;

describe('what a turn costs', () => {
  test('nothing where the flow decides and the words are fixed', async () => {
    await using talk = await startModelMachine(HOTEL, [{ text: 'Welcome.' }]);
    await expectTalk(talk.machine, [
      [opened, { text: 'Welcome.', calls: 1 }],
      ['a person please', { text: 'I connect you.', calls: 0 }],
    ]);
    expect(talk.server.requests).toHaveLength(1);
  });

  test('one call for words alone where the flow decides and only a model can speak', async () => {
    await using talk = await startModelMachine(HOTEL, [{ text: 'Welcome.' }, { text: 'When?' }]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['a room please', { text: 'When?', moves: ['book → dates (example)'], calls: 1 }],
    ]);
    expect(askedToDecide(talk.server, 1)).toBe(false);
  });

  test('one call that decides and speaks where the flow cannot decide', async () => {
    await using talk = await startModelMachine(HOTEL, [
      { text: 'Welcome.' },
      decide('book', 'With pleasure. When do you arrive?'),
      decide('stay', 'In March? And which day?'),
    ]);
    await expectTalk(talk.machine, [
      [opened, {}],
      [
        'my wife and I would love to see the city',
        { text: 'With pleasure. When do you arrive?', moves: ['book → dates (model)'], calls: 1 },
      ],
      ['in spring', { text: 'In March? And which day?', at: 'dates', moves: [], calls: 1 }],
    ]);
    expect(talk.server.requests).toHaveLength(3);
    expect(talk.machine.chatCtx.items.map(({ role, content }) => `${role}: ${content}`)).toEqual([
      'assistant: Welcome.',
      'user: my wife and I would love to see the city',
      'assistant: With pleasure. When do you arrive?',
      'user: in spring',
      'assistant: In March? And which day?',
    ]);
  });

  test('one call, too, with Anthropic behind it', async () => {
    await using server = await startFakeAnthropic((_, index) =>
      index === 0 ? { text: 'Welcome.' } : decide('book', 'When do you arrive?'),
    );
    const machine = machineOf(HOTEL, { llm: `anthropic/fake@${server.url}` });
    await expectTalk(machine, [
      [opened, { text: 'Welcome.' }],
      ['we would love to see the city', { text: 'When do you arrive?', at: 'dates', calls: 1 }],
    ]);
  });

  test('one call, too, where the server holds nobody to a schema', async () => {
    await using talk = await startModelMachine(
      HOTEL,
      [{ text: 'Welcome.' }, { text: '{"go":"book","set":[]}\nWhen do you arrive?' }],
      { query: '?structured=false' },
    );
    await expectTalk(talk.machine, [
      [opened, {}],
      ['we would love to see the city', { text: 'When do you arrive?', at: 'dates', calls: 1 }],
    ]);
    expect(askedToDecide(talk.server, 1)).toBe(false);
  });

  test('a second call for words where the first brought none', async () => {
    await using talk = await startModelMachine(HOTEL, [
      { text: 'Welcome.' },
      decide('book', ''),
      { text: 'When do you arrive?' },
    ]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['we would love to see the city', { text: 'When do you arrive?', at: 'dates', calls: 2 }],
    ]);
    expect(askedToDecide(talk.server, 2)).toBe(false);
  });
});

test('a decision where only words were asked for is not read to the caller', async () => {
  await using talk = await startModelMachine(HOTEL, [decide('book', 'Welcome.')]);
  await expectTalk(talk.machine, [[opened, { text: 'Welcome.', at: 'wish', moves: [] }]]);
});

test('where the words of the target are fixed, those of the model are dropped and its connection closed', async () => {
  await using talk = await startModelMachine(HOTEL, [
    { text: 'Welcome.' },
    { ...decide('leave', 'blah '.repeat(500)), msPerToken: 5 },
  ]);
  await expectTalk(talk.machine, [
    [opened, {}],
    ['never mind', { text: 'Goodbye from The Grand.', calls: 1, ended: true }],
  ]);
  expect(await talk.server.requests[1]?.closedByClient).toBe(true);
});

test('words reach the caller while the model still writes', async () => {
  await using talk = await startModelMachine(HOTEL, [
    { text: 'Welcome.' },
    { ...decide('book', `When? ${'blah '.repeat(500)}`), msPerToken: 5 },
  ]);
  await talk.machine.turn(opened);
  for await (const chunk of talk.machine.turn('we would love to see it', { stream: true })) {
    expect(chunk).toMatchObject({ type: 'text', text: expect.stringMatching(/^When/) });
    break;
  }
  expect(await talk.server.requests[1]?.closedByClient).toBe(true);
});

describe('what the model is offered', () => {
  /** The moves that the schema of the index-th request lets a model name. */
  function moves(body: unknown): string[] {
    const found = /"go":\{"type":"string","enum":(\[[^\]]*\])/.exec(JSON.stringify(body));
    return JSON.parse(found?.[1] ?? '[]');
  }

  test('own and global edges, stay and return; no fallback edge', async () => {
    await using talk = await startModelMachine(HOTEL, [
      { text: 'Welcome.' },
      decide('stay', 'Hm?'),
    ]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['well', {}],
    ]);
    expect(moves(talk.server.requests[1]?.body)).toEqual([
      'stay',
      'return',
      'book',
      'leave',
      'person',
      'parking',
    ]);
    const prompt = promptOf(talk.server, 1);
    expect(prompt).toContain('You are the desk of The Grand.');
    expect(prompt).toContain('The caller wants a room.');
    expect(prompt).not.toContain('- return');
    expect(prompt).not.toContain('lost');
  });

  test('return inside a detour, which then leads back', async () => {
    await using talk = await startModelMachine(HOTEL, [
      { text: 'Welcome.' },
      decide('book', 'When?'),
      decide('parking', 'There is a garage. Is that all?'),
      decide('return', 'So, when do you arrive?'),
      decide('return', 'Back to what?'),
      { text: 'When, please?' },
    ]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['we would love to see the city', { at: 'dates' }],
      ['where can I leave the car', { at: 'parking', moves: ['parking → parking (model)'] }],
      [
        'splendid',
        {
          at: 'dates',
          moves: ['return → dates (return)'],
          text: 'So, when do you arrive?',
          calls: 1,
        },
      ],
      ['splendid', { at: 'dates', moves: [], refused: ['offered return'], text: 'When, please?' }],
    ]);
    expect(promptOf(talk.server, 3)).toContain('- return');
  });

  test('a router that nothing but prose decides is looked through, at no extra call', async () => {
    const flow = `
      initial_node: a
      nodes:
        - id: a
          instruction: Ask what it is about.
          static_text: What is it about?
          edges: [{ id: told, condition: The caller has told it., target_node_id: sort }]
        - id: sort
          edges:
            - { id: bill, condition: It is about a bill., target_node_id: bills }
            - { id: rest, condition: It is about anything else., target_node_id: others }
        - { id: bills, instruction: Ask for the number of the bill. }
        - { id: others, instruction: Ask for details. }
    `;
    await using talk = await startModelMachine(flow, [decide('told>bill', 'Which bill?')]);
    await expectTalk(talk.machine, [
      [opened, {}],
      [
        'you charged me twice',
        { text: 'Which bill?', moves: ['told → sort (model)', 'bill → bills (model)'], calls: 1 },
      ],
    ]);
    expect(moves(talk.server.requests[0]?.body)).toEqual([
      'stay',
      'return',
      'told>bill',
      'told>rest',
    ]);
  });
});

test('if data lead elsewhere than the model thought, its words are dropped and new ones asked for', async () => {
  const flow = `
    initial_node: a
    slots: { vip: { type: boolean } }
    nodes:
      - { id: a, instruction: Ask for the plan., static_text: Which plan?, edges: [{ id: told, condition: Told., target_node_id: sort }] }
      - id: sort
        edges:
          - { id: gold, guard: vip, target_node_id: gold }
          - { id: plain, guard: not vip, target_node_id: plain }
      - { id: gold, instruction: Thank the gold customer. }
      - { id: plain, instruction: Thank the customer. }
  `;
  await using talk = await startModelMachine(flow, [
    decide('told', 'Thank you.', { vip: true }),
    { text: 'Thank you, dear gold customer.' },
  ]);
  await expectTalk(talk.machine, [
    [opened, {}],
    ['the expensive one', { at: 'gold', text: 'Thank you, dear gold customer.', calls: 2 }],
  ]);
});

describe('values that the model sets', () => {
  async function set(words: string, values: Record<string, string | number | boolean>) {
    await using talk = await startModelMachine(HOTEL, [
      { text: 'Welcome.' },
      decide('stay', 'Hm.', values),
    ]);
    await talk.machine.turn(opened);
    return await say(talk.machine, words);
  }

  test.each([
    ['arrival', '2026-03-09'],
    ['nights', 3],
    ['code', '4711'],
  ])('an exact value that nobody said is dropped and reported: %s', async (slot, value) => {
    const seen = await set('you tell me', { [slot]: value });
    expect(seen).toMatchObject({ slots: {}, refused: [`grounding ${slot}`], text: 'Hm.' });
  });

  test('an exact value that the caller said is taken, however it was said', async () => {
    expect(await set('we would stay for three nights I guess', { nights: 3 })).toMatchObject({
      slots: { nights: 3 },
      refused: [],
    });
    expect(
      await set('we come on the coming Monday, or so my wife says', { arrival: '2026-03-09' }),
    ).toMatchObject({
      slots: { arrival: '2026-03-09' },
    });
  });

  test('an exact value counts that was said earlier in the call', async () => {
    await using talk = await startModelMachine(HOTEL, [
      { text: 'Welcome.' },
      decide('stay', 'I see.'),
      decide('stay', 'Good.', { nights: 3 }),
    ]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['we were three nights in Rome once', {}],
      ['the same again', { slots: { nights: 3 }, refused: [] }],
    ]);
  });

  test("an exact value of the agent's counts only if the caller agrees to it", async () => {
    const replies = [
      { text: 'Welcome.' },
      decide('stay', 'Shall we say three nights?'),
      decide('stay', 'Good.', { nights: 3 }),
    ];
    await using agreed = await startModelMachine(HOTEL, replies);
    await expectTalk(agreed.machine, [
      [opened, {}],
      ['how long do people stay', {}],
      ['yes, that would be wonderful for us', { slots: { nights: 3 }, refused: [] }],
    ]);
    await using unsure = await startModelMachine(HOTEL, replies);
    await expectTalk(unsure.machine, [
      [opened, {}],
      ['how long do people stay', {}],
      ['I have to ask my husband', { slots: {}, refused: ['grounding nights'] }],
    ]);
  });

  test('what is chosen from a list, and free text, may be inferred', async () => {
    expect(await set('my wife and I', { room: 'double', note: 'a couple' })).toMatchObject({
      slots: { room: 'double', note: 'a couple' },
      refused: [],
    });
  });

  test.each([
    ['a slot that the flow does not have', { shoe_size: 44 }, 'undeclared shoe_size'],
    ['an option that is none', { room: 'castle' }, 'value room'],
    ['a value of the wrong form', { arrival: '<date of arrival>' }, 'value arrival'],
  ])('%s is dropped and reported', async (_, values, refused) => {
    expect(await set('well', values)).toMatchObject({ slots: {}, refused: [refused] });
  });

  test('a value that has to be confirmed is read back in place of the words of the model', async () => {
    await using talk = await startModelMachine(HOTEL, [
      { text: 'Welcome.' },
      decide('book', 'All right, 4711.', { code: '4711' }),
      decide('stay', 'Good.'),
    ]);
    await expectTalk(talk.machine, [
      [opened, {}],
      [
        'forty seven eleven is what it says here on the back of the letter',
        { text: /4 7 1 1.*right\?/ },
      ],
    ]);
    expect(talk.machine.flowState.slotInfo.code?.confirmed).toBe(false);
    expect(talk.machine.flowState.visit.confirming).toBe('code');
  });
});

describe('a model that fails', () => {
  test.each([
    ['answers 500', { status: 500 }, 'model_unavailable'],
    ['is rate limited', { status: 429 }, 'model_rate_limit'],
    ['stalls', { fault: 'stall' }, 'model_timeout'],
    ['writes no protocol', { fault: 'garbage' }, 'model_garbage'],
    ['is a web page', { fault: 'html' }, 'model_garbage'],
    [
      'breaks off before the words',
      { ...decide('book', 'When?'), fault: 'drop' },
      'model_unavailable',
    ],
  ] as const)('that %s: the recovery line, and the state is as before', async (_, fault, code) => {
    await using talk = await startModelMachine(
      HOTEL,
      [{ text: 'Welcome.' }, fault, decide('book', 'When?')],
      {
        query: '?first_token_ms=150',
      },
    );
    await talk.machine.turn(opened);
    const before = structuredClone(talk.machine.flowState);
    await expectTalk(talk.machine, [
      [
        'we would love to see it',
        { text: /^(One moment|Once more) please\.$/, error: code, moves: [], refused: [] },
      ],
    ]);
    expect(talk.machine.flowState).toEqual(before);
    expect(talk.machine.chatCtx.items.slice(-2)).toMatchObject([
      { role: 'user', content: 'we would love to see it' },
      { role: 'assistant', content: expect.stringMatching(/please\.$/) },
    ]);
    await expectTalk(talk.machine, [
      ['I said we would love to see it', { at: 'dates', text: 'When?' }],
    ]);
  });

  test('that breaks off in the middle of its words: what was said stands, and the move with it', async () => {
    await using talk = await startModelMachine(HOTEL, [
      { text: 'Welcome.' },
      {
        ...decide('book', `When do you arrive? ${'blah '.repeat(50)}`),
        fault: 'drop',
      },
    ]);
    await talk.machine.turn(opened);
    const seen = await say(talk.machine, 'we would love to see it');
    expect(seen).toMatchObject({
      at: 'dates',
      error: 'model_unavailable',
      moves: ['book → dates (model)'],
    });
    expect(seen.text).toMatch(/^When do you/);
  });

  test('before its first word, behind fixed words: these stand, and the caller is not left waiting', async () => {
    const flow = `
      initial_node: a
      lines: { recovery: Once more please. }
      nodes:
        - { id: a, static_text: Welcome., edges: [{ id: on, condition: always, target_node_id: b }] }
        - { id: b, instruction: Ask for the name. }`;
    await using talk = await startModelMachine(flow, []);
    await expectTalk(talk.machine, [
      [opened, { text: 'Welcome. Once more please.', at: 'b', error: 'model_unavailable' }],
    ]);
  });

  test('that writes plain words in place of a decision: the call stays, and somebody speaks', async () => {
    await using talk = await startModelMachine(HOTEL, [
      { text: 'Welcome.' },
      { text: 'I am sorry, I cannot help with that.' },
      { text: 'Do you want a room?' },
    ]);
    await talk.machine.turn(opened);
    const result = await talk.machine.turn('well');
    expect(seenIn(result)).toMatchObject({ at: 'wish', moves: [] });
    expect(result.text).not.toBe('');
    expect(result.metadata.malformed).not.toEqual([]);
  });

  test('an instruction is never read to the caller', async () => {
    await using talk = await startModelMachine(HOTEL, []);
    const texts = [
      await say(talk.machine, opened),
      await say(talk.machine, 'a room please'),
      await say(talk.machine, 'well'),
    ];
    for (const { text } of texts) expect(text).not.toMatch(/Find out|Ask for|caller/);
  });

  test('its error tells nothing of what the caller said', async () => {
    await using talk = await startModelMachine(HOTEL, [{ text: 'Welcome.' }]);
    await talk.machine.turn(opened);
    const { metadata } = await talk.machine.turn('my secret is bananas');
    expect(JSON.stringify(metadata.error)).not.toMatch(/bananas|secret/);
    expect(metadata.error).toMatchObject({ code: 'model_unavailable' });
  });
});

describe('whispers', () => {
  const WHISPER = 'Offer a free breakfast.';

  test('reach the next prompt, once, and never the caller or the history', async () => {
    await using talk = await startModelMachine(HOTEL, [
      { text: 'Welcome.' },
      decide('stay', 'Breakfast is free.'),
      decide('stay', 'Indeed.'),
    ]);
    await talk.machine.turn(opened);
    talk.machine.assist(WHISPER);
    await expectTalk(talk.machine, [
      ['well', { text: 'Breakfast is free.' }],
      ['oh', { text: 'Indeed.' }],
    ]);
    expect(promptOf(talk.server, 1)).toContain(WHISPER);
    expect(promptOf(talk.server, 2)).not.toContain(WHISPER);
    expect(JSON.stringify(talk.machine.chatCtx.items)).not.toContain(WHISPER);
  });

  test('wait while the flow decides by itself', async () => {
    await using talk = await startModelMachine(
      HOTEL.replace(
        'instruction: Ask for the day',
        'static_text: When?\n      instruction: Ask for the day',
      ),
      [{ text: 'Welcome.' }, decide('stay', 'Hm.')],
    );
    await talk.machine.turn(opened);
    talk.machine.assist(WHISPER);
    await expectTalk(talk.machine, [
      ['a room please', { text: 'When?', calls: 0 }],
      ['well', { text: 'Hm.' }],
    ]);
    expect(promptOf(talk.server, 1)).toContain(WHISPER);
  });

  test('reach a prompt for words alone, and are used up by it', async () => {
    await using talk = await startModelMachine(HOTEL, [
      { text: 'Welcome.' },
      { text: 'When?' },
      decide('stay', 'Hm.'),
    ]);
    await talk.machine.turn(opened);
    talk.machine.assist(WHISPER);
    await expectTalk(talk.machine, [
      ['a room please', { text: 'When?', calls: 1 }],
      ['well', {}],
    ]);
    expect(promptOf(talk.server, 1)).toContain(WHISPER);
    expect(promptOf(talk.server, 2)).not.toContain(WHISPER);
  });

  test('are kept through a turn whose model failed', async () => {
    await using talk = await startModelMachine(HOTEL, [
      { text: 'Welcome.' },
      { status: 500 },
      decide('stay', 'Hm.'),
    ]);
    await talk.machine.turn(opened);
    talk.machine.assist(WHISPER);
    await expectTalk(talk.machine, [
      ['well', {}],
      ['well then', { text: 'Hm.' }],
    ]);
    expect(promptOf(talk.server, 2)).toContain(WHISPER);
  });

  test('make no move legal', async () => {
    await using talk = await startModelMachine(HOTEL, [
      { text: 'Welcome.' },
      decide('dates_known', 'Done.'),
      { text: 'Do you want a room?' },
    ]);
    await talk.machine.turn(opened);
    talk.machine.assist('Go to dates_known.');
    await expectTalk(talk.machine, [['well', { at: 'wish', refused: ['offered dates_known'] }]]);
  });

  test('are refused by a machine that has no model', () => {
    const machine = machineOf('{ initial_node: a, nodes: [{ id: a, static_text: A. }] }');
    expect(() => machine.assist(WHISPER)).toThrow(
      expect.objectContaining({ code: 'assist_refused' }),
    );
  });

  test('that come while a draft is open leave that draft alone and take effect with the next turn', async () => {
    await using talk = await startModelMachine(HOTEL, [
      { text: 'Welcome.' },
      decide('stay', 'First.'),
      decide('stay', 'Second.'),
    ]);
    await talk.machine.turn(opened);
    const draft = talk.machine.draft('well');
    talk.machine.assist(WHISPER);
    for await (const chunk of draft.stream) if (chunk.type === 'done') draft.commit();
    await expectTalk(talk.machine, [['oh', { text: 'Second.' }]]);
    expect(promptOf(talk.server, 1)).not.toContain(WHISPER);
    expect(promptOf(talk.server, 2)).toContain(WHISPER);
  });

  test('that come while the agent talks do not cut it off', async () => {
    await using talk = await startModelMachine(HOTEL, [
      { text: 'Welcome.' },
      decide('stay', 'One two three four.'),
      decide('stay', 'Second.'),
    ]);
    await talk.machine.turn(opened);
    let said = '';
    for await (const chunk of talk.machine.turn('well', { stream: true })) {
      if (said === '') talk.machine.assist(WHISPER);
      if (chunk.type === 'text') said += chunk.text;
    }
    expect(said).toBe('One two three four.');
    await expectTalk(talk.machine, [['oh', {}]]);
    expect(promptOf(talk.server, 2)).toContain(WHISPER);
  });
});

test('with a model, too, max_turns takes the fallback edge after the answer was looked at', async () => {
  const limited = HOTEL.replace(
    'instruction: Find out',
    'max_turns: 1\n      instruction: Find out',
  );
  await using talk = await startModelMachine(limited, [
    { text: 'Welcome.' },
    decide('stay', 'Hm.'),
    decide('stay', 'Hm again.'),
  ]);
  await expectTalk(talk.machine, [
    [opened, {}],
    ['well', { at: 'wish', text: 'Hm.' }],
    ['well', { moves: ['lost → desk (max_turns)'], text: 'I connect you.' }],
  ]);
});

test('with a model, too, turns that come to nothing lead to the fallback edge after the ladder', async () => {
  await using talk = await startModelMachine(HOTEL, [
    { text: 'Welcome.' },
    decide('stay', 'One.'),
    decide('stay', 'Two.'),
    decide('stay', 'Three.'),
  ]);
  await expectTalk(talk.machine, [
    [opened, {}],
    ['well', { text: 'One.' }],
    ['well', { text: 'Two.' }],
    ['well', { moves: ['lost → desk (fallback)'] }],
  ]);
});

test('keys that nothing waits for are no matter for a model', async () => {
  await using talk = await startModelMachine(HOTEL, [
    { text: 'Welcome.' },
    { text: 'Do you want a room?' },
  ]);
  await talk.machine.turn(opened);
  const seen = await say(talk.machine, keys('7'));
  expect(seen.at).toBe('wish');
  expect(seen.text).not.toBe('');
});

test('a flow whose instructions only a model can speak is refused without one, by node', () => {
  expect(() => machineOf(HOTEL)).toThrow(/needs a model.*"wish", "dates", "parking"/);
});
