import { Worker } from 'node:worker_threads';
import { SuperdialogError } from '../errors.ts';

/** A model's thread died or refused a request. The next request starts the thread again. */
export class SpeechWorkerError extends SuperdialogError {
  constructor(message: string, options?: ErrorOptions) {
    super('speech_worker', message, options);
  }
}

/** What the thread receives. */
export type ToWorker<Request> = { id: number; request: Request } | { cancel: number };

/** What the thread sends. */
export type FromWorker<Reply> =
  | { ready: true }
  | { id: number; reply: Reply }
  | { id: number; error: string };

export interface ModelWorkerOptions {
  /** For messages: "Moonshine base". */
  name: string;
  /** The module that runs in the thread, without its extension, and the module it stands beside. */
  entry: { path: string; besides: string };
  workerData: unknown;
}

interface Job<Request, Reply> {
  id: number;
  request: Request;
  resolve: (reply: Reply) => void;
  reject: (error: unknown) => void;
  /** Rejected already; the thread may still be busy with it. */
  abandoned: boolean;
}

/** One model in one thread, which answers one request at a time, in the order they came. */
export class ModelWorker<Request, Reply> {
  readonly #options: ModelWorkerOptions;
  readonly #queue: Job<Request, Reply>[] = [];
  #running: Job<Request, Reply> | undefined;
  #worker: Worker | undefined;
  #starting: Promise<void> | undefined;
  #nextId = 1;
  #closed = false;

  constructor(options: ModelWorkerOptions) {
    this.#options = options;
  }

  get idle(): boolean {
    return this.#running === undefined && this.#queue.length === 0;
  }

  /** Resolves when the model is loaded. Called by `run` where needed. */
  start(): Promise<void> {
    if (this.#closed) return Promise.reject(this.#error('is closed'));
    this.#starting ??= this.#spawn();
    return this.#starting;
  }

  /** Rejects with the signal's reason when aborted, and with `SpeechWorkerError`. */
  run(request: Request, signal?: AbortSignal): Promise<Reply> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const job = { id: this.#nextId++, request, resolve, reject, abandoned: false };
    const abort = () => this.#abandon(job, signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    this.#queue.push(job);
    void this.#next();
    return promise.finally(() => signal?.removeEventListener('abort', abort));
  }

  /** Ends the thread; what still waits for it is rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    this.#lost(this.#error('is closed'));
    for (const job of this.#queue.splice(0)) job.reject(this.#error('is closed'));
    await worker?.terminate();
  }

  async #next(): Promise<void> {
    if (this.#running !== undefined) return;
    const job = this.#queue.shift();
    if (job === undefined) return;
    this.#running = job;
    try {
      await this.start();
    } catch (error) {
      job.reject(error);
      if (this.#running === job) this.#running = undefined;
      void this.#next();
      return;
    }
    if (this.#running !== job) return;
    if (job.abandoned) {
      this.#done(job);
      return;
    }
    this.#worker?.ref();
    this.#worker?.postMessage({ id: job.id, request: job.request } satisfies ToWorker<Request>);
  }

  #done(job: Job<Request, Reply>): void {
    if (this.#running !== job) return;
    this.#running = undefined;
    if (this.#queue.length === 0) this.#worker?.unref();
    void this.#next();
  }

  #abandon(job: Job<Request, Reply>, reason: unknown): void {
    job.abandoned = true;
    job.reject(reason);
    const waiting = this.#queue.indexOf(job);
    if (waiting >= 0) this.#queue.splice(waiting, 1);
    else this.#worker?.postMessage({ cancel: job.id } satisfies ToWorker<Request>);
  }

  #spawn(): Promise<void> {
    const worker = new Worker(entryUrl(this.#options.entry), {
      workerData: this.#options.workerData,
      // Flags of this process, such as those of `node --eval`, can keep a thread from starting.
      execArgv: [],
    });
    this.#worker = worker;
    return new Promise<void>((resolve, reject) => {
      const fail = (error: SpeechWorkerError) => {
        reject(error);
        if (this.#worker === worker) this.#lost(error);
      };
      worker.on('message', (message: FromWorker<Reply>) => {
        if ('ready' in message) {
          if (this.idle) worker.unref();
          resolve();
        } else this.#answer(message);
      });
      worker.on('error', (cause) => fail(this.#error('failed', cause)));
      worker.on('exit', (code) => fail(this.#error(`ended unexpectedly with status ${code}`)));
    });
  }

  #answer(message: Exclude<FromWorker<Reply>, { ready: true }>): void {
    const job = this.#running;
    if (job === undefined || job.id !== message.id) return;
    if ('error' in message) job.reject(this.#error(`refused a request: ${message.error}`));
    else job.resolve(message.reply);
    this.#done(job);
  }

  #lost(error: SpeechWorkerError): void {
    this.#worker = undefined;
    this.#starting = undefined;
    const job = this.#running;
    if (job === undefined) return;
    job.reject(error);
    this.#done(job);
  }

  #error(what: string, cause?: unknown): SpeechWorkerError {
    return new SpeechWorkerError(
      `The ${this.#options.name} thread ${what}.`,
      cause === undefined ? undefined : { cause },
    );
  }
}

/** A clone runs the `.ts` files, the package the compiled `.js` ones: same as the module beside it. */
function entryUrl({ path, besides }: ModelWorkerOptions['entry']): URL {
  const extension = besides.endsWith('.ts') ? '.ts' : '.js';
  return new URL(`${path}${extension}`, besides);
}

/** Tries once more after a lost thread, which starts again by itself: a caller should not have to repeat. */
export async function withRestart<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SpeechWorkerError)) throw error;
    return await work();
  }
}
