import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test, vi } from 'vitest';
import type { TurnInput } from '../../src/agent/agent.ts';
import { InProcessLockBackend } from '../../src/session/lock.ts';
import { InMemorySessionStore } from '../../src/session/memory-store.ts';
import { NullSessionStore } from '../../src/session/null-store.ts';
import type { SessionRecord, SessionStore } from '../../src/session/store.ts';
import { SessionWorker, type SessionWorkerOptions } from '../../src/session/worker.ts';
import { machineOf, opened, seenIn } from '../support/conversation.ts';
import { Parrot } from '../support/parrot.ts';

const FLOW = `
  initial_node: a
  nodes:
    - { id: a, static_text: [One?, "One, please?"], edges: [{ id: ab, match: { intent: "yes" }, target_node_id: b }] }
    - { id: b, static_text: Two?, edges: [{ id: bc, match: { intent: "yes" }, target_node_id: c }] }
    - { id: c, static_text: Goodbye., is_final: true }
`;

function workerOf(store: SessionStore, options: Partial<SessionWorkerOptions> = {}): SessionWorker {
  return new SessionWorker({ agentFactory: () => machineOf(FLOW), store, ...options });
}

/** Runs as a task that none of the test's handles belongs to. */
const elsewhere = AsyncLocalStorage.snapshot();

/** One turn in a session of its own. */
async function turnIn(worker: SessionWorker, input: string | TurnInput, id = 's') {
  return worker.withSession(id, async (session) => seenIn(await session.turn(input)));
}

