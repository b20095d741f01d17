import { stt } from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalSpeech, loadLocalSpeech } from '../../src/speech/local-speech.ts';
import { SpeechWorkerError } from '../../src/speech/model-worker.ts';
import type { Utterance } from '../../src/speech/moonshine-stream.ts';
import { throughTelephone } from '../../src/speech/telephony.ts';
import {
  drained,
  hear,
  joined,
  sampleRate,
  silence,
  spoken,
  textsOf,
  wordErrorRate,
} from '../support/audio.ts';

const sentences = [
  'I would like to book an appointment for next Tuesday morning.',
  'My name is John Smith and I lost my credit card yesterday.',
  'No, that is not correct, I said half past nine.',
  'Could you please tell me what it costs?',
  'I want to speak with a person please.',
];
const digitStrings = [
  'five, two, five',
  'eight, eight, seven, zero, three, one, six, three, two',
  'nine eight seven zero six four two',
  'six, six, nine, two, four, three, six',
  'eight, seven, nine, two, two',
  'eight, six, four, one, eight, two, two, four, seven, three',
];

let speech: LocalSpeech;

beforeAll(async () => {
  speech = await loadLocalSpeech();
}, 30_000);

afterAll(async () => {
  await speech.close();
});

async function heardText(pcm: Int16Array): Promise<string> {
  const events = await hear(speech.createStt().stream(), joined([silence(400), pcm]));
  return textsOf(events).join(' ');
}

async function errorRate(texts: readonly string[], line: (pcm: Int16Array) => Int16Array) {
  const heard: string[] = [];
  for (const text of texts) heard.push(await heardText(line(await spoken(speech, [text]))));
  return wordErrorRate(texts.join(' '), heard.join(' '));
}

describe('word error rate', () => {
  test('sentences in 16 kHz', async () => {
    expect(await errorRate(sentences, (pcm) => pcm)).toBeLessThanOrEqual(0.05);
  }, 30_000);

  test('sentences over the telephone', async () => {
    expect(await errorRate(sentences, throughTelephone)).toBeLessThanOrEqual(0.08);
  }, 30_000);

  test('digit strings in 16 kHz', async () => {
    expect(await errorRate(digitStrings, (pcm) => pcm)).toBeLessThanOrEqual(0.05);
  }, 30_000);

  test('digit strings over the telephone, which Moonshine answers with nothing at first', async () => {
    expect(await errorRate(digitStrings, throughTelephone)).toBeLessThanOrEqual(0.05);
  }, 30_000);
});

test('noise that reaches the model all the same is not made into words', async () => {
  const recognition = speech.createStt();
  for (const pcm of [silence(2000), noise(2000, 4000), tones(1500, [440, 480]), syllables(2000)]) {
    const event = await recognition.recognize(new AudioFrame(pcm, sampleRate, 1, pcm.length));
    expect(event.alternatives?.[0]?.text).toBe('');
  }
}, 20_000);

