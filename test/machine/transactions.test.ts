import { beforeAll, describe, expect, test } from 'vitest';
import type { Draft, StreamChunk } from '../../src/agent/agent.ts';
import { DraftConflictError } from '../../src/agent/draft-conflict.ts';
import type { DialogMachine } from '../../src/machine/dialog-machine.ts';
import { expectTalk, machineOf, opened, say } from '../support/conversation.ts';
import { decide, startModelMachine } from '../support/model-machine.ts';

// Loading the SDK takes longer than a reply may.
beforeAll(() => import('openai'));

const FLOW = `
  initial_node: a
  slots: { day: { type: date } }
  nodes:
    - id: a
      instruction: Ask for the day.
      static_text: [Which day?, The day?]
      collect: [day]
      edges: [{ id: known, match: { collected: true }, target_node_id: b }]
    - id: b
      instruction: Ask for more.
      static_text: [Anything else?, Else?]
      edges:
        - { id: on, condition: The caller tells more., target_node_id: c }
        - { id: "no", match: { intent: "no" }, target_node_id: end }
    - { id: c, instruction: Talk about it., edges: [{ id: back, match: { intent: "no" }, target_node_id: end }] }
    - { id: end, static_text: Goodbye., is_final: true }
`;

const LONG = decide('on', `Good. ${'blah '.repeat(400)}`);

function snapshot(machine: DialogMachine) {
  return structuredClone({ state: machine.flowState, items: machine.chatCtx.items });
}

async function readAll(draft: Draft): Promise<StreamChunk[]> {
  const chunks: StreamChunk[] = [];
  for await (const chunk of draft.stream) chunks.push(chunk);
  return chunks;
}

describe('a draft', () => {
  test('that is discarded leaves no trace, however far it was read', async () => {
    const machine = machineOf(FLOW, { llm: 'openai/fake@http://127.0.0.1:9' });
    await machine.turn(opened);
    const before = snapshot(machine);

    const unread = machine.draft('on Friday');
    unread.discard();
    const begun = machine.draft('on Friday');
    await begun.stream[Symbol.asyncIterator]().next();
    begun.discard();
    const read = machine.draft('on Friday');
    expect((await readAll(read)).at(-1)).toMatchObject({ result: { text: 'Anything else?' } });
    read.discard();

    expect(snapshot(machine)).toEqual(before);
    await expectTalk(machine, [
      ['on Friday', { text: 'Anything else?', slots: { day: '2026-03-06' } }],
    ]);
  });

  test('that is read and not committed has not happened', async () => {
    const machine = machineOf(FLOW, { llm: 'openai/fake@http://127.0.0.1:9' });
    await machine.turn(opened);
    const before = snapshot(machine);
    await readAll(machine.draft('on Friday'));
    expect(snapshot(machine)).toEqual(before);
  });

  test('that is committed after it was read to its end is a turn like any other', async () => {
    const machine = machineOf(FLOW, { llm: 'openai/fake@http://127.0.0.1:9' });
    await machine.turn(opened);
    const draft = machine.draft('on Friday');
    await readAll(draft);
    draft.commit();
    expect(machine.flowState).toMatchObject({ node: 'b', slots: { day: '2026-03-06' }, turns: 1 });
    expect(machine.chatCtx.items.map(({ content }) => content)).toEqual([
      'Which day?',
      'on Friday',
      'Anything else?',
    ]);
  });

  test('that was committed cannot be discarded, and one that was discarded cannot be committed', async () => {
    const machine = machineOf(FLOW, { llm: 'openai/fake@http://127.0.0.1:9' });
    await machine.turn(opened);
    const draft = machine.draft('on Friday');
    await readAll(draft);
    draft.commit();
    draft.commit();
    draft.discard();
    expect(machine.flowState.node).toBe('b');

    const other = machine.draft('no');
    other.discard();
    expect(() => other.commit()).toThrow(expect.objectContaining({ code: 'draft_discarded' }));
  });

  test('of a moment that another draft has used up cannot be committed', async () => {
    const machine = machineOf(FLOW, { llm: 'openai/fake@http://127.0.0.1:9' });
    await machine.turn(opened);
    const first = machine.draft('on Friday');
    const second = machine.draft('on Monday');
    await readAll(first);
    await readAll(second);
    first.commit();
    const after = snapshot(machine);
    expect(() => second.commit()).toThrow(DraftConflictError);
    expect(snapshot(machine)).toEqual(after);
  });

  test('that is discarded closes the connection to the model', async () => {
    await using talk = await startModelMachine(FLOW, [{ ...LONG, msPerToken: 5 }]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['on Friday', { at: 'b' }],
    ]);
    const before = snapshot(talk.machine);
    const draft = talk.machine.draft('I have a question about my last letter');
    const stream = draft.stream[Symbol.asyncIterator]();
    expect((await stream.next()).value).toMatchObject({ type: 'text' });
    draft.discard();
    expect(await talk.server.requests[0]?.closedByClient).toBe(true);
    expect(snapshot(talk.machine)).toEqual(before);
  });

  test('is a snapshot: committed early, it takes the rest of its words along as they come', async () => {
    await using talk = await startModelMachine(FLOW, [decide('on', 'One two three.')]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['on Friday', { at: 'b' }],
    ]);
    const draft = talk.machine.draft('I have a question about my last letter');
    const lengths: number[] = [];
    for await (const chunk of draft.stream) {
      draft.commit();
      if (chunk.type === 'text')
        lengths.push(talk.machine.chatCtx.items.at(-1)?.content.length ?? 0);
    }
    expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
    expect(new Set(lengths).size).toBeGreaterThan(1);
    expect(talk.machine.chatCtx.items.at(-1)?.content).toBe('One two three.');
    expect(talk.machine.chatCtx.items).toHaveLength(5);
  });
});