describe('a session in a store', () => {
  test('is gone on with by the next holder', async () => {
    const worker = workerOf(new InMemorySessionStore());
    expect(await turnIn(worker, opened)).toMatchObject({ text: 'One?' });
    expect(await turnIn(worker, 'yes')).toMatchObject({ text: 'Two?', at: 'b' });
    await using session = await worker.acquire('s');
    expect(session.chatCtx.items.map(({ content }) => content)).toEqual(['One?', 'yes', 'Two?']);
  });

  test('is gone on with by another worker', async () => {
    const store = new InMemorySessionStore();
    await turnIn(workerOf(store), opened);
    expect(await turnIn(workerOf(store), 'yes')).toMatchObject({ at: 'b' });
  });

  test('is no other session', async () => {
    const worker = workerOf(new InMemorySessionStore());
    await turnIn(worker, opened);
    await turnIn(worker, 'yes');
    expect(await turnIn(worker, opened, 'other')).toMatchObject({ text: 'One?' });
  });

  test('has a version that grows with each save, and a time of creation that stays', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_000 });
    try {
      const store = new InMemorySessionStore();
      const worker = workerOf(store);
      await turnIn(worker, opened);
      const first = await store.load('s');
      vi.setSystemTime(5_000);
      await worker.withSession('s', async (session) => {
        await session.turn('yes');
        await session.checkpoint();
        await session.checkpoint();
        await session.turn('bananas');
      });
      const second = await store.load('s');
      expect(first).toMatchObject({ version: 1, createdAtMs: 1_000, updatedAtMs: 1_000 });
      expect(second).toMatchObject({ version: 3, createdAtMs: 1_000, updatedAtMs: 5_000 });
    } finally {
      vi.useRealTimers();
    }
  });

  test('is not saved by one who only looked at it', async () => {
    const store = new InMemorySessionStore();
    const worker = workerOf(store);
    await worker.withSession('s', async (session) => session.chatCtx.items);
    expect(await store.load('s')).toBeUndefined();
    await turnIn(worker, opened);
    await worker.withSession('s', async (session) => session.checkpoint());
    expect(await store.load('s')).toMatchObject({ version: 1 });
  });

  test('is saved once by two who ask for it at the same time', async () => {
    const store = new InMemorySessionStore();
    await workerOf(store).withSession('s', async (session) => {
      await session.turn(opened);
      await Promise.all([session.checkpoint(), session.checkpoint()]);
    });
    expect(await store.load('s')).toMatchObject({ version: 1 });
  });

  test('is not saved for a draft that was discarded', async () => {
    const store = new InMemorySessionStore();
    await workerOf(store).withSession('s', async (session) => {
      const draft = session.draft(opened);
      for await (const _ of draft.stream);
      draft.discard();
    });
    expect(await store.load('s')).toBeUndefined();
  });

  test('is saved with what was heard', async () => {
    const store = new InMemorySessionStore();
    const worker = workerOf(store);
    const { messageId = '' } = await worker.withSession('s', (session) => session.turn(opened));
    await worker.withSession('s', async (session) => session.heard(messageId, 'On'));
    expect((await store.load('s'))?.messages).toMatchObject([{ content: 'On', interrupted: true }]);
  });

  test('is handed out as a copy', async () => {
    const store = new InMemorySessionStore();
    await turnIn(workerOf(store), opened);
    const record = await store.load('s');
    record?.messages.splice(0);
    expect((await store.load('s'))?.messages).toHaveLength(1);

    const mine: SessionRecord = {
      id: 'mine',
      version: 1,
      createdAtMs: 0,
      updatedAtMs: 0,
      messages: [],
      flowState: { node: 'a' },
    };
    await store.save(mine);
    mine.flowState = null;
    expect((await store.load('mine'))?.flowState).toEqual({ node: 'a' });
  });

  test('that was saved by somebody else meanwhile is not overwritten', async () => {
    const store = new InMemorySessionStore();
    const slow = workerOf(store);
    await turnIn(slow, opened);
    const session = await slow.acquire('s');
    await turnIn(workerOf(store, { lockBackend: new InProcessLockBackend() }), 'yes');
    await session.turn('bananas');
    const late = session[Symbol.asyncDispose]();
    await expect(late).rejects.toMatchObject({ code: 'session_conflict' });
    expect((await store.load('s'))?.flowState).toMatchObject({ node: 'b' });
    // A failed save leaves no lock behind.
    expect(await turnIn(slow, 'yes')).toMatchObject({ at: 'c' });
  });

  test('that had ended starts anew under the same id', async () => {
    const store = new InMemorySessionStore();
    const worker = workerOf(store);
    await turnIn(worker, opened);
    await turnIn(worker, 'yes');
    expect(await turnIn(worker, 'yes')).toMatchObject({ ended: true });
    expect(await turnIn(worker, opened)).toMatchObject({ text: 'One?', ended: false });
    await using session = await worker.acquire('s');
    expect(session.chatCtx.items.map(({ content }) => content)).toEqual(['One?']);
    expect(await store.load('s')).toMatchObject({ version: 4 });
  });

  test('keeps whispers for the next holder', async () => {
    const store = new InMemorySessionStore();
    const worker = workerOf(store, {
      agentFactory: () => machineOf(FLOW, { llm: 'openai/fake@http://127.0.0.1:9' }),
    });
    await worker.withSession('s', async (session) => session.assist('Be nice.'));
    expect((await store.load('s'))?.flowState).toMatchObject({ whispers: ['Be nice.'] });
  });
});

test('with a null store nothing of one call is seen by the next with the same id', async () => {
  const worker = workerOf(new NullSessionStore());
  await turnIn(worker, opened);
  await turnIn(worker, 'yes');
  await using session = await worker.acquire('s');
  expect(session.chatCtx.items).toEqual([]);
  expect((await session.turn(opened)).text).toBe('One?');
});

