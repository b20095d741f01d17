import { stt } from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';
import { distance } from 'fastest-levenshtein';
import type { FliteVoice } from '../../src/speech/flite-synthesizer.ts';
import type { LocalSpeech } from '../../src/speech/local-speech.ts';

export const sampleRate = 16_000;

export function silence(ms: number): Int16Array {
  return new Int16Array((ms * sampleRate) / 1000);
}

export function joined(parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Texts are spoken, numbers are milliseconds of silence. */
export async function spoken(
  speech: Pick<LocalSpeech, 'synthesize'>,
  parts: readonly (string | number)[],
  voice: FliteVoice = 'rms',
): Promise<Int16Array> {
  const pieces = parts.map(async (part) =>
    typeof part === 'number' ? silence(part) : await speech.synthesize(part, { voice }),
  );
  return joined(await Promise.all(pieces));
}

export async function drained<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** Pushes the audio in frames of 20 ms as fast as it goes, ends the input and returns all events. */
export async function hear(stream: stt.SpeechStream, pcm: Int16Array): Promise<stt.SpeechEvent[]> {
  for (let start = 0; start < pcm.length; start += 320) {
    const data = pcm.slice(start, start + 320);
    stream.pushFrame(new AudioFrame(data, sampleRate, 1, data.length));
  }
  stream.endInput();
  return await drained(stream);
}

export function textsOf(
  events: readonly stt.SpeechEvent[],
  type = stt.SpeechEventType.FINAL_TRANSCRIPT,
): string[] {
  return events
    .filter((event) => event.type === type)
    .map((event) => event.alternatives?.[0]?.text ?? '');
}

/** Substituted, missing and added words for each word that was said. */
export function wordErrorRate(said: string, heard: string): number {
  const [reference, hypothesis] = [wordsOf(said), wordsOf(heard)];
  const vocabulary = [...new Set([...reference, ...hypothesis])];
  const coded = (words: readonly string[]) =>
    words.map((word) => String.fromCodePoint(0x4e00 + vocabulary.indexOf(word))).join('');
  return distance(coded(reference), coded(hypothesis)) / reference.length;
}

const digitWords = 'zero one two three four five six seven eight nine'.split(' ');

/** Digits as words, one by one, so that "415" and "four, one, five" are the same. */
function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .replace(/\d/g, (digit) => ` ${digitWords[Number(digit)]} `)
    .replace(/[^a-z' ]/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '');
}
