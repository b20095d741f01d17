import { describe, expect, test } from 'vitest';
import { ChatAgent } from '../../src/agent/chat-agent.ts';
import type { ChatTurn } from '../../src/agent/chat-turn.ts';
import { SuperdialogError, UsageError } from '../../src/errors.ts';
import { historyOf } from './brains.ts';

/** An agent of one's own whose words come from a function. */
class OwnAgent extends ChatAgent {
  readonly #words: (turn: ChatTurn) => AsyncIterable<string>;

  constructor(words: (turn: ChatTurn) => AsyncIterable<string>) {
    super({ recoveryLine: 'Pardon?' });
    this.#words = words;
  }

  protected override reply(turn: ChatTurn): AsyncIterable<string> {
    return this.#words(turn);
  }
}

describe("an agent of one's own", () => {
  test('is told what was said, the history, and what was whispered', async () => {
    const agent = new OwnAgent(async function* ({ text, history, whispers }) {
      yield `${text}/${history.length}/${whispers.join()}`;
    });
    expect((await agent.turn('one')).text).toBe('one/1/');
    agent.assist('hurry');
    expect((await agent.turn('two')).text).toBe('two/3/hurry');
  });

  test('survives errors of the world outside with the recovery line', async () => {
    const agent = new OwnAgent(async function* () {
      yield '';
      throw new SuperdialogError('shop_closed', 'the shop does not answer');
    });
    expect(await agent.turn('hello')).toMatchObject({
      text: 'Pardon?',
      metadata: { error: { code: 'shop_closed', message: 'the shop does not answer' } },
    });
  });

  test.each([
    ['a fault of the program', new TypeError('x is undefined')],
    ['wrong use', new UsageError('install it first')],
  ])('fails the turn for %s, which then never happened', async (_, error) => {
    const agent = new OwnAgent(async function* () {
      yield '';
      throw error;
    });
    await expect(agent.turn('hello')).rejects.toBe(error);
    expect(historyOf(agent)).toEqual([]);
  });

  test('says no recovery line to one who has hung up', async () => {
    const cancel = new AbortController();
    const agent = new OwnAgent(async function* () {
      yield '';
      cancel.abort(new Error('hung up'));
      throw new SuperdialogError('shop_closed', 'the shop does not answer');
    });
    await expect(agent.turn('hello', { signal: cancel.signal })).rejects.toThrow();
    expect(historyOf(agent)).toEqual([]);
  });

  test('remembers what it did in a turn that failed after it began', async () => {
    const agent = new OwnAgent(async function* (turn) {
      yield 'Wait.';
      await turn.committed;
      const call = { id: 'c', name: 'order', arguments: {} };
      turn.noteTool(call, { content: 'ordered', result: {} });
      throw new TypeError('x is undefined');
    });
    await expect(agent.turn('hello')).rejects.toThrow(TypeError);
    expect(historyOf(agent)).toEqual(['user: hello', 'tool: ordered', 'assistant: Wait.']);
  });

  test('begins with words: blanks before them do not make a turn happen', async () => {
    const agent = new OwnAgent(async function* () {
      yield '  ';
      yield '\n Hello';
      yield ' there.';
    });
    const texts: string[] = [];
    for await (const chunk of agent.turn('hello', { stream: true })) {
      if (chunk.type === 'text') texts.push(chunk.text);
    }
    expect(texts).toEqual(['Hello', ' there.']);
  });
});