describe('a handle', () => {
  test('is alone: the next waits until it is disposed', async () => {
    const worker = workerOf(new InMemorySessionStore());
    const first = await worker.acquire('s');
    const second = elsewhere(() => worker.acquire('s'));
    await first.turn(opened);
    await first[Symbol.asyncDispose]();
    await using session = await second;
    expect(session.chatCtx.items).toHaveLength(1);
  });

  test('is given up by one who stops waiting, and counts no longer', async () => {
    const worker = workerOf(new NullSessionStore(), { maxSessions: 2 });
    const first = await worker.acquire('s');
    const abort = new AbortController();
    const second = elsewhere(() => worker.acquire('s', { signal: abort.signal }));
    const reason = new Error('hung up');
    abort.abort(reason);
    await expect(second).rejects.toBe(reason);
    await using _ = await worker.acquire('t');
    await first[Symbol.asyncDispose]();
    await using again = await worker.acquire('s');
    expect(again.id).toBe('s');
  });

  test('that is closed fails clearly at everything', async () => {
    const worker = workerOf(new NullSessionStore());
    const session = await worker.acquire('s');
    await session.turn(opened);
    await session[Symbol.asyncDispose]();
    await session[Symbol.asyncDispose]();
    const closed = expect.objectContaining({ code: 'session_closed' });
    expect(() => session.draft('yes')).toThrow(closed);
    expect(() => session.heard('x', 'y')).toThrow(closed);
    expect(() => session.assist('x')).toThrow(closed);
    await expect(session.checkpoint()).rejects.toEqual(closed);
    await expect((async () => session.turn('yes'))()).rejects.toEqual(closed);
  });

  test('that is closed while a stream runs ends the stream with that error', async () => {
    const worker = workerOf(new InMemorySessionStore());
    const session = await worker.acquire('s');
    const draft = session.draft(opened);
    const stream = session.turn(opened, { stream: true })[Symbol.asyncIterator]();
    await session[Symbol.asyncDispose]();
    const closed = { code: 'session_closed' };
    await expect(stream.next()).rejects.toMatchObject(closed);
    await expect(draft.stream[Symbol.asyncIterator]().next()).rejects.toMatchObject(closed);
  });

  test('saves what was said of a stream that was cut', async () => {
    const store = new InMemorySessionStore();
    await workerOf(store).withSession('s', async (session) => {
      for await (const _ of session.turn(opened, { stream: true })) break;
    });
    expect((await store.load('s'))?.messages).toMatchObject([{ content: 'One?' }]);
  });

  test('leaves nothing on a signal that outlives its turns', async () => {
    const worker = new SessionWorker({
      store: new InMemorySessionStore(),
      agentFactory: () => new Parrot(),
    });
    const { signal } = new AbortController();
    await using session = await worker.acquire('s', { signal });
    await session.turn('hello', { signal });
    for await (const _ of session.turn('hello', { stream: true, signal }));
    for await (const _ of session.turn('hello', { stream: true, signal })) break;
    const draft = session.draft('hello', { signal });
    for await (const _ of draft.stream);
    draft.discard();
    session.draft('hello', { signal }).discard();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('is refused beyond maxSessions, and free again after', async () => {
    const worker = workerOf(new NullSessionStore(), { maxSessions: 1 });
    const first = await worker.acquire('s');
    await expect(worker.acquire('t')).rejects.toMatchObject({ code: 'session_limit' });
    await first[Symbol.asyncDispose]();
    await using second = await worker.acquire('t');
    expect(second.id).toBe('t');
  });
});

describe('the task that holds a session', () => {
  const reentry = expect.objectContaining({ code: 'session_reentry' });

  test('is told at once when it asks for it again, whether it has used the handle or not', async () => {
    const worker = workerOf(new InMemorySessionStore());
    const untouched = await worker.acquire('s');
    await expect(worker.acquire('s')).rejects.toEqual(reentry);
    await untouched[Symbol.asyncDispose]();
    await using session = await worker.acquire('s');
    await expect(worker.acquire('s')).rejects.toEqual(reentry);
    await session.turn(opened);
    await sleep(1);
    await expect(turnIn(worker, 'yes')).rejects.toEqual(reentry);
    await expect(worker.delete('s')).rejects.toEqual(reentry);
  });

  test('is told so by a second worker with the same locks too', async () => {
    const lockBackend = new InProcessLockBackend();
    const store = new InMemorySessionStore();
    await using _ = await workerOf(store, { lockBackend }).acquire('s');
    await expect(workerOf(store, { lockBackend }).acquire('s')).rejects.toEqual(reentry);
  });

  test('may hold others, and the same one again later', async () => {
    const worker = workerOf(new InMemorySessionStore());
    await worker.withSession('s', () => turnIn(worker, opened, 't'));
    await turnIn(worker, opened);
    await turnIn(worker, 'yes');
  });

  test('is not one that runs beside it and waits for its turn', async () => {
    const worker = workerOf(new InMemorySessionStore());
    const order: string[] = [];
    const task = async (name: string) => {
      await using session = await worker.acquire('s');
      order.push(name);
      await sleep(5);
      await session.turn(opened);
      order.push(name);
    };
    // Started by one loop, at once and while others hold the session.
    const tasks = [task('a'), task('b')];
    await sleep(2);
    tasks.push(task('c'));
    await sleep(5);
    tasks.push(task('d'));
    await Promise.all(tasks);
    expect(order.join('')).toBe('aabbccdd');
  });
});

describe('what fails leaves the session free', () => {
  test('a store that cannot load', async () => {
    const broken = {
      load: () => Promise.reject(new Error('disk')),
      save: async () => {},
      delete: async () => {},
    };
    const worker = workerOf(broken, { maxSessions: 1 });
    await expect(worker.acquire('s')).rejects.toThrow('disk');
    await expect(worker.acquire('s')).rejects.toThrow('disk');
  });

  test('a factory that throws', async () => {
    let fails = true;
    const worker = workerOf(new NullSessionStore(), {
      maxSessions: 1,
      agentFactory: () => {
        if (fails) throw new Error('no flow');
        return machineOf(FLOW);
      },
    });
    await expect(worker.acquire('s')).rejects.toThrow('no flow');
    fails = false;
    await using session = await worker.acquire('s');
    expect(session.id).toBe('s');
  });

  test("a save that fails does not hide the turn's error", async () => {
    const store = {
      load: async () => undefined,
      save: () => Promise.reject(new Error('disk')),
      delete: async () => {},
    };
    const using = workerOf(store).withSession('s', async (session) => {
      await session.turn(opened);
      throw new Error('the turn');
    });
    const error: unknown = await using.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SuppressedError);
    if (error instanceof SuppressedError) expect(error.suppressed.message).toBe('the turn');
  });

  test('a turn that throws leaves history and store as they were', async () => {
    const store = new InMemorySessionStore();
    const worker = workerOf(store);
    await turnIn(worker, opened);
    const before = await store.load('s');
    await worker.withSession('s', async (session) => {
      const turn = session.turn('yes', { signal: AbortSignal.abort(new Error('cancelled')) });
      await expect(turn).rejects.toThrow('cancelled');
      expect(session.chatCtx.items).toHaveLength(1);
    });
    expect(await store.load('s')).toEqual(before);
  });
});

describe('an agent with only the four members', () => {
  function parrots(store: SessionStore = new InMemorySessionStore()) {
    const agents: Parrot[] = [];
    const worker = new SessionWorker({
      store,
      agentFactory: () => {
        const parrot = new Parrot();
        agents.push(parrot);
        return parrot;
      },
    });
    return { worker, agents };
  }

  test('turns, and its result is filled up', async () => {
    const { worker } = parrots();
    await using session = await worker.acquire('s');
    expect(session.flowState).toBeNull();
    expect(await session.turn('hello')).toMatchObject({
      text: 'You said hello.',
      toolCalls: [],
      moves: [],
      refused: [],
      ended: false,
      effects: [],
      metadata: {},
    });
    const texts: string[] = [];
    for await (const chunk of session.turn('again', { stream: true })) {
      if (chunk.type === 'text') texts.push(chunk.text);
    }
    expect(texts.join('')).toBe('You said again.');
  });

  test('gets strings only: keys as text, no opening and no silence', async () => {
    const { worker } = parrots();
    await using session = await worker.acquire('s');
    expect(await session.turn(opened)).toMatchObject({ text: '' });
    expect(await session.turn({ kind: 'silence', count: 1 })).toMatchObject({ text: '' });
    expect(await session.turn({ kind: 'dtmf', digits: '42' })).toMatchObject({
      text: 'You said 42.',
    });
    expect(session.chatCtx.items).toHaveLength(2);
  });

  test('has its history corrected through loadChatCtx', async () => {
    const { worker } = parrots();
    await using session = await worker.acquire('s');
    const { messageId = '' } = await session.turn('hello');
    session.heard(messageId, 'You');
    expect(session.chatCtx.items.at(-1)).toMatchObject({ content: 'You', interrupted: true });
    session.heard(messageId, '');
    expect(session.chatCtx.items).toHaveLength(1);
  });

  test('goes on where it was, and hears whispers', async () => {
    const { worker, agents } = parrots();
    await worker.withSession('s', (session) => session.turn('hello'));
    await using session = await worker.acquire('s');
    expect(session.chatCtx.items).toHaveLength(2);
    session.assist('Louder.');
    expect(agents.at(-1)?.whispers).toEqual(['Louder.']);
  });

  test('gets a whisper once, though the turn in which it came is taken back', async () => {
    const { worker, agents } = parrots();
    await using session = await worker.acquire('s');
    session.assist('Before.');
    const draft = session.draft('hello');
    for await (const chunk of draft.stream) if (chunk.type === 'done') session.assist('During.');
    draft.discard();
    session.assist('After.');
    await session.turn('hello');
    expect(agents.at(-1)?.whispers).toEqual(['Before.', 'During.', 'After.']);
    session.assist('Later.');
    for await (const _ of session.turn('hello', { stream: true })) break;
    session.assist('Last.');
    await session.turn('hello');
    expect(agents.at(-1)?.whispers).toEqual(['Last.']);
  });

  test('does nothing for a draft that nobody reads', async () => {
    const { worker } = parrots();
    await using session = await worker.acquire('s');
    session.draft('hello').discard();
    expect(session.chatCtx.items).toEqual([]);
  });
});

test('two turns at once on one handle are never mixed', async () => {
  await using session = await workerOf(new NullSessionStore()).acquire('s');
  await session.turn(opened);
  const results = await Promise.allSettled([session.turn('yes'), session.turn('yes')]);
  const done = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const said = session.chatCtx.items.map(({ content }) => content);
  expect(said).toEqual(['One?', ...done.flatMap(({ text }) => ['yes', text])]);
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'turn_running' });
  }
});

