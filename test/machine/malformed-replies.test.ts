import { beforeAll, describe, expect, test } from 'vitest';
import type { MalformedReason } from '../../src/machine/decision-parser.ts';
import { machineOf, opened, seenIn } from '../support/conversation.ts';
import { startFakeAnthropic } from '../support/fake-anthropic.ts';
import { startFakeOpenAI } from '../support/fake-openai.ts';
import type { FakeReply } from '../support/fake-provider.ts';

// Loading the SDKs takes longer than a reply may.
beforeAll(() => Promise.all([import('openai'), import('@anthropic-ai/sdk')]));

const DESK = `
  initial_node: wish
  nodes:
    - id: wish
      static_text: What can I do for you?
      instruction: Find out what the caller wants.
      edges:
        - { id: book, condition: The caller wants a room., target_node_id: dates }
        - { id: leave, condition: The caller wants nothing., target_node_id: bye }
    - { id: dates, instruction: Ask for the day of arrival. }
    - { id: bye, static_text: Goodbye., is_final: true }
`;

const HEADER = '{"go":"book","set":[]}';
const OBJECT = '{"go":"book","set":[],"say":"When do you arrive?"}';
/** What a model says that is asked for words alone. */
const SECOND = 'So, once more: what may I do?';

interface Case {
  reply: FakeReply;
  /** Default: the words that came with the decision. */
  text?: string;
  /** Where the call is then. Default `dates`: what could be read of the move was done. */
  at?: string;
  malformed?: MalformedReason[];
  refused?: string[];
}

const ASKED_AGAIN = { text: SECOND };
const STAYED = { at: 'wish' };
/** Nothing was said and nothing decided: the node's own question costs no call. */
const QUESTION = { at: 'wish', text: 'What can I do for you?' };

/** What a model may write whether or not it is held to the schema. */
const ANYWHERE: Record<string, Case> = {
  'a code fence around the object': { reply: { text: `\`\`\`json\n${OBJECT}\n\`\`\`` } },
  'no line break behind the header': { reply: { text: `${HEADER}When do you arrive?` } },
  'the name of the place instead of the edge': {
    reply: { text: OBJECT.replace('"book"', '"dates"') },
  },
  'two headers': {
    reply: { text: `${HEADER}\n{"go":"leave","set":[]}\nWhen do you arrive?` },
    malformed: ['second_object'],
  },
  'an unknown edge': {
    reply: { text: OBJECT.replace('"book"', '"fly"') },
    ...ASKED_AGAIN,
    ...STAYED,
    refused: ['offered fly'],
  },
  'an edge called __proto__': {
    reply: { text: OBJECT.replace('"book"', '"__proto__"') },
    ...ASKED_AGAIN,
    ...STAYED,
    refused: ['offered __proto__'],
  },
  'invalid JSON': {
    reply: { text: "{'go': 'book'}" },
    ...QUESTION,
    malformed: ['bad_json'],
  },
  'invalid JSON with words behind it': {
    reply: { text: '{"go": book}\nWhich day?' },
    text: 'Which day?',
    ...STAYED,
    malformed: ['bad_json'],
  },
  'words and a call of a tool that nobody offered': {
    reply: { text: OBJECT, toolCalls: [{ id: 'call_1', name: 'book_room', arguments: '{}' }] },
  },
  'a call of a tool that nobody offered, and nothing else': {
    reply: { text: '', toolCalls: [{ id: 'call_1', name: 'book_room', arguments: '{}' }] },
    ...QUESTION,
    malformed: ['empty'],
  },
  'an empty reply': {
    reply: { text: '' },
    ...QUESTION,
    malformed: ['empty'],
  },
  'a refusal in plain words': {
    reply: { text: 'I am sorry, I cannot help with that.' },
    text: 'I am sorry, I cannot help with that.',
    ...STAYED,
    malformed: ['no_decision'],
  },
  'a refusal without words': {
    reply: { text: '', stop: 'refusal' },
    ...QUESTION,
    malformed: ['empty'],
  },
  'a header and then nothing': { reply: { text: `${HEADER}\n` }, ...ASKED_AGAIN },
  'a reply that ends inside the words': {
    reply: { text: OBJECT.slice(0, -6), stop: 'length' },
    text: 'When do you arr',
    malformed: ['not_closed'],
  },
  'half a decision': {
    reply: { text: '{"go":"bo', stop: 'length' },
    ...QUESTION,
    malformed: ['not_closed'],
  },
};

const HEADER_AFTER_WORDS: FakeReply = { text: `When do you arrive? ${HEADER}` };

/** Words before an object are not for the caller where one object was asked for. */
const WITH_SCHEMA: Record<string, Case> = {
  ...ANYWHERE,
  'a header behind words': { reply: HEADER_AFTER_WORDS, ...ASKED_AGAIN },
};

const WITHOUT_SCHEMA: Record<string, Case> = {
  ...ANYWHERE,
  'a header behind words': { reply: HEADER_AFTER_WORDS },
};

describe.each([
  { provider: 'openai', start: startFakeOpenAI },
  { provider: 'anthropic', start: startFakeAnthropic },
])('$provider', ({ provider, start }) => {
  describe.each([
    { held: 'held to the schema', query: '', cases: WITH_SCHEMA },
    { held: 'not held to it', query: '?structured=false', cases: WITHOUT_SCHEMA },
  ])('$held', ({ query, cases }) => {
    test.each(Object.entries(cases))('%s', async (_name, expected) => {
      await using server = await start((_, index) =>
        index === 0 ? expected.reply : { text: SECOND },
      );
      const machine = machineOf(DESK, { llm: `${provider}/fake@${server.url}${query}` });
      await machine.turn(opened);
      const result = await machine.turn('well, you see');
      const { text = 'When do you arrive?', at = 'dates', malformed = [], refused = [] } = expected;
      expect(seenIn(result)).toMatchObject({ text, at, refused, error: undefined });
      expect(server.requests).toHaveLength(text === SECOND ? 2 : 1);
      expect(result.metadata.malformed).toEqual(malformed);
      const [decision] = Array.isArray(result.metadata.calls) ? result.metadata.calls : [];
      expect(decision).toMatchObject({
        cause: 'decision',
        ...(malformed.length > 0 && { malformed }),
      });
      if (malformed.length === 0) expect(decision).not.toHaveProperty('malformed');
    });
  });
});