describe('a stream', () => {
  test('commits with its first chunk, before its consumer goes on', async () => {
    await using talk = await startModelMachine(FLOW, [{ ...LONG, msPerToken: 1 }]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['on Friday', { at: 'b' }],
    ]);
    const before = snapshot(talk.machine);
    const stream = talk.machine.turn('I have a question', { stream: true })[Symbol.asyncIterator]();
    expect(snapshot(talk.machine)).toEqual(before);
    const first = await stream.next();
    expect(first.value).toMatchObject({ type: 'text' });
    expect(talk.machine.flowState.node).toBe('c');
    expect(talk.machine.chatCtx.items.at(-2)).toMatchObject({
      role: 'user',
      content: 'I have a question',
    });
    await stream.return?.();
  });

  test('ends with exactly one result, whose text is what was streamed', async () => {
    const machine = machineOf(FLOW, { llm: 'openai/fake@http://127.0.0.1:9' });
    await machine.turn(opened);
    const chunks: StreamChunk[] = [];
    for await (const chunk of machine.turn('on Friday', { stream: true })) chunks.push(chunk);
    const texts = chunks.flatMap((chunk) => (chunk.type === 'text' ? [chunk.text] : []));
    const results = chunks.flatMap((chunk) => (chunk.type === 'done' ? [chunk.result] : []));
    expect(results).toHaveLength(1);
    expect(results[0]?.text).toBe(texts.join(''));
    expect(results[0]?.messageId).toBe(machine.chatCtx.items.at(-1)?.id);
  });

  test('aborted before its first chunk rejects with the reason and leaves nothing', async () => {
    await using talk = await startModelMachine(FLOW, [{ fault: 'stall' }, LONG]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['on Friday', { at: 'b' }],
    ]);
    const before = snapshot(talk.machine);
    const abort = new AbortController();
    const reason = new Error('the caller spoke');
    const stream = talk.machine.turn('I have a question', { stream: true, signal: abort.signal });
    const reading = stream[Symbol.asyncIterator]().next();
    await until(() => talk.server.requests.length === 1);
    abort.abort(reason);
    await expect(reading).rejects.toBe(reason);
    expect(await talk.server.requests[0]?.closedByClient).toBe(true);
    expect(snapshot(talk.machine)).toEqual(before);
  });

  test('aborted before it is read rejects, and asks no model', async () => {
    await using talk = await startModelMachine(FLOW, [LONG]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['on Friday', { at: 'b' }],
    ]);
    const before = snapshot(talk.machine);
    const reason = new Error('too late');
    const turn = talk.machine.turn('I have a question', { signal: AbortSignal.abort(reason) });
    await expect(turn).rejects.toBe(reason);
    expect(talk.server.requests).toHaveLength(0);
    expect(snapshot(talk.machine)).toEqual(before);
  });

  test('aborted after its first chunk keeps the move and what was said, and ends with a result', async () => {
    await using talk = await startModelMachine(FLOW, [{ ...LONG, msPerToken: 5 }]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['on Friday', { at: 'b' }],
    ]);
    const abort = new AbortController();
    let said = '';
    let ended = false;
    const stream = talk.machine.turn('I have a question', { stream: true, signal: abort.signal });
    for await (const chunk of stream) {
      if (chunk.type === 'text') said += chunk.text;
      else ended = chunk.result.text === said;
      if (said.length > 10) abort.abort();
    }
    expect(ended).toBe(true);
    expect(talk.machine.flowState.node).toBe('c');
    expect(talk.machine.chatCtx.items.slice(-2)).toMatchObject([
      { role: 'user', content: 'I have a question' },
      { role: 'assistant', content: said },
    ]);
    expect(await talk.server.requests[0]?.closedByClient).toBe(true);
  });

  test('that is left in the middle keeps the move and what was said', async () => {
    await using talk = await startModelMachine(FLOW, [{ ...LONG, msPerToken: 5 }]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['on Friday', { at: 'b' }],
    ]);
    let said = '';
    for await (const chunk of talk.machine.turn('I have a question', { stream: true })) {
      if (chunk.type === 'text') said += chunk.text;
      break;
    }
    expect(talk.machine.flowState.node).toBe('c');
    expect(talk.machine.chatCtx.items.at(-1)).toMatchObject({ role: 'assistant', content: said });
    await expectTalk(talk.machine, [['no', { at: 'end', ended: true }]]);
  });

  test('of a farewell that is cut in the middle has not ended the call', async () => {
    const machine = machineOf(`
      initial_node: a
      nodes:
        - { id: a, static_text: Yes or no?, edges: [{ id: "yes", match: { intent: "yes" }, target_node_id: b }] }
        - { id: b, static_text: First words., edges: [{ id: on, condition: always, target_node_id: c }] }
        - { id: c, static_text: Last words., is_final: true, transfer: { to: "tel:1" } }
    `);
    await machine.turn(opened);
    const abort = new AbortController();
    for await (const chunk of machine.turn('yes', { stream: true, signal: abort.signal })) {
      if (chunk.type === 'text') abort.abort();
      else expect(chunk.result).toMatchObject({ text: 'First words.', ended: false, effects: [] });
    }
    expect(machine.flowState.ended).toBe(false);
  });
});

