import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** A process of this folder, started with an argument that it reads with `argument()`. */
export interface Child<T> extends AsyncDisposable {
  /** What it sends, in order. */
  readonly messages: AsyncIterable<T>;
  /** Ends it as the kernel would for want of memory. */
  kill(): Promise<void>;
}

export function startChild<T>(script: string, argument: object): Child<T> {
  const child = fork(new URL(script, import.meta.url), [JSON.stringify(argument)], {
    // Options of the test runner are not for it.
    execArgv: [],
  });
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  return { messages: messagesOf<T>(child), kill, [Symbol.asyncDispose]: kill };
}

async function* messagesOf<T>(child: ChildProcess): AsyncGenerator<T, void> {
  const queue: T[] = [];
  let ended = false;
  let wake = () => {};
  child.on('message', (message) => {
    queue.push(message as T);
    wake();
  });
  child.once('exit', () => {
    ended = true;
    wake();
  });
  for (;;) {
    yield* queue.splice(0);
    if (queue.length > 0) continue;
    if (ended) return;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}

/** What the process was started with, for the process itself. */
export function argument<T>(): T {
  return JSON.parse(process.argv[2] ?? '{}');
}

export async function tell(message: object): Promise<void> {
  await new Promise<void>((resolve) => process.send?.(message, () => resolve()));
}
