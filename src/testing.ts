/**
 * What stores, locks and agents of one's own can be checked with, in any test runner:
 *
 *   for (const { name, run } of storeCases(open)) test(name, run);
 *
 * @module superdialog-voice/testing
 */
export type { ConformanceCase, Fixture } from './testing/conformance.ts';
export {
  type LeaseFixture,
  type LockFixture,
  leaseCases,
  lockCases,
} from './testing/lock-cases.ts';
export { type BrainUnderTest, type SessionFixture, sessionCases } from './testing/session-cases.ts';
export { type StoreFixture, storeCases } from './testing/store-cases.ts';