test('many sessions at once, and many turns of one, come out in order', async () => {
  const worker = workerOf(new InMemorySessionStore());
  const ids = Array.from({ length: 50 }, (_, index) => `s${index}`);
  await Promise.all(ids.map((id) => turnIn(worker, opened, id)));
  const turns = await Promise.all(
    ids.flatMap((id) => [turnIn(worker, 'yes', id), turnIn(worker, 'yes', id)]),
  );
  expect(turns.map(({ at }) => at)).toEqual(ids.flatMap(() => ['b', 'c']));
});

describe('memory', () => {
  /** Counts the agents that are made. */
  function counted(options: Partial<SessionWorkerOptions> = {}) {
    const made: string[] = [];
    const worker = workerOf(new InMemorySessionStore(), {
      agentFactory: (id) => {
        made.push(id);
        return machineOf(FLOW);
      },
      ...options,
    });
    return { worker, made };
  }

  test('keeps the sessions that were used last, and makes the others again', async () => {
    const { worker, made } = counted({ maxSessions: 2 });
    for (const id of ['a', 'b', 'a', 'c', 'a', 'b'])
      await worker.withSession(id, (s) => s.turn(opened));
    expect(made).toEqual(['a', 'b', 'c', 'b']);
  });

  test('is not trusted where the store has something newer', async () => {
    const { worker, made } = counted();
    const store = new InMemorySessionStore();
    const first = counted({ store });
    await turnIn(first.worker, opened);
    await turnIn(workerOf(store), 'yes');
    expect(await turnIn(first.worker, 'yes')).toMatchObject({ at: 'c' });
    expect(first.made).toEqual(['s', 's']);
    await turnIn(worker, opened);
    expect(made).toEqual(['s']);
  });

  test('keeps nothing of a session that was not saved, failed to be saved, or ended', async () => {
    const { worker, made } = counted();
    await worker.withSession('looked at', async () => {});
    await worker.withSession('looked at', async () => {});
    for (const said of [opened, 'yes', 'yes']) await turnIn(worker, said);
    await turnIn(worker, opened);
    expect(made).toEqual(['looked at', 'looked at', 's', 's']);
  });

  test('does not grow with 50,000 sessions that are over', async () => {
    const worker = new SessionWorker({
      store: new NullSessionStore(),
      agentFactory: () => new Parrot(),
      maxSessions: 100_000,
    });
    const talk = async (from: number, to: number) => {
      for (let index = from; index < to; index += 1) {
        await worker.withSession(`session ${index}`, (session) => session.turn('hello'));
      }
    };
    await talk(0, 5000);
    const before = usedBytes();
    await talk(5000, 55_000);
    // 20 bytes a session would be 1 MB.
    expect(usedBytes() - before).toBeLessThan(1_000_000);
  });
});

