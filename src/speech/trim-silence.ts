/** A sample below this is silence for us: about -50 dB of full scale. */
const silenceLevel = 100;
const keptBeforeMs = 20;
const keptAfterMs = 60;

/** Cuts silence off both ends, down to what keeps the first and last sounds whole. */
export function trimSilence(pcm: Int16Array, sampleRate: number): Int16Array {
  const loud = (sample: number) => Math.abs(sample) > silenceLevel;
  const first = pcm.findIndex(loud);
  if (first === -1) return new Int16Array(0);
  const last = pcm.findLastIndex(loud);
  const start = Math.max(0, first - Math.trunc((keptBeforeMs * sampleRate) / 1000));
  const end = Math.min(pcm.length, last + 1 + Math.trunc((keptAfterMs * sampleRate) / 1000));
  return pcm.subarray(start, end);
}
