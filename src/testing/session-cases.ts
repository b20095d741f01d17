import assert from 'node:assert/strict';
import type { StreamChunk, TurnInput, TurnResult } from '../agent/agent.ts';
import type { ChatMessage } from '../agent/chat-context.ts';
import { SuperdialogError } from '../errors.ts';
import type { SessionAgent, SessionHandle } from '../session/handle.ts';
import type { LockBackend } from '../session/lock.ts';
import type { SaveOptions, SessionRecord, SessionStore } from '../session/store.ts';
import { SessionWorker, type SessionWorkerOptions } from '../session/worker.ts';
import {
  type ConformanceCase,
  casesOf,
  elsewhere,
  type Fixture,
  ODD_IDS,
  rejectsWith,
  settled,
} from './conformance.ts';
import { saidAloud } from './said-aloud.ts';

/** A kind of agent, and what a caller may say to it. */
export interface BrainUnderTest {
  /** A new agent of one session. */
  make(): SessionAgent;
  /** The first three turns of a conversation; each is answered with two words or more. */
  says: readonly [string | TurnInput, string | TurnInput, string | TurnInput];
  /** An agent like the others, all of whose turns fail with an error before their first words. */
  makeFailing(): SessionAgent;
  /** A whole conversation, if there is one that ends. */
  saysToTheEnd?: readonly (string | TurnInput)[];
}

export interface SessionFixture extends Fixture {
  brain: BrainUnderTest;
  store: SessionStore;
  locks: LockBackend;
  /** The same sessions and locks, as another process has them; the same objects if there is none. */
  other: { store: SessionStore; locks: LockBackend };
}

