import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/json.ts';
import { begin, ledgerKey, lookUp, settle } from '../../src/tools/ledger.ts';
import { failed, succeeded } from '../../src/tools/result.ts';

const effect = { session: 's1', name: 'book', args: { a: 1, b: { c: 2, d: [3] } }, visit: 4 };

test('the key does not depend on the order of the arguments', () => {
  const args = { b: { d: [3], c: 2 }, a: 1 };
  expect(ledgerKey({ ...effect, args })).toBe(ledgerKey(effect));
});

test.each([
  ['session', { ...effect, session: 's2' }],
  ['name', { ...effect, name: 'cancel' }],
  ['arguments', { ...effect, args: { a: '1', b: { c: 2, d: [3] } } }],
  ['visit', { ...effect, visit: 5 }],
  ['visit that does not count', { ...effect, visit: null }],
])('another %s is another effect', (_, other) => {
  expect(ledgerKey(other)).not.toBe(ledgerKey(effect));
});

test('parts of a key cannot be shifted from one to the next', () => {
  const key = (session: string, name: string) => ledgerKey({ ...effect, session, name });
  expect(key('a', '","b')).not.toBe(key('a","', 'b'));
});

test('names are data: an argument __proto__ counts', () => {
  const args = (text: string): JsonObject => JSON.parse(text);
  const key = (text: string) => ledgerKey({ ...effect, args: args(text) });
  expect(key('{"__proto__": 1}')).not.toBe(key('{"__proto__": 2}'));
  expect(key('{"__proto__": 1}')).not.toBe(key('{}'));
  expect(lookUp({}, '__proto__')).toBe('new');
  expect(lookUp({}, 'constructor')).toBe('new');
});

test('an effect is new, then unknown until its result is there, also after a restart', () => {
  const key = ledgerKey(effect);
  const restarted = (ledger: JsonObject): JsonObject => JSON.parse(JSON.stringify(ledger));
  expect(lookUp({}, key)).toBe('new');
  const begun = restarted(begin({}, key));
  expect(lookUp(begun, key)).toBe('unknown');
  const result = failed('HTTP 500', { status: 500, data: { a: 1 } });
  expect(lookUp(restarted(settle(begun, key, result)), key)).toEqual(result);
});

test('beginning again does not forget a result', () => {
  const ledger = settle({}, 'key', succeeded(1));
  expect(lookUp(begin(ledger, 'key'), 'key')).toEqual(succeeded(1));
});

test('nothing is changed in place', () => {
  const ledger = Object.freeze(begin({}, 'a'));
  settle(ledger, 'a', succeeded(1));
  begin(ledger, 'b');
  expect(ledger).toEqual({ a: null });
});

test('an entry that cannot be read is unknown, so that the effect is not repeated', () => {
  for (const entry of ['done', 7, [], {}, { success: 'yes', data: 1 }]) {
    expect(lookUp({ key: entry }, 'key')).toBe('unknown');
  }
});

test('a long call keeps its ledger small, and forgets neither an intent nor that a thing was done', () => {
  const large = 'x'.repeat(50_000);
  let ledger = begin({}, 'open');
  for (let number = 0; number < 200; number += 1) {
    ledger = settle(begin(ledger, `write ${number}`), `write ${number}`, succeeded(large, 200));
  }
  expect(JSON.stringify(ledger).length).toBeLessThan(300_000);
  expect(lookUp(ledger, 'open')).toBe('unknown');
  expect(lookUp(ledger, 'write 0')).toEqual(succeeded(null, 200));
  expect(lookUp(ledger, 'write 199')).toEqual(succeeded(large, 200));
});

test('one result larger than the bound is kept while it is the latest', () => {
  const huge = 'x'.repeat(1_000_000);
  expect(lookUp(settle({}, 'key', succeeded(huge)), 'key')).toEqual(succeeded(huge));
});
