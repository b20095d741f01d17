import { beforeAll, describe, test } from 'vitest';
import { expectTalk, opened } from '../support/conversation.ts';
import { decide, startModelMachine } from '../support/model-machine.ts';

// Loading the SDK takes longer than a reply may.
beforeAll(() => import('openai'));

const FLOW = `
  initial_node: ask
  lines: { recovery: "Sorry, what was that?" }
  nodes:
    - id: ask
      static_text: [Where to?, Where do you want to go?]
      edges: [{ id: on, condition: The caller wants to go on., target_node_id: news }]
    - id: news
      static_text: Here are the news.
      edges: [{ id: told, condition: always, target_node_id: chat }]
    - { id: chat, instruction: Ask how it was., edges: [] }
`;

describe('a model that says nothing', () => {
  test('has the fixed question of the node asked again, at no second call', async () => {
    await using talk = await startModelMachine(FLOW, [decide('stay', ' ')]);
    await expectTalk(talk.machine, [
      [opened, { text: 'Where to?' }],
      ['bananas', { text: 'Where do you want to go?', at: 'ask', calls: 1 }],
    ]);
  });

  test('where the words are its own is asked once more, and then the caller is', async () => {
    await using talk = await startModelMachine(FLOW, [
      decide('on', ''),
      { text: 'How was it?' },
      decide('stay', ''),
      { text: ' ' },
    ]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['go on', { text: 'Here are the news. How was it?', at: 'chat' }],
      ['bananas', { text: 'Sorry, what was that?', at: 'chat', calls: 2 }],
    ]);
  });

  test('behind fixed words does not leave the caller waiting for a question', async () => {
    await using talk = await startModelMachine(FLOW, [decide('on', ''), { text: '' }]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['go on', { text: 'Here are the news. Sorry, what was that?', at: 'chat' }],
    ]);
  });
});
