import { describe, expect, test } from 'vitest';
import { ChatContext } from '../../src/agent/chat-context.ts';
import { BRAINS, historyOf } from './brains.ts';

const WORDS = 'We have red, green and blue ones.';

describe.each(BRAINS)('a turn of $name', ({ make }) => {
  test('is one exchange in the history, and its result names the message', async () => {
    await using brain = await make(WORDS);
    const { agent } = brain;
    const result = await agent.turn('Which colours?');
    expect(result).toMatchObject({ text: WORDS, moves: [], ended: false });
    expect(historyOf(agent)).toEqual(['user: Which colours?', `assistant: ${WORDS}`]);
    expect(agent.chatCtx.items[1]?.id).toBe(result.messageId);
  });

  test('streams its words', async () => {
    await using brain = await make(WORDS);
    const texts: string[] = [];
    for await (const chunk of brain.agent.turn('Which colours?', { stream: true })) {
      if (chunk.type === 'text') texts.push(chunk.text);
    }
    expect(texts.length).toBeGreaterThan(3);
    expect(texts.join('')).toBe(WORDS);
  });

  test('that is a draft leaves no trace when it is discarded, however far it came', async () => {
    await using brain = await make(WORDS);
    const { agent } = brain;
    await agent.turn('Hello?');
    const before = historyOf(agent);
    const draft = agent.draft('Which colours?');
    const texts: string[] = [];
    for await (const chunk of draft?.stream ?? []) {
      if (chunk.type === 'text') texts.push(chunk.text);
    }
    expect(texts.join('')).toBe(WORDS);
    draft?.discard();
    expect(historyOf(agent)).toEqual(before);
    expect(() => draft?.commit()).toThrow(expect.objectContaining({ code: 'draft_discarded' }));
  });

  test('that is cancelled before its first words leaves nothing', async () => {
    await using brain = await make(WORDS);
    const { agent } = brain;
    const cancel = new AbortController();
    const turn = agent.turn('Which colours?', { signal: cancel.signal });
    cancel.abort(new Error('hung up'));
    await expect(turn).rejects.toThrow('hung up');
    expect(historyOf(agent)).toEqual([]);
  });

  test('that is cancelled later stands with the words that were yielded', async () => {
    await using brain = await make(WORDS);
    const { agent } = brain;
    const cancel = new AbortController();
    let text = '';
    for await (const chunk of agent.turn('Which?', { stream: true, signal: cancel.signal })) {
      if (chunk.type === 'text') text += chunk.text;
      if (text === 'We have') cancel.abort();
    }
    expect(text).toBe('We have');
    expect(historyOf(agent)).toEqual(['user: Which?', 'assistant: We have']);
  });

  test('that nobody reads on stands with the words that were read', async () => {
    await using brain = await make(WORDS);
    const { agent } = brain;
    for await (const _ of agent.turn('Which?', { stream: true })) break;
    expect(historyOf(agent)).toEqual(['user: Which?', 'assistant: We']);
  });

  test('is corrected to what was heard, also while it still streams', async () => {
    await using brain = await make(WORDS);
    const { agent } = brain;
    const draft = agent.draft('Which?');
    let texts = 0;
    for await (const chunk of draft?.stream ?? []) {
      if (chunk.type !== 'text') continue;
      texts += 1;
      if (texts === 1) draft?.commit();
      if (texts === 3) agent.heard(agent.chatCtx.items.at(-1)?.id ?? '', 'We');
    }
    expect(historyOf(agent)).toEqual(['user: Which?', 'assistant: We |']);
    await agent.turn('And?');
    expect(historyOf(agent).slice(2)).toEqual(['user: And?', `assistant: ${WORDS}`]);
  });

  test('of which nothing was heard leaves the question alone', async () => {
    await using brain = await make(WORDS);
    const { agent } = brain;
    const { messageId = '' } = await agent.turn('Which?');
    agent.heard(messageId, '');
    expect(historyOf(agent)).toEqual(['user: Which?']);
  });

  test('cannot happen beside another one that was begun at the same moment', async () => {
    await using brain = await make(WORDS);
    const { agent } = brain;
    const late = agent.draft('one');
    for await (const _ of late?.stream ?? []);
    await agent.turn('two');
    expect(() => late?.commit()).toThrow(expect.objectContaining({ code: 'draft_conflict' }));
    expect(historyOf(agent)).toEqual(['user: two', `assistant: ${WORDS}`]);
  });

  test('takes keys as text, and leaves openings and silences to the host', async () => {
    await using brain = await make(WORDS);
    const { agent } = brain;
    expect(agent.draft({ kind: 'opened' })).toBeUndefined();
    expect(agent.draft({ kind: 'silence', count: 1 })).toBeUndefined();
    expect(await agent.turn({ kind: 'opened' })).toMatchObject({ text: '', ended: false });
    await agent.turn({ kind: 'dtmf', digits: '42' });
    expect(historyOf(agent)).toEqual(['user: 42', `assistant: ${WORDS}`]);
  });

  test('is gone on with in another instance', async () => {
    await using brain = await make(WORDS);
    await using other = await make(WORDS);
    await brain.agent.turn('Which?');
    other.agent.loadChatCtx(new ChatContext(structuredClone(brain.agent.chatCtx.items)));
    expect(historyOf(other.agent)).toEqual(historyOf(brain.agent));
    await other.agent.turn('And?');
    expect(historyOf(other.agent)).toHaveLength(4);
  });
});
