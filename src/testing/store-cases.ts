import assert from 'node:assert/strict';
import type { Json } from '../json.ts';
import type { SessionRecord, SessionStore } from '../session/store.ts';
import {
  type ConformanceCase,
  casesOf,
  type Fixture,
  ODD_IDS,
  rejectsWith,
} from './conformance.ts';

/** A store that keeps what it is given. */
export interface StoreFixture extends Fixture {
  store: SessionStore;
  /** A second one on the same data, as another process has it; the same object if there is none. */
  other: SessionStore;
}

/** What every store that keeps sessions must do. Each case gets an empty store from `open`. */
export function storeCases(open: () => Promise<StoreFixture>): ConformanceCase[] {
  return casesOf(open, {
    'a session that was never saved is not there': async ({ store }) => {
      assert.equal(await store.load('a'), undefined);
      assert.equal(await store.stamp?.('a'), undefined);
    },
    'what was saved is loaded, also by another process': async ({ store, other }) => {
      const record = recordOf('a', 1);
      await store.save(record);
      assert.deepEqual(await store.load('a'), record);
      assert.deepEqual(await other.load('a'), record);
      await other.save(recordOf('a', 2));
      assert.deepEqual(await store.load('a'), recordOf('a', 2));
    },
    'a stamp is what load would say': async ({ store, other }) => {
      for (const version of [1, 2]) {
        await store.save(recordOf('a', version));
        const stamp = { version, createdAtMs: CREATED_AT_MS };
        if (other.stamp !== undefined) assert.deepEqual(await other.stamp('a'), stamp);
      }
    },
    'a save on top of another version is refused and changes nothing': async ({ store, other }) => {
      await rejectsWith('session_conflict', store.save(recordOf('a', 2)));
      await store.save(recordOf('a', 1));
      await other.save(recordOf('a', 2));
      for (const version of [1, 2, 4]) {
        await rejectsWith('session_conflict', store.save(recordOf('a', version, 'late')));
      }
      assert.deepEqual(await store.load('a'), recordOf('a', 2));
    },
    'of many saves on top of the same version one is taken': async ({ store, other }) => {
      await store.save(recordOf('a', 1));
      const saves = Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? store : other).save(recordOf('a', 2, `writer ${index}`)),
      );
      const results = await Promise.allSettled(saves);
      const taken = results.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []));
      assert.equal(taken.length, 1);
      assert.deepEqual(await store.load('a'), recordOf('a', 2, `writer ${taken[0]}`));
    },
    'a session that was deleted and made anew is another one': async ({ store, other }) => {
      await store.save(recordOf('a', 1));
      await other.delete('a');
      assert.equal(await store.load('a'), undefined);
      await rejectsWith('session_conflict', store.save(recordOf('a', 2)));
      await other.save({ ...recordOf('a', 1), createdAtMs: CREATED_AT_MS + 1 });
      await rejectsWith('session_conflict', store.save(recordOf('a', 2)));
    },
    'deleting what is not there does nothing': async ({ store }) => {
      await store.delete('a');
    },
    'copies are handed out and taken in': async ({ store }) => {
      const record = recordOf('a', 1);
      await store.save(record);
      record.messages.splice(0);
      const loaded = await store.load('a');
      loaded?.messages.splice(0);
      assert.deepEqual(await store.load('a'), recordOf('a', 1));
    },
    'any text is an id, and stands for itself alone': async ({ store, other }) => {
      for (const [index, id] of ODD_IDS.entries()) await store.save(recordOf(id, 1, `${index}`));
      await store.save(recordOf('Aa', 1, 'capital'));
      await store.save(recordOf('aa', 1, 'small'));
      for (const [index, id] of ODD_IDS.entries()) {
        assert.deepEqual(await other.load(id), recordOf(id, 1, `${index}`));
      }
      assert.deepEqual(await other.load('Aa'), recordOf('Aa', 1, 'capital'));
    },
    'names in a state are only names': async ({ store }) => {
      const flowState: Json = JSON.parse(
        '{"slots":{"__proto__":"a","constructor":{"prototype":1},"assist":null}}',
      );
      await store.save({ ...recordOf('a', 1), flowState });
      const loaded = await store.load('a');
      assert.equal(JSON.stringify(loaded?.flowState), JSON.stringify(flowState));
    },
    'every character comes back, and a long conversation too': async ({ store }) => {
      const content = '\u0000\u2028"\\ 📞 \ud83d'.repeat(20_000);
      const messages = recordOf('a', 1).messages.map((message) => ({ ...message, content }));
      await store.save({ ...recordOf('a', 1), messages });
      assert.equal((await store.load('a'))?.messages[0]?.content, content);
    },
  });
}

const CREATED_AT_MS = Date.UTC(2026, 2, 4, 10);

export function recordOf(id: string, version: number, content = `turn ${version}`): SessionRecord {
  return {
    id,
    version,
    createdAtMs: CREATED_AT_MS,
    updatedAtMs: CREATED_AT_MS + version,
    messages: [{ role: 'user', content, id: 'm1', createdAt: CREATED_AT_MS }],
    flowState: { node: 'a', visits: { a: version } },
  };
}
