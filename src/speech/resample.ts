import { AudioFrame, AudioResampler } from '@livekit/rtc-node';

/** Mono PCM16 at another sample rate. */
export function resamplePcm(pcm: Int16Array, from: number, to: number): Int16Array {
  if (from === to || pcm.length === 0) return pcm;
  const resampler = new AudioResampler(from, to);
  try {
    const input = new AudioFrame(pcm, from, 1, pcm.length);
    const frames = [...resampler.push(input), ...resampler.flush()];
    const resampled = new Int16Array(frames.reduce((sum, frame) => sum + frame.data.length, 0));
    let offset = 0;
    for (const frame of frames) {
      resampled.set(frame.data, offset);
      offset += frame.data.length;
    }
    return resampled;
  } finally {
    resampler.close();
  }
}
