import { resamplePcm } from '../speech/resample.ts';
import { readWav } from '../speech/wav.ts';
import { ROOM_SAMPLE_RATE } from './playout.ts';
import type { CallerStep, SayPart } from './scenario.ts';

/** A voice for the caller: 16 kHz mono PCM16. */
export type SpeakText = (text: string) => Promise<Int16Array>;

/** A step with its audio ready, so that nothing but the script decides when it is heard. */
export interface PreparedStep {
  step: CallerStep;
  /** What is said, played or mixed in; empty for steps without sound. */
  pcm: Int16Array;
  /** The words, where they are known. */
  said: string | null;
}

export async function prepareSteps(
  steps: readonly CallerStep[],
  speak: SpeakText,
): Promise<PreparedStep[]> {
  const prepared: PreparedStep[] = [];
  for (const step of steps) prepared.push(await prepareStep(step, speak));
  return prepared;
}

async function prepareStep(step: CallerStep, speak: SpeakText): Promise<PreparedStep> {
  if (step.kind === 'say' || step.kind === 'interrupt') {
    const said = step.parts.filter((part) => typeof part === 'string').join(' ');
    return { step, pcm: await speakParts(step.parts, speak), said };
  }
  if (step.kind === 'wav' || step.kind === 'noise') {
    return { step, pcm: await readAudio(step.file), said: null };
  }
  return { step, pcm: new Int16Array(0), said: null };
}

async function speakParts(parts: readonly SayPart[], speak: SpeakText): Promise<Int16Array> {
  const pieces: Int16Array[] = [];
  for (const part of parts) {
    const silence = typeof part === 'string' ? 0 : (part.pause * ROOM_SAMPLE_RATE) / 1000;
    pieces.push(typeof part === 'string' ? await speak(part) : new Int16Array(Math.round(silence)));
  }
  const pcm = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    pcm.set(piece, offset);
    offset += piece.length;
  }
  return pcm;
}

async function readAudio(file: string): Promise<Int16Array> {
  const { pcm, sampleRate } = await readWav(file);
  return resamplePcm(pcm, sampleRate, ROOM_SAMPLE_RATE);
}
