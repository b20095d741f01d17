import { FRAME_SAMPLES } from './playout.ts';

/** Both sides of a call on one time axis, in frames of 20 ms from the call's start. */
export class Recording {
  readonly #caller: Int16Array[] = [];
  readonly #agent: Int16Array[] = [];

  addFrame(caller: Int16Array, agent: Int16Array): void {
    this.#caller.push(caller);
    this.#agent.push(agent);
  }

  get caller(): Int16Array {
    return join(this.#caller);
  }

  get agent(): Int16Array {
    return join(this.#agent);
  }
}

function join(frames: readonly Int16Array[]): Int16Array {
  const samples = new Int16Array(frames.length * FRAME_SAMPLES);
  for (const [index, frame] of frames.entries()) samples.set(frame, index * FRAME_SAMPLES);
  return samples;
}
