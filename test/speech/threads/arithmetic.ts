// A thread for the tests of ModelWorker: answers, refuses, dies or hangs as it is asked to.
import { serveRequests } from '../../../src/speech/model-worker-host.ts';

export type Order = { double: number } | { refuse: string } | { die: number } | { hang: true };

serveRequests(async (order: Order, signal): Promise<number> => {
  if ('double' in order) return 2 * order.double;
  if ('refuse' in order) throw new Error(order.refuse);
  if ('die' in order) return process.exit(order.die);
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  return 0;
});
