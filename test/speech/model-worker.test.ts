import { afterEach, expect, test } from 'vitest';
import { ModelWorker, SpeechWorkerError } from '../../src/speech/model-worker.ts';
import type { Order } from './threads/arithmetic.ts';

const opened: ModelWorker<Order, number>[] = [];

function open(thread = 'arithmetic'): ModelWorker<Order, number> {
  const worker = new ModelWorker<Order, number>({
    name: 'arithmetic',
    entry: { path: `./threads/${thread}`, besides: import.meta.url },
    workerData: undefined,
  });
  opened.push(worker);
  return worker;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((worker) => worker.close()));
});

test('requests are answered in order', async () => {
  const worker = open();
  const answers = [1, 2, 3].map((double) => worker.run({ double }));
  expect(await Promise.all(answers)).toEqual([2, 4, 6]);
  expect(worker.idle).toBe(true);
});

test('a refused request is an error of that request alone', async () => {
  const worker = open();
  const refused = worker.run({ refuse: 'too long' });
  const next = worker.run({ double: 4 });
  await expect(refused).rejects.toThrow(/arithmetic thread refused a request: too long/);
  expect(await next).toBe(8);
});

test('a thread that dies fails the running request and is started again for the next', async () => {
  const worker = open();
  const lost = worker.run({ die: 3 });
  const next = worker.run({ double: 5 });
  await expect(lost).rejects.toThrow(SpeechWorkerError);
  await expect(lost).rejects.toThrow(/status 3/);
  expect(await next).toBe(10);
});

test('a thread that cannot start fails every request with its cause', async () => {
  const worker = open('broken');
  await expect(worker.start()).rejects.toThrow(SpeechWorkerError);
  await expect(worker.run({ double: 1 })).rejects.toMatchObject({
    code: 'speech_worker',
    cause: { message: 'no such model file' },
  });
});

test('an aborted request is rejected at once and makes way for the next', async () => {
  const worker = open();
  const given = new AbortController();
  const hanging = worker.run({ hang: true }, given.signal);
  const waiting = worker.run({ hang: true }, given.signal);
  const next = worker.run({ double: 6 });
  await worker.start();
  given.abort(new Error('not wanted'));
  await expect(hanging).rejects.toThrow('not wanted');
  await expect(waiting).rejects.toThrow('not wanted');
  expect(await next).toBe(12);
});

test('closing rejects what runs and what waits, and later requests', async () => {
  const worker = open();
  await worker.start();
  const running = worker.run({ hang: true });
  const waiting = worker.run({ double: 1 });
  const outcome = Promise.allSettled([running, waiting]);
  await worker.close();
  expect((await outcome).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(worker.run({ double: 1 })).rejects.toThrow(/closed/);
});
