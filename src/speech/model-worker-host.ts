import { parentPort } from 'node:worker_threads';
import type { FromWorker, ToWorker } from './model-worker.ts';

/** The thread's side of `ModelWorker`. Call it when the model is loaded. */
export function serveRequests<Request, Reply>(
  handle: (request: Request, signal: AbortSignal) => Promise<Reply>,
  transferOf: (reply: Reply) => ArrayBuffer[] = () => [],
): void {
  const port = parentPort;
  if (port === null) throw new Error('This module runs in a worker thread only.');
  const running = new Map<number, AbortController>();
  const send = (message: FromWorker<Reply>, transfer: ArrayBuffer[] = []) =>
    port.postMessage(message, transfer);

  port.on('message', async (message: ToWorker<Request>) => {
    if ('cancel' in message) {
      running.get(message.cancel)?.abort();
      return;
    }
    const { id, request } = message;
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const reply = await handle(request, controller.signal);
      send({ id, reply }, transferOf(reply));
    } catch (error) {
      send({ id, error: error instanceof Error ? error.message : String(error) });
    } finally {
      running.delete(id);
    }
  });
  send({ ready: true });
}
