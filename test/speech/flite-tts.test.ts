import { initializeLogger, tts } from '@livekit/agents';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FliteSynthesizer } from '../../src/speech/flite-synthesizer.ts';
import { textForFlite } from '../../src/speech/flite-text.ts';
import { FliteTTS } from '../../src/speech/flite-tts.ts';
import { drained } from '../support/audio.ts';

let synthesizer: FliteSynthesizer;
let voice: FliteTTS;

beforeAll(async () => {
  synthesizer = await FliteSynthesizer.load();
  initializeLogger({ pretty: false, level: 'warn' });
  voice = new FliteTTS({ synthesizer, voice: 'slt' });
});

afterAll(async () => {
  await synthesizer.close();
});

async function collect(stream: tts.SynthesizeStream): Promise<tts.SynthesizedAudio[]> {
  const packets = await drained(stream);
  return packets.filter((packet) => packet !== tts.SynthesizeStream.END_OF_STREAM);
}

function durationMs(packets: readonly tts.SynthesizedAudio[]): number {
  return packets.reduce((sum, { frame }) => sum + frame.samplesPerChannel / 16, 0);
}

describe('a streamed answer', () => {
  test('is spoken from its first sentence on, before the rest is written', async () => {
    const stream = voice.stream();
    stream.pushText('Thank you. ');
    stream.pushText('I ');
    const first = await stream.next();
    expect(first.done).toBe(false);
    stream.pushText('have found it.');
    stream.endInput();
    const rest = await collect(stream);
    expect(durationMs(rest)).toBeGreaterThan(800);
  });

  test('is spoken to the end of a sentence that nothing follows, before it is known to be the last', async () => {
    const stream = voice.stream();
    for (const word of ['One', ' moment,', ' please.']) stream.pushText(word);
    // Whoever writes it may wait until it is heard.
    const first = await stream.next();
    expect(first.done).toBe(false);
    stream.pushText(' Thank you.');
    stream.endInput();
    expect(durationMs(await collect(stream))).toBeGreaterThan(800);
  });

  test('gives its words with the times at which they are heard', async () => {
    const stream = voice.stream();
    stream.pushText('Thank you. Your code is 4 1 5, is that right?');
    stream.endInput();
    const packets = await collect(stream);
    const words = packets.flatMap(({ timedTranscripts = [] }) => timedTranscripts);
    expect(words.map(({ text }) => text).join('')).toBe(
      'Thank you. Your code is 4 1 5, is that right? ',
    );
    const starts = words.map(({ startTime = Number.NaN }) => startTime);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    expect(words.at(-1)?.endTime ?? Number.NaN).toBeLessThanOrEqual(durationMs(packets) / 1000);
  });

  test('ends without audio if there is nothing to say', async () => {
    const stream = voice.stream();
    stream.pushText(' … ');
    stream.endInput();
    expect(await collect(stream)).toEqual([]);
  });

  test('says no further sentence once it is closed', async () => {
    const text = 'One sentence. Another sentence. And one more.';
    const [whole, cut] = [voice.stream(), voice.stream()];
    for (const stream of [whole, cut]) {
      stream.pushText(text);
      stream.endInput();
    }
    await cut.next();
    cut.close();
    expect(durationMs(await collect(cut))).toBeLessThan(0.6 * durationMs(await collect(whole)));
  });
});

test('a text is said in one piece as 16 kHz audio', async () => {
  const frame = await voice.synthesize('Good morning.').collect();
  expect(frame.sampleRate).toBe(16_000);
  expect(frame.samplesPerChannel / 16).toBeGreaterThan(500);
});

test('speech begins and ends with hardly any silence', async () => {
  const pcm = await synthesizer.synthesize('Hello.', { voice: 'rms' });
  const loud = (sample: number) => Math.abs(sample) > 200;
  expect(pcm.findIndex(loud) / 16).toBeLessThan(50);
  expect((pcm.length - pcm.findLastIndex(loud)) / 16).toBeLessThan(120);
});

test('an aborted synthesis rejects with the reason', async () => {
  const given = AbortSignal.abort(new Error('the caller cut in'));
  await expect(synthesizer.synthesize('Hello.', { voice: 'slt', signal: given })).rejects.toThrow(
    'the caller cut in',
  );
});

test.each([
  ['Ref. No. 12, e.g. on Mon.', 'Ref. number 12, for example on Monday'],
  ['Your KYC code is A1B2', 'Your K Y C code is A 1 B 2'],
  ['on 2026-05-03', 'on May 3, 2026'],
  ['“It’s fine” — café & bar…', "It's fine, cafe and bar,"],
  ['bob.ray@example.com', 'bob dot ray at example dot com'],
  ['Dr. Smith, 9:30 on May 3rd, $12.50, 4 1 5', 'Dr. Smith, 9:30 on May 3rd, $12.50, 4 1 5'],
  ['NO, THIS IS THE PIN FOR USA', 'NO, THIS IS THE PIN FOR USA'],
  [' —!? ', ''],
])('%s is read as: %s', (written, read) => {
  expect(textForFlite(written)).toBe(read);
});