/** What every brain, store and lock must do together in a session. */
export function sessionCases(open: () => Promise<SessionFixture>): ConformanceCase[] {
  return casesOf(open, {
    'a session is gone on with, also by another process': async (fixture) => {
      if (fixture.store.keepsNothing === true) return;
      const { worker, otherWorker, says } = workersOf(fixture);
      await worker.withSession('s', (session) => session.turn(says[0]));
      const before = await otherWorker.withSession('s', async (session) => {
        await session.turn(says[1]);
        return seen(session);
      });
      // What the first worker still has in memory is out of date.
      await worker.withSession('s', async (session) => {
        assert.deepEqual(await seen(session), before);
        await session.turn(says[2]);
        assert.ok(session.chatCtx.items.length > before.messages.length);
      });
    },
    'a session has the whole state it was left with': async (fixture) => {
      if (fixture.store.keepsNothing === true) return;
      const { worker, otherWorker, says } = workersOf(fixture);
      const left = await worker.withSession('s', async (session) => {
        for (const said of says) await session.turn(said);
        return seen(session);
      });
      assert.deepEqual(await otherWorker.withSession('s', seen), left);
      assert.deepEqual(await worker.withSession('s', seen), left);
    },
    'acquiring and releasing changes nothing in the store': async (fixture) => {
      const { worker, says } = workersOf(fixture);
      await worker.withSession('s', async () => {});
      assert.equal(await fixture.store.load('s'), undefined);
      await worker.withSession('s', (session) => session.turn(says[0]));
      const stored = await fixture.store.load('s');
      await worker.withSession('s', (session) => session.checkpoint());
      assert.deepEqual(await fixture.store.load('s'), stored);
    },
    'versions grow by one and the time of creation stays': async (fixture) => {
      if (fixture.store.keepsNothing === true) return;
      const { worker, says } = workersOf(fixture);
      await worker.withSession('s', (session) => session.turn(says[0]));
      const first = await fixture.store.load('s');
      await worker.withSession('s', (session) => session.turn(says[1]));
      const second = await fixture.store.load('s');
      assert.equal(second?.version, (first?.version ?? 0) + 1);
      assert.equal(second?.createdAtMs, first?.createdAtMs);
    },
    'with a store that keeps nothing the next call sees nothing': async (fixture) => {
      if (fixture.store.keepsNothing !== true) return;
      let agents = 0;
      const { worker, says } = workersOf(fixture, {
        agentFactory: () => {
          agents += 1;
          return fixture.brain.make();
        },
      });
      await worker.withSession('s', (session) => session.turn(says[0]));
      await worker.withSession('s', async (session) => {
        assert.equal(agents, 2, 'the agent of a call that is over is not used again');
        assert.equal(saidBy(session, 'assistant').length, 0);
      });
    },
    'saved after each turn if so asked': async (fixture) => {
      if (fixture.store.keepsNothing === true) return;
      const { worker, says } = workersOf(fixture, { persist: 'turn' });
      await worker.withSession('s', async (session) => {
        for (const [index, said] of says.entries()) {
          await session.turn(said);
          const stored = await fixture.other.store.load('s');
          assert.equal(stored?.version, index + 1);
          assert.deepEqual(stored?.messages, plain(session.chatCtx.items));
        }
      });
      assert.equal((await fixture.store.load('s'))?.version, says.length);
    },
    'a turn that throws leaves history, state and store as they were': async (fixture) => {
      const { says } = fixture.brain;
      await workersOf(fixture).worker.withSession('s', (session) => session.turn(says[0]));
      const stored = await fixture.store.load('s');
      const { worker } = workersOf(fixture, { agentFactory: () => fixture.brain.makeFailing() });
      await worker.withSession('s', async (session) => {
        const before = await seen(session);
        await assert.rejects(session.turn(says[1]));
        assert.deepEqual(await seen(session), before);
        await assert.rejects(read(session.turn(says[1], { stream: true })));
        assert.deepEqual(await seen(session), before);
      });
      if (fixture.store.keepsNothing !== true) {
        const now = await workersOf(fixture).worker.withSession('s', seen);
        assert.deepEqual(now.messages, plain(stored?.messages ?? []));
      }
    },
    'a turn that is cancelled before its first words leaves all as it was': async (fixture) => {
      const { worker, says } = workersOf(fixture);
      const reason = new Error('the caller hung up');
      const after = await worker.withSession('s', async (session) => {
        await session.turn(says[0]);
        const before = await seen(session);
        const signal = AbortSignal.abort(reason);
        await assert.rejects(session.turn(says[1], { signal }), reason);
        await assert.rejects(read(session.turn(says[1], { stream: true, signal })), reason);
        assert.deepEqual(await seen(session), before);
        await session.turn(says[1]);
        return seen(session);
      });
      assert.equal(countOf(after, 'assistant'), 2);
    },
    'a draft that is discarded never was': async (fixture) => {
      const { worker, says } = workersOf(fixture);
      await worker.withSession('s', async (session) => {
        await session.turn(says[0]);
        const before = await seen(session);
        const draft = session.draft(says[1]);
        await read(draft.stream);
        draft.discard();
        assert.deepEqual(await seen(session), before);
        assert.throws(() => draft.commit(), { code: 'draft_discarded' });
        await session.turn(says[1]);
        assert.equal(countOf(await seen(session), 'assistant'), 2);
      });
    },
    'a draft about which nobody decided is not stored, and is taken back by the next turn': async (
      fixture,
    ) => {
      const { worker, says } = workersOf(fixture);
      const left = await worker.withSession('s', async (session) => {
        await session.turn(says[0]);
        const before = await seen(session);
        const draft = session.draft(says[1]);
        await read(draft.stream);
        await session.checkpoint();
        if (fixture.store.keepsNothing !== true) {
          assert.deepEqual((await fixture.store.load('s'))?.messages, before.messages);
        }
        await session.turn(says[1]);
        assert.equal(saidBy(session, 'assistant').length, 2);
        assert.throws(() => draft.commit());
        const after = await seen(session);
        await read(session.draft(says[2]).stream);
        return after;
      });
      if (fixture.store.keepsNothing === true) return;
      assert.deepEqual(await worker.withSession('s', seen), left);
    },
    'a turn that is cut after its first words stands with what was said': async (fixture) => {
      const { worker, otherWorker, says } = workersOf(fixture);
      let said = '';
      const cut = await worker.withSession('s', async (session) => {
        await session.turn(says[0]);
        for await (const chunk of session.turn(says[1], { stream: true })) {
          if (chunk.type !== 'text') continue;
          said = chunk.text;
          break;
        }
        assert.equal(saidBy(session, 'assistant').at(-1)?.content, said);
        return seen(session);
      });
      assert.notEqual(said, '');
      if (fixture.store.keepsNothing === true) return;
      assert.deepEqual(await otherWorker.withSession('s', seen), cut);
    },
    'what was not heard is not in the history': async (fixture) => {
      const { worker, otherWorker, says } = workersOf(fixture);
      const word = await worker.withSession('s', async (session) => {
        const { text, messageId = lastId(session) } = await session.turn(says[0]);
        const [first = ''] = text.split(' ');
        assert.notEqual(first, text, 'the brain must answer with two words or more');
        session.heard(messageId, first);
        return first;
      });
      if (fixture.store.keepsNothing === true) return;
      await otherWorker.withSession('s', async (session) => {
        const last = saidBy(session, 'assistant').at(-1);
        assert.equal(last?.content, word);
        assert.equal(last?.interrupted, true);
      });
    },
    'two turns at once on one handle are never mixed': async (fixture) => {
      const { worker, says } = workersOf(fixture);
      await worker.withSession('s', async (session) => {
        await session.turn(says[0]);
        const before = session.chatCtx.items.length;
        const first = session.turn(says[1], { stream: true })[Symbol.asyncIterator]();
        await first.next();
        await rejectsWith('turn_running', session.turn(says[2]));
        const second = session.turn(says[2], { stream: true })[Symbol.asyncIterator]();
        await rejectsWith('turn_running', second.next());
        await read({ [Symbol.asyncIterator]: () => first });
        assert.equal(saidBy(session, 'assistant').length, 2);
        assert.ok(session.chatCtx.items.length > before);
        await session.turn(says[2]);
        assert.equal(saidBy(session, 'assistant').length, 3);
      });
    },
    'a handle that is closed fails clearly at everything': async (fixture) => {
      const { worker, says } = workersOf(fixture);
      const session = await worker.acquire('s');
      const started = session.turn(says[0], { stream: true })[Symbol.asyncIterator]();
      await started.next();
      await session[Symbol.asyncDispose]();
      await session[Symbol.asyncDispose]();
      await rejectsWith('session_closed', started.next());
      await rejectsWith('session_closed', read(session.turn(says[1], { stream: true })));
      await rejectsWith('session_closed', session.turn(says[1]));
      await rejectsWith('session_closed', session.checkpoint());
      for (const use of [
        () => session.draft(says[1]),
        () => session.heard('m', 'w'),
        () => session.assist('Be kind.'),
      ]) {
        assert.throws(use, { code: 'session_closed' });
      }
    },
    'whispers between turns are stored': async (fixture) => {
      if (fixture.store.keepsNothing === true) return;
      const { worker, otherWorker, says } = workersOf(fixture);
      const whisper = 'Offer the caller a window seat.';
      await worker.withSession('s', (session) => session.turn(says[0]));
      try {
        await worker.withSession('s', async (session) => session.assist(whisper));
      } catch (error) {
        // A brain without a model refuses whispers with a reason.
        assert.ok(error instanceof SuperdialogError && error.code === 'assist_refused');
        return;
      }
      const kept = async () =>
        JSON.stringify(await fixture.other.store.load('s')).includes(whisper);
      assert.ok(await kept());
      // Once loaded, they are still kept.
      await otherWorker.withSession('s', async (session) => session.heard(lastId(session), 'Well'));
      assert.ok(await kept());
    },
    'the task that holds a session is told at once when it asks again': async (fixture) => {
      const { worker } = workersOf(fixture);
      const untouched = await worker.acquire('s');
      await rejectsWith('session_reentry', worker.acquire('s'));
      await untouched[Symbol.asyncDispose]();
      await worker.withSession('s', async () => {
        await settled();
        await rejectsWith('session_reentry', worker.acquire('s'));
        await worker.withSession('t', async () => {});
      });
      await worker.withSession('s', async () => {});
    },
    'a session is served in order of arrival': async (fixture) => {
      const { worker } = workersOf(fixture);
      const order: number[] = [];
      const task = (index: number) =>
        worker.withSession('s', async () => {
          order.push(index);
          await settled();
          order.push(index);
        });
      await Promise.all([0, 1, 2, 3].map(task));
      assert.deepEqual(order, [0, 0, 1, 1, 2, 2, 3, 3]);
    },
    'waiting ends with a time limit or a signal': async (fixture) => {
      const { worker } = workersOf(fixture);
      await using _ = await worker.acquire('s');
      const abort = new AbortController();
      const limited = elsewhere(() => worker.acquire('s', { timeoutMs: 5 }));
      const { signal } = abort;
      const aborted = elsewhere(() => worker.acquire('s', { signal }));
      await rejectsWith('lock_timeout', limited);
      const reason = new Error('the caller hung up');
      abort.abort(reason);
      await assert.rejects(aborted, reason);
    },
    'at most maxSessions are held, and a held one is never let go': async (fixture) => {
      const { worker, says } = workersOf(fixture, { maxSessions: 2 });
      const held = await worker.acquire('held');
      await held.turn(says[0]);
      for (const id of ['a', 'b', 'c', 'a']) {
        await worker.withSession(id, (session) => session.turn(says[0]));
      }
      const second = await worker.acquire('second');
      await rejectsWith('session_limit', worker.acquire('third'));
      await second[Symbol.asyncDispose]();
      await held.turn(says[1]);
      const left = await seen(held);
      await held[Symbol.asyncDispose]();
      if (fixture.store.keepsNothing === true) return;
      assert.deepEqual(await worker.withSession('held', seen), left);
    },
    'a slow earlier save does not land after a later one': async (fixture) => {
      if (fixture.store.keepsNothing === true) return;
      const slow = slowedDown(fixture.store);
      const { worker, says } = workersOf(fixture, { store: slow.store });
      const left = await worker.withSession('s', async (session) => {
        await session.turn(says[0]);
        const first = session.checkpoint();
        await session.turn(says[1]);
        const second = session.checkpoint();
        await settled();
        slow.letGo();
        await Promise.all([first, second]);
        return seen(session);
      });
      const stored = await fixture.store.load('s');
      assert.equal(stored?.version, 2);
      assert.deepEqual(stored?.messages, left.messages);
    },
    'a session that was changed elsewhere is not overwritten': async (fixture) => {
      if (fixture.store.keepsNothing === true) return;
      const { worker, says } = workersOf(fixture);
      await worker.withSession('s', (session) => session.turn(says[0]));
      const session = await worker.acquire('s');
      await session.turn(says[1]);
      // Somebody who does not care about locks.
      const stored = await fixture.other.store.load('s');
      assert.ok(stored !== undefined);
      const foreign = { ...stored, version: stored.version + 1, messages: [] };
      await fixture.other.store.save(foreign);
      await rejectsWith('session_conflict', session[Symbol.asyncDispose]());
      assert.deepEqual(await fixture.store.load('s'), foreign);
      // The lock is free, and what is in the store counts.
      await worker.withSession('s', async (next) => assert.deepEqual(next.chatCtx.items, []));
    },
    'who lost its lock no longer saves': async (fixture) => {
      const { locks, store, other } = fixture;
      if (locks.steal === undefined || store.keepsNothing === true) return;
      const { worker, otherWorker, says } = workersOf(fixture);
      const lost = await worker.acquire('s');
      await lost.turn(says[0]);
      assert.equal(await other.locks.steal?.('s', locks.holder ?? ''), true);
      const left = await elsewhere(() =>
        otherWorker.withSession('s', async (session) => {
          await session.turn(says[0]);
          return seen(session);
        }),
      );
      await rejectsWith('session_conflict', lost.checkpoint());
      await rejectsWith('session_conflict', lost[Symbol.asyncDispose]());
      assert.deepEqual(await worker.withSession('s', seen), left);
    },
    "a save that fails hides no turn's error and harms no other session": async (fixture) => {
      const store = brokenFor('bad', fixture.store);
      const { worker, says } = workersOf(fixture, { store });
      const failing = worker.withSession('bad', async (session) => {
        await session.turn(says[0]);
        throw new Error('the turn');
      });
      const error: unknown = await failing.catch((reason: unknown) => reason);
      assert.ok(error instanceof SuppressedError);
      assert.match(String(error.error), /the disk/);
      assert.match(String(error.suppressed), /the turn/);
      await worker.withSession('good', (session) => session.turn(says[0]));
      // It is free again, and nothing of what was not stored is left.
      await worker.withSession('bad', async (session) => {
        assert.equal(saidBy(session, 'assistant').length, 0);
      });
    },
    'a conversation that has ended is not gone on with': async (fixture) => {
      const { saysToTheEnd } = fixture.brain;
      if (saysToTheEnd === undefined) return;
      const { worker, otherWorker } = workersOf(fixture);
      const first = await worker.withSession('s', async (session) => {
        let result: TurnResult | undefined;
        for (const said of saysToTheEnd) result = await session.turn(said);
        assert.equal(result?.ended, true);
        return seen(session);
      });
      for (const next of [worker, otherWorker]) {
        await next.withSession('s', async (session) => {
          assert.equal(saidBy(session, 'assistant').length, 0);
          assert.notDeepEqual(await seen(session), first);
        });
      }
      const [said = ''] = saysToTheEnd;
      const again = await worker.withSession('s', (session) => session.turn(said));
      assert.equal(again.ended, false);
    },
    'a session can be forgotten': async (fixture) => {
      const { worker, says } = workersOf(fixture);
      await worker.withSession('s', (session) => session.turn(says[0]));
      await worker.delete('s');
      assert.equal(await fixture.store.load('s'), undefined);
      await worker.withSession('s', async (session) => {
        assert.equal(saidBy(session, 'assistant').length, 0);
      });
    },
    'any text is an id, and what is none is refused': async (fixture) => {
      const { worker, says } = workersOf(fixture);
      for (const id of ODD_IDS) {
        await worker.withSession(id, async (session) => {
          assert.equal(saidBy(session, 'assistant').length, 0);
          await session.turn(says[0]);
        });
      }
      for (const id of ['', 'x'.repeat(10_000), '\ud83d']) {
        await rejectsWith('bad_session_id', worker.acquire(id));
      }
    },
    'nothing of a conversation is printed': async (fixture) => {
      const printed = await saidAloud(async () => {
        const { worker, says } = workersOf(fixture);
        await worker.withSession('secret-id', async (session) => {
          for (const said of says) await session.turn(said);
          await session.turn(says[0], { signal: AbortSignal.abort() }).catch(() => {});
        });
      });
      assert.equal(printed, '');
    },
    'many sessions at once, and many turns of one, lose nothing': async (fixture) => {
      if (fixture.store.keepsNothing === true) return;
      const { worker, otherWorker, says } = workersOf(fixture);
      const ids = ['a', 'b', 'c', 'd', 'e'];
      const turn = (by: SessionWorker, id: string) =>
        by.withSession(id, async (session) => {
          const done = saidBy(session, 'assistant').length;
          const said = says[done];
          assert.ok(said !== undefined);
          await session.turn(said);
        });
      await Promise.all(
        ids.flatMap((id) => [turn(worker, id), turn(otherWorker, id), turn(worker, id)]),
      );
      for (const id of ids) {
        await otherWorker.withSession(id, async (session) => {
          assert.equal(saidBy(session, 'assistant').length, 3);
        });
      }
    },
  });
}