describe('what was heard', () => {
  async function spoken() {
    const machine = machineOf(FLOW, { llm: 'openai/fake@http://127.0.0.1:9' });
    await machine.turn(opened);
    const { messageId = '' } = await machine.turn('on Friday');
    return { machine, messageId };
  }

  test('less than all of a message marks it interrupted', async () => {
    const { machine, messageId } = await spoken();
    machine.heard(messageId, 'Anything');
    expect(machine.chatCtx.items.at(-1)).toMatchObject({ content: 'Anything', interrupted: true });
    expect(machine.chatCtx.items).toHaveLength(3);
  });

  test('all of a message leaves it as it is', async () => {
    const { machine, messageId } = await spoken();
    machine.heard(messageId, 'Anything else?');
    expect(machine.chatCtx.items.at(-1)).not.toHaveProperty('interrupted');
  });

  test('nothing of a message removes it', async () => {
    const { machine, messageId } = await spoken();
    machine.heard(messageId, '');
    expect(machine.chatCtx.items.map(({ content }) => content)).toEqual([
      'Which day?',
      'on Friday',
    ]);
  });

  test('of a message that nobody knows changes nothing', async () => {
    const { machine } = await spoken();
    const before = snapshot(machine);
    machine.heard('no-such-message', 'Hm');
    expect(snapshot(machine)).toEqual(before);
  });

  test('has the last word over a stream that still runs', async () => {
    await using talk = await startModelMachine(FLOW, [{ ...LONG, msPerToken: 1 }]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['on Friday', { at: 'b' }],
    ]);
    let chunks = 0;
    for await (const _ of talk.machine.turn('I have a question', { stream: true })) {
      const { id = '' } = talk.machine.chatCtx.items.at(-1) ?? {};
      chunks += 1;
      if (chunks === 3) talk.machine.heard(id, 'Good.');
      if (chunks === 10) break;
    }
    expect(talk.machine.chatCtx.items.at(-1)).toMatchObject({
      content: 'Good.',
      interrupted: true,
    });
    expect(talk.machine.chatCtx.items).toHaveLength(5);
  });

  test('is what the model is told the next time', async () => {
    await using talk = await startModelMachine(FLOW, [
      decide('on', 'Good. The rest is long.'),
      decide('stay', 'Yes?'),
    ]);
    await expectTalk(talk.machine, [
      [opened, {}],
      ['on Friday', { at: 'b' }],
    ]);
    const { messageId = '' } = await talk.machine.turn('I have a question');
    talk.machine.heard(messageId, 'Good.');
    await say(talk.machine, 'wait a moment');
    const told = JSON.stringify(talk.server.requests[1]?.body.messages);
    expect(told).toContain('Good.');
    expect(told).not.toContain('The rest is long');
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
