import { ReadableStream, type ReadableStreamDefaultController } from 'node:stream/web';
import { voice } from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';
import { ROOM_SAMPLE_RATE } from './playout.ts';

/** What the agent hears of the room. */
export class Microphone extends voice.AudioInput {
  #controller: ReadableStreamDefaultController<AudioFrame> | undefined;

  constructor() {
    super();
    const frames = new ReadableStream<AudioFrame>({
      start: (controller) => {
        this.#controller = controller;
      },
    });
    this.multiStream.addInputStream(frames);
  }

  push(pcm: Int16Array): void {
    this.#controller?.enqueue(new AudioFrame(pcm, ROOM_SAMPLE_RATE, 1, pcm.length));
  }

  override async close(): Promise<void> {
    this.#controller?.close();
    this.#controller = undefined;
    await super.close();
  }
}