function workersOf(fixture: SessionFixture, options: Partial<SessionWorkerOptions> = {}) {
  const { brain, store, locks, other } = fixture;
  const agentFactory = () => brain.make();
  return {
    says: brain.says,
    worker: new SessionWorker({ agentFactory, store, lockBackend: locks, ...options }),
    otherWorker: new SessionWorker({
      agentFactory,
      store: other.store,
      lockBackend: other.locks,
      ...options,
    }),
  };
}

interface Seen {
  messages: ChatMessage[];
  flowState: unknown;
}

/** What can be seen of a session, as plain JSON. */
async function seen({ chatCtx, flowState }: SessionHandle): Promise<Seen> {
  return { messages: plain(chatCtx.items), flowState: plain(flowState) };
}

function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

function saidBy({ chatCtx }: SessionHandle, who: ChatMessage['role']): ChatMessage[] {
  return chatCtx.items.filter(({ role }) => role === who);
}

function countOf({ messages }: Seen, who: ChatMessage['role']): number {
  return messages.filter(({ role }) => role === who).length;
}

function lastId(session: SessionHandle): string {
  return saidBy(session, 'assistant').at(-1)?.id ?? '';
}

async function read(stream: AsyncIterable<StreamChunk>): Promise<void> {
  for await (const _ of stream);
}

/** The store, with a first save that waits for `letGo`. */
function slowedDown(store: SessionStore): { store: SessionStore; letGo: () => void } {
  const gate = Promise.withResolvers<void>();
  const save = async (record: SessionRecord, options?: SaveOptions) => {
    if (record.version === 1) await gate.promise;
    await store.save(record, options);
  };
  return { store: withSave(store, save), letGo: gate.resolve };
}

/** The store, that cannot save one session. */
function brokenFor(id: string, store: SessionStore): SessionStore {
  return withSave(store, async (record, options) => {
    if (record.id === id) throw new Error('the disk is full');
    await store.save(record, options);
  });
}

function withSave(store: SessionStore, save: SessionStore['save']): SessionStore {
  return { load: (id) => store.load(id), delete: (id) => store.delete(id), save };
}