describe('what is stored and cannot be gone on with', () => {
  const OTHER = `
    name: flow
    initial_node: a
    nodes:
      - { id: a, static_text: One?, edges: [{ id: ad, match: { intent: "yes" }, target_node_id: d }] }
      - { id: d, static_text: Goodbye., is_final: true }
  `;
  const badState = expect.objectContaining({ code: 'bad_state' });

  test('is refused where the node is gone from the flow, until it is deleted', async () => {
    const store = new InMemorySessionStore();
    for (const id of ['s', 't']) await turnIn(workerOf(store), opened, id);
    await turnIn(workerOf(store), 'yes');
    const changed = workerOf(store, { agentFactory: () => machineOf(OTHER), maxSessions: 1 });
    await expect(changed.acquire('s')).rejects.toEqual(badState);
    await expect(changed.acquire('s')).rejects.toThrow('node "b"');
    // The other session is at a node that is still there.
    expect(await turnIn(changed, 'yes', 't')).toMatchObject({ at: 'd' });
    expect(await turnIn(workerOf(store), 'bananas')).toMatchObject({ at: 'b' });
    await changed.delete('s');
    expect(await turnIn(changed, opened)).toMatchObject({ text: 'One?' });
  });

  test('is refused where a later version has saved it', async () => {
    const store = new InMemorySessionStore();
    await turnIn(workerOf(store), opened);
    const record = await store.load('s');
    const state = typeof record?.flowState === 'object' ? record.flowState : null;
    if (record === undefined) throw new Error('not saved');
    await store.save({ ...record, version: 2, flowState: { ...state, format: 2 } });
    await expect(workerOf(store).acquire('s')).rejects.toEqual(badState);
    await expect(workerOf(store).acquire('s')).rejects.toThrow('update superdialog-voice');
  });
});

test('a turn that stands still is no reason to hold a session for ever', async () => {
  class DeafParrot extends Parrot {
    override turn(): never {
      // Neither of the two ways to turn ever comes to anything.
      return new Promise(() => {}) as never;
    }
  }
  const worker = new SessionWorker({
    store: new InMemorySessionStore(),
    agentFactory: () => new DeafParrot(),
  });
  const session = await worker.acquire('s');
  const turn = session.turn('hello');
  turn.catch(() => {});
  await sleep(1);
  await session[Symbol.asyncDispose]();
  await expect(turn).rejects.toMatchObject({ code: 'session_closed' });
  await elsewhere(() => worker.withSession('s', async () => {}));
});

function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  const collectGarbage: unknown = runInNewContext('gc');
  if (typeof collectGarbage !== 'function') throw new Error('no garbage collection at hand');
  for (let round = 0; round < 3; round += 1) collectGarbage();
  return process.memoryUsage().heapUsed;
}
