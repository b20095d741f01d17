/** A stretch in which one side is heard, in milliseconds from the call's start. */
export interface Sound {
  fromMs: number;
  toMs: number;
}

const WINDOW = 160;
const AUDIBLE = 300;

/** The stretches of 16 kHz audio that are not silent for longer than `gapMs`. */
export function soundsOf(pcm: Int16Array, gapMs: number): Sound[] {
  const sounds: Sound[] = [];
  for (let at = 0; at < pcm.length; at += WINDOW) {
    if (!pcm.subarray(at, at + WINDOW).some((sample) => Math.abs(sample) > AUDIBLE)) continue;
    const fromMs = at / 16;
    const last = sounds.at(-1);
    if (last !== undefined && fromMs - last.toMs <= gapMs) last.toMs = fromMs + 10;
    else sounds.push({ fromMs, toMs: fromMs + 10 });
  }
  return sounds;
}

/** A stretch of a recording with a little silence around it. */
export function cut(pcm: Int16Array, { fromMs, toMs }: Sound, aroundMs = 250): Int16Array {
  const around = new Int16Array(Math.round((toMs - fromMs + 2 * aroundMs) * 16));
  around.set(pcm.subarray(fromMs * 16, toMs * 16), aroundMs * 16);
  return around;
}
