import { afterAll, describe, test } from 'vitest';
import { storeCases } from '../../src/testing.ts';
import { noRedis } from '../support/redis-server.ts';
import { closeAll, Places, STORES } from './backends.ts';

const places = await Places.open();
afterAll(() => places[Symbol.asyncDispose]());

for (const [name, backend] of STORES) {
  // It keeps nothing: there is nothing to be found again.
  if (name === 'NullSessionStore') continue;
  describe.skipIf(backend.needsRedis && noRedis !== undefined)(`a ${name}`, () => {
    const cases = storeCases(async () => {
      const [store, other] = backend.open(places.next());
      return { store, other, close: () => closeAll([store, other]) };
    });
    for (const { name, run } of cases) test(name, run);
  });
}
