/** The longest delay that a timer of Node takes, in milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const DEFAULT_TIMEOUT_MS = 10_000;

/** The work took longer than it may. */
export class TimeLimitError extends Error {
  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
  }
}

/**
 * Runs `work` with a signal that is aborted after `timeoutMs` or with `signal`, and does not wait
 * for work that ignores it. Rejects with a `TimeLimitError`, with the signal's reason, or with what
 * the work threw.
 */
export async function withinTime<T>(
  timeoutMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const stop = new AbortController();
  const stopped = Promise.withResolvers<never>();
  stop.signal.addEventListener('abort', () => stopped.reject(stop.signal.reason));
  const forward = () => stop.abort(signal.reason);
  signal.addEventListener('abort', forward);
  const timer = setTimeout(
    () => stop.abort(new TimeLimitError(timeoutMs)),
    Math.min(timeoutMs, LONGEST_TIMER_MS),
  );
  try {
    return await Promise.race([work(stop.signal), stopped.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', forward);
  }
}

/** Whether the work comes to its end, good or bad, within that time. */
export async function settlesWithin(timeMs: number, work: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), timeMs);
  const settled = work.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([settled, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
