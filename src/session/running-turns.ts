import type { StreamChunk } from '../agent/agent.ts';

interface RunningTurn {
  chunks: AsyncIterator<StreamChunk>;
  cancel: AbortController;
  /** Called when the stream has ended. */
  end: () => void;
}

/** The streams of one handle that are being read. */
export class RunningTurns {
  readonly #turns = new Set<RunningTurn>();

  add(turn: RunningTurn): Disposable {
    this.#turns.add(turn);
    return { [Symbol.dispose]: () => this.#turns.delete(turn) };
  }

  get any(): boolean {
    return this.#turns.size > 0;
  }

  cancel(reason: unknown): void {
    for (const { cancel } of this.#turns) cancel.abort(reason);
  }

  /** Ends them all. What an agent cannot break off, such as a write, is waited for. */
  async end(reason: unknown): Promise<void> {
    this.cancel(reason);
    // What goes wrong is told to the one who reads the stream.
    await Promise.allSettled(
      [...this.#turns].map(async ({ chunks, end }) => {
        await chunks.return?.();
        end();
      }),
    );
  }
}
