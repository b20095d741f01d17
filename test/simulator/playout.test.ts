import { voice } from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { prepareLiveKitLog } from '../../src/call/livekit-log.ts';
import { FRAME_SAMPLES, Playout } from '../../src/simulator/playout.ts';
import { Recording } from '../../src/simulator/recording.ts';

beforeAll(prepareLiveKitLog);

function setUp() {
  const playout = new Playout();
  const events: string[] = [];
  playout.on(voice.AudioOutput.EVENT_PLAYBACK_STARTED, () => events.push('started'));
  playout.on(voice.AudioOutput.EVENT_PLAYBACK_FINISHED, (event: voice.PlaybackFinishedEvent) =>
    events.push(`finished ${event.playbackPosition}${event.interrupted ? ' cut' : ''}`),
  );
  const capture = (samples: number, value = 1) =>
    playout.captureFrame(new AudioFrame(new Int16Array(samples).fill(value), 16_000, 1, samples));
  return { playout, events, capture };
}

describe('the agent’s loudspeaker', () => {
  it('plays 20 ms at a time, whatever came in, and finishes once when all was played', async () => {
    const { playout, events, capture } = setUp();
    await capture(500);
    await capture(300);
    expect(events).toEqual([]);
    playout.flush();
    const frames = [playout.pull(), playout.pull(), playout.pull(), playout.pull(), playout.pull()];
    expect(frames.map((frame) => frame?.length)).toEqual([320, 320, 320, undefined, undefined]);
    expect(frames[2]?.filter((sample) => sample !== 0).length).toBe(800 - 2 * FRAME_SAMPLES);
    expect(events).toEqual(['started', 'finished 0.05']);
  });

  it('waits for more in the middle of a segment instead of finishing it', async () => {
    const { playout, events, capture } = setUp();
    await capture(320);
    playout.pull();
    expect(playout.pull()).toBeNull();
    expect(playout.playing).toBe(true);
    await capture(320);
    expect(playout.pull()).not.toBeNull();
    expect(events).toEqual(['started']);
  });

  it('stops at once when cleared, and tells how much was played', async () => {
    const { playout, events, capture } = setUp();
    await capture(3200);
    playout.flush();
    playout.pull();
    playout.clearBuffer();
    playout.clearBuffer();
    expect(playout.pull()).toBeNull();
    expect(events).toEqual(['started', 'finished 0.02 cut']);
    await expect(playout.waitForPlayout()).resolves.toMatchObject({ interrupted: true });
  });

  it('is silent while paused and goes on where it was', async () => {
    const { playout, events, capture } = setUp();
    await capture(320, 1);
    await capture(320, 2);
    playout.flush();
    playout.pull();
    playout.pause();
    expect(playout.pull()).toBeNull();
    expect(playout.playing).toBe(true);
    playout.resume();
    expect(playout.pull()?.[0]).toBe(2);
    expect(events).toEqual(['started']);
  });

  it('starts a new segment after a cleared one', async () => {
    const { playout, events, capture } = setUp();
    await capture(640);
    playout.pull();
    playout.clearBuffer();
    await capture(320);
    playout.flush();
    playout.pull();
    playout.pull();
    expect(events).toEqual(['started', 'finished 0.02 cut', 'started', 'finished 0.02']);
  });
});

describe('a recording', () => {
  it('keeps both sides on one time axis', () => {
    const recording = new Recording();
    const silence = new Int16Array(FRAME_SAMPLES);
    recording.addFrame(silence, silence);
    recording.addFrame(
      silence,
      silence.map(() => 7),
    );
    expect(recording.caller.length).toBe(recording.agent.length);
    expect(recording.agent.indexOf(7)).toBe(FRAME_SAMPLES);
  });
});
