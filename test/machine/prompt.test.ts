import { beforeAll, describe, expect, test } from 'vitest';
import { ChatContext } from '../../src/agent/chat-context.ts';
import { expectTalk, opened } from '../support/conversation.ts';
import { decide, promptOf, startModelMachine } from '../support/model-machine.ts';

// Loading the SDK takes longer than a reply may.
beforeAll(() => import('openai'));

const LONG = 'Tell all about the course, its greens and its bunkers. '.repeat(120);

const CLUB = `
  system_prompt: You are the desk of {{ club }}.
  initial_node: wish
  environment_variables: { club: the Old Course }
  slots: { players: { type: integer } }
  nodes:
    - id: wish
      static_text: What can I do for you?
      instruction: Find out what the caller wants.
      edges:
        - { id: course, condition: The caller asks about the course., target_node_id: course }
        - { id: book, condition: The caller wants to play., target_node_id: book }
        - { id: rebook, condition: The caller wants to play again., target_node_id: book }
        - { id: unclear, condition: The caller is unclear., target_node_id: wish }
    - id: course
      instruction: "${LONG}"
      edges: [{ id: enough, condition: The caller has heard enough., target_node_id: wish }]
    - { id: book, instruction: "Ask for:\\n- the day\\n- the number of players" }
`;

function occurrences(text: string, part: string): number {
  return text.split(part).length - 1;
}

describe('what the prompt tells of the places that moves lead to', () => {
  test('a place that is too long stands by its condition, and a move there costs one call for words alone', async () => {
    await using talk = await startModelMachine(CLUB, [
      decide('course', ''),
      { text: 'It has eighteen holes.' },
    ]);
    await talk.machine.turn(opened);
    const result = await talk.machine.turn('do tell me');
    expect(result.text).toBe('It has eighteen holes.');
    expect(result.metadata).toMatchObject({
      to: 'course',
      calls: [{ cause: 'decision' }, { cause: 'beyond_budget' }],
    });
    expect(promptOf(talk.server, 0)).toContain('- course: The caller asks about the course.');
    expect(promptOf(talk.server, 0)).not.toContain('greens');
    expect(promptOf(talk.server, 1)).toContain('greens');
  });

  test('words that a model makes all the same for a place it was not told are not spoken', async () => {
    await using talk = await startModelMachine(CLUB, [
      { ...decide('course', 'Nine holes, I think. '.repeat(100)), msPerToken: 5 },
      { text: 'It has eighteen holes.' },
    ]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['do tell me', { at: 'course', text: 'It has eighteen holes.', calls: 2 }],
    ]);
    expect(await talk.server.requests[0]?.closedByClient).toBe(true);
  });

  test('a place that fits is told once, however many moves lead there', async () => {
    await using talk = await startModelMachine(CLUB, [decide('rebook', 'Which day?')]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['the same as last week', { at: 'book', text: 'Which day?', calls: 1 }],
    ]);
    const prompt = promptOf(talk.server, 0);
    expect(occurrences(prompt, 'the number of players')).toBe(1);
    // In JSON; its lines are set apart from those of the moves.
    expect(prompt).toContain('Say: Ask for:\\n  - the day\\n  - the number of players\\n- rebook');
    expect(prompt).toContain('- rebook: The caller wants to play again. Say: as for book.');
    expect(occurrences(prompt, 'Find out what the caller wants.')).toBe(1);
  });
});

test('a router that has to be asked itself is bridged with a short sentence of the first reply', async () => {
  const flow = `
    initial_node: wish
    actions: [{ id: look, method: GET, url: "https://service.test/", condition: "{{ number }}" }]
    nodes:
      - id: wish
        static_text: What can I do for you?
        edges: [{ id: check, condition: The caller wants to know whether there is a table., target_node_id: sort }]
      - id: sort
        actions: [{ trigger: on_enter, action_id: look }]
        edges:
          - { id: free, condition: There is one., target_node_id: table }
          - { id: full, condition: There is none., target_node_id: bye }
      - { id: table, instruction: Offer the table. }
      - { id: bye, static_text: Goodbye., is_final: true }
  `;
  await using talk = await startModelMachine(flow, [
    decide('check', 'One moment, I look.'),
    decide('free', 'There is one by the window.'),
  ]);
  await talk.machine.turn(opened);
  const result = await talk.machine.turn('is there any chance this evening');
  expect(result.text).toBe('One moment, I look. There is one by the window.');
  expect(result.metadata).toMatchObject({
    to: 'table',
    calls: [{ cause: 'decision' }, { cause: 'router' }],
  });
  expect(promptOf(talk.server, 0)).toContain('a table. Say: one short sentence');
});

describe('what providers can cache', () => {
  interface Message {
    role: string;
    content: string;
  }

  function messagesOf(body: unknown): Message[] {
    return JSON.parse(JSON.stringify(body)).messages;
  }

  test('every request of a call begins with the same prompt and the conversation so far', async () => {
    await using talk = await startModelMachine(CLUB, [
      decide('course', ''),
      { text: 'It has eighteen holes.' },
      decide('enough', '', { players: 4 }),
      decide('book', 'For which day?', { players: 4 }),
    ]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['do tell me', {}],
      ['I see, we are four players by the way', {}],
      ['well then', { at: 'book' }],
    ]);
    const requests = talk.server.requests.map(({ body }) => messagesOf(body));
    const [first] = requests;
    expect(first?.[0]?.content).toContain('You are the desk of the Old Course.');
    for (const [index, messages] of requests.entries()) {
      expect(messages[0]).toEqual(first?.[0]);
      // All but the last message, which holds the task, stand in the next request too.
      const kept = messages.slice(0, -1);
      expect(requests[index + 1]?.slice(0, kept.length) ?? kept).toEqual(kept);
    }
  });

  test('a conversation of days loses its beginning, many messages at once', async () => {
    const replies = Array.from({ length: 30 }, () => decide('stay', 'Go on.'));
    await using talk = await startModelMachine(CLUB, replies);
    const days = new ChatContext();
    for (let turn = 0; turn < 50; turn += 1) {
      days.add({ role: 'user', content: `question ${turn}` });
      days.add({ role: 'assistant', content: `answer ${turn}` });
    }
    await talk.machine.turn(opened);
    talk.machine.loadChatCtx(days);
    for (let turn = 0; turn < 25; turn += 1) await talk.machine.turn(`another ${turn}`);
    const begins = talk.server.requests.map(({ body }) => messagesOf(body)[1]?.content);
    expect(begins.slice(0, 1)).toEqual(['question 20']);
    expect(new Set(begins)).toEqual(new Set(['question 20', 'question 40']));
  });
});