describe('a stream of speech', () => {
  test('digits in groups are heard in order, and each utterance is reported', async () => {
    const utterances: Utterance[] = [];
    const stream = speech.createStt({ onUtterance: (one) => utterances.push(one) }).stream();
    const groups = ['four one five', 'two six seven', 'eight nine nine one'];
    const pcm = await spoken(speech, [
      500,
      groups[0] ?? '',
      450,
      groups[1] ?? '',
      450,
      groups[2] ?? '',
    ]);
    const events = await hear(stream, pcm);

    expect(wordErrorRate(groups.join(' '), textsOf(events).join(' '))).toBe(0);
    expect(utterances.map(({ text }) => text)).toEqual(textsOf(events));
    const [first] = utterances;
    const firstGroup = await spoken(speech, [groups[0] ?? '']);
    const firstEndMs = 500 + (firstGroup.length * 1000) / sampleRate;
    // One window of the VAD is 32 ms, and speech fades out.
    expect(Math.abs((first?.startMs ?? 0) - 500)).toBeLessThanOrEqual(150);
    expect(Math.abs((first?.endMs ?? 0) - firstEndMs)).toBeLessThanOrEqual(150);
    expect(first?.finalAtMs).toBeGreaterThanOrEqual(first?.endedAtMs ?? Number.NaN);
  }, 20_000);

  test('a short answer is heard whole', async () => {
    expect(await heardText(await spoken(speech, ['yes']))).toMatch(/^yes\W*$/i);
    expect(await heardText(await spoken(speech, ['no']))).toMatch(/^no\W*$/i);
  }, 20_000);

  test('speech longer than the model can take is cut without losing words', async () => {
    const long = Array.from({ length: 8 }, () => sentences[0] ?? '').join(' ');
    const pcm = await spoken(speech, [long.replaceAll('. ', ' ')]);
    expect(pcm.length / sampleRate).toBeGreaterThan(22);
    const events = await hear(speech.createStt().stream(), pcm);
    expect(textsOf(events).length).toBeGreaterThan(1);
    expect(wordErrorRate(long, textsOf(events).join(' '))).toBeLessThanOrEqual(0.1);
  }, 30_000);

  test('silence, noise, tones and keys give no transcript', async () => {
    const noises = [
      silence(2000),
      noise(2000, 60),
      noise(2000, 4000),
      tones(1500, [440, 480]),
      tones(300, [770, 1336]),
    ];
    for (const pcm of noises) {
      const events = await hear(
        speech.createStt().stream(),
        joined([silence(500), pcm, silence(500)]),
      );
      expect(textsOf(events)).toEqual([]);
      expect(textsOf(events, stt.SpeechEventType.INTERIM_TRANSCRIPT)).toEqual([]);
    }
  }, 20_000);

  test('a sound like syllables that the VAD takes for speech gives no words', async () => {
    const utterances: Utterance[] = [];
    const stream = speech.createStt({ onUtterance: (one) => utterances.push(one) }).stream();
    const events = await hear(stream, joined([silence(1000), syllables(2000), silence(1000)]));
    expect(utterances.map(({ text }) => text)).toEqual(['']);
    expect(textsOf(events)).toEqual([]);
  }, 20_000);

  test('closing it in the middle of speech ends it', async () => {
    const stream = speech.createStt().stream();
    const started = stream.next();
    const pcm = await spoken(speech, [sentences[0] ?? '']);
    stream.pushFrame(new AudioFrame(pcm, sampleRate, 1, pcm.length));
    expect((await started).value?.type).toBe(stt.SpeechEventType.START_OF_SPEECH);
    stream.close();
    const rest = await drained(stream);
    expect(textsOf(rest)).toEqual([]);
  }, 20_000);

  test('a lost model is one recoverable error, and the stream lives on', async () => {
    const lost = await loadLocalSpeech({ stt: 'tiny' });
    const recognition = lost.createStt();
    const errors: { error: Error; recoverable: boolean }[] = [];
    recognition.on('error', (error) => errors.push(error));
    const pcm = await spoken(lost, [300, 'hello there', 500]);
    await lost.close();
    const events = await hear(recognition.stream(), pcm);
    expect(events.map((event) => event.type)).toEqual([
      stt.SpeechEventType.START_OF_SPEECH,
      stt.SpeechEventType.END_OF_SPEECH,
    ]);
    expect(errors).toHaveLength(1);
    expect(errors[0]?.recoverable).toBe(true);
    expect(errors[0]?.error).toBeInstanceOf(SpeechWorkerError);
  }, 20_000);
});

function noise(ms: number, level: number): Int16Array {
  let seed = 1;
  return silence(ms).map(() => {
    seed = (seed * 1_664_525 + 1_013_904_223) >>> 0;
    return level * (seed / 2 ** 31 - 1);
  });
}

function tones(ms: number, frequencies: readonly number[]): Int16Array {
  return silence(ms).map((_, index) =>
    frequencies.reduce((sum, hz) => sum + 4000 * sine(hz, index), 0),
  );
}

/** A buzz with two vowel-like resonances, four times a second. */
function syllables(ms: number): Int16Array {
  const resonance = (hz: number, centre: number) => Math.exp(-(((hz - centre) / 200) ** 2));
  return silence(ms).map((_, index) => {
    let sum = 0;
    for (let hz = 140; hz < 4200; hz += 140) {
      sum += sine(hz, index) * (resonance(hz, 700) + resonance(hz, 1200));
    }
    return 4000 * sum * Math.max(0, sine(4, index));
  });
}

function sine(hz: number, index: number): number {
  return Math.sin((2 * Math.PI * hz * index) / sampleRate);
}
