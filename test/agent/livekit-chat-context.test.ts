import { llm } from '@livekit/agents';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { ChatContext, type ChatMessage } from '../../src/agent/chat-context.ts';

const common = {
  content: fc.string(),
  id: fc.uuid(),
  createdAt: fc.integer({ min: 0, max: 2e12 }),
};

const spoken: fc.Arbitrary<ChatMessage> = fc.record(
  {
    role: fc.constantFrom<ChatMessage['role']>('system', 'user', 'assistant'),
    interrupted: fc.constant(true),
    human: fc.constant(true),
    ...common,
    // LiveKit takes markup of its own out of what an assistant said.
    content: fc.string().filter((text) => !text.includes('<expr')),
  },
  { requiredKeys: ['role', 'content', 'id', 'createdAt'] },
);

const answered: fc.Arbitrary<ChatMessage> = fc.record(
  {
    role: fc.constant<ChatMessage['role']>('tool'),
    call: fc.record(
      {
        id: fc.uuid(),
        name: fc.constantFrom('stock', 'constructor'),
        arguments: fc.dictionary(fc.string(), fc.constantFrom(1, 'two', null, [true])),
        failed: fc.constant(true),
      },
      { requiredKeys: ['id', 'name', 'arguments'] },
    ),
    ...common,
  },
  { requiredKeys: ['role', 'content', 'id', 'createdAt'] },
);

const history = fc.uniqueArray(fc.oneof(spoken, answered), { selector: ({ id }) => id });

test('every history comes back from LiveKit as it went', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (messages) => {
      // JSON, as stores write it: `-0` and prototypes are not of it.
      const items: ChatMessage[] = JSON.parse(JSON.stringify(messages));
      const there = await new ChatContext(items).toLiveKit();
      expect(ChatContext.fromLiveKit(there).items).toEqual(items);
    }),
  );
});

test('ids, roles, cuts and times in milliseconds are the same in LiveKit', async () => {
  const chat = new ChatContext();
  chat.add({ role: 'system', content: 'Be kind.', id: 'a', createdAt: 1_700_000_000_000 });
  chat.add({ role: 'assistant', content: 'Hello', id: 'b', createdAt: 2, interrupted: true });
  const { items } = await chat.toLiveKit();
  vi.useFakeTimers({ toFake: ['Date'], now: 5_000 });
  const theirs = llm.ChatMessage.create({ role: 'user', content: 'Hi' });
  vi.useRealTimers();
  expect(theirs.createdAt).toBe(5_000);
  expect(items).toMatchObject([
    { id: 'a', role: 'system', createdAt: 1_700_000_000_000, textContent: 'Be kind.' },
    { id: 'b', role: 'assistant', createdAt: 2, interrupted: true, textContent: 'Hello' },
  ]);
});

test('a history of LiveKit comes back equivalent', async () => {
  const theirs = llm.ChatContext.empty();
  theirs.addMessage({ role: 'user', content: 'Do you have 42?' });
  const call = { callId: 'c', name: 'stock' };
  theirs.insert(llm.FunctionCall.create({ ...call, args: '{"size":42}' }));
  theirs.insert(llm.FunctionCallOutput.create({ ...call, output: 'no', isError: true }));
  theirs.addMessage({ role: 'assistant', content: 'We do', interrupted: true });
  const back = await ChatContext.fromLiveKit(theirs).toLiveKit();
  // Their comparison looks at the ids too, and that of a call is not kept.
  expect(back.items.map(({ type }) => type)).toEqual(theirs.items.map(({ type }) => type));
  const messages = (ctx: llm.ChatContext) => ctx.copy({ excludeFunctionCall: true });
  expect(messages(back).isEquivalent(messages(theirs))).toBe(true);
  expect(ChatContext.fromLiveKit(theirs).items[1]).toMatchObject({
    role: 'tool',
    content: 'no',
    call: { id: 'c', name: 'stock', arguments: { size: 42 }, failed: true },
  });
});

test("what has no words is left out, and instructions are the system's", () => {
  const theirs = llm.ChatContext.empty();
  theirs.addMessage({ role: 'developer', content: 'Be kind.' });
  theirs.addMessage({
    role: 'user',
    content: [{ type: 'audio_content', frame: [] }],
  });
  theirs.insert(llm.FunctionCall.create({ callId: 'c', name: 'stock', args: '{' }));
  theirs.insert(llm.AgentHandoffItem.create({ newAgentId: 'x' }));
  expect(ChatContext.fromLiveKit(theirs).items).toMatchObject([
    { role: 'system', content: 'Be kind.' },
  ]);
});
