import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { SuperdialogError } from '../errors.ts';

/** One promise, and the check that it is kept. `run` rejects with an AssertionError if it is not. */
export interface ConformanceCase {
  readonly name: string;
  /** Passes, or throws an AssertionError. */
  run(): Promise<void>;
}

/** What a case works with; it is made for each case and closed behind it. */
export interface Fixture {
  /** Gives back what it holds. */
  close(): Promise<void>;
}

export function casesOf<T extends Fixture>(
  open: () => Promise<T>,
  checks: Readonly<Record<string, (fixture: T) => Promise<void>>>,
): ConformanceCase[] {
  return Object.entries(checks).map(([name, check]) => ({
    name,
    run: async () => {
      const fixture = await open();
      try {
        await check(fixture);
      } finally {
        await fixture.close();
      }
    },
  }));
}

/** Runs as a task to which none of the handles of a case belong. */
export const elsewhere = AsyncLocalStorage.snapshot();

export async function rejectsWith(code: string, work: PromiseLike<unknown>): Promise<void> {
  await assert.rejects(Promise.resolve(work), (error) => {
    assert.ok(error instanceof SuperdialogError, `expected ${code}, got ${String(error)}`);
    assert.equal(error.code, code);
    return true;
  });
}

/** Lets everything run that can run, timers of 0 ms included. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Ids that are only names, whatever they look like. */
export const ODD_IDS: readonly string[] = [
  '../../etc/passwd',
  '/absolute',
  'a/b\\c',
  'line\nbreak',
  'nul\u0000byte',
  '.',
  '..',
  ' ',
  '%2e%2e',
  'a*?"<>|:',
  '__proto__',
  'constructor',
  'Ünïcödé 📞',
  "'; DROP TABLE sessions; --",
  'x'.repeat(1000),
  'é'.repeat(1000),
];
