import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import wavefile from 'wavefile';
import { UsageError } from '../../src/errors.ts';
import { readWav, writeWav } from '../../src/speech/wav.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'superdialog-wav-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function fileOf(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function encoded(
  channels: number,
  rate: number,
  depth: string,
  samples: number[] | number[][],
) {
  const wav = new wavefile.WaveFile();
  wav.fromScratch(channels, rate, depth, samples);
  return await fileOf(`${channels}-${rate}-${depth}.wav`, wav.toBuffer());
}

test('what is written is read back', async () => {
  const path = join(folder, 'mono.wav');
  await writeWav(path, [Int16Array.of(0, 1000, -1000, 32_767, -32_768)], 8000);
  expect(await readWav(path)).toEqual({
    pcm: Int16Array.of(0, 1000, -1000, 32_767, -32_768),
    sampleRate: 8000,
  });
});

test('a stereo recording keeps its sides apart, and is mixed down when read', async () => {
  const path = join(folder, 'stereo.wav');
  await writeWav(path, [Int16Array.of(100, 200), Int16Array.of(-300, 400)], 16_000);
  const { readFile } = await import('node:fs/promises');
  const wav = new wavefile.WaveFile(await readFile(path));
  expect(Array.from(wav.getSamples(true, Int16Array))).toEqual([100, -300, 200, 400]);
  expect(await readWav(path)).toEqual({ pcm: Int16Array.of(-100, 300), sampleRate: 16_000 });
});

test('8 bit audio is read as 16 bit', async () => {
  const { pcm, sampleRate } = await readWav(await encoded(1, 11_025, '8', [128, 255, 0]));
  expect(sampleRate).toBe(11_025);
  expect(pcm[0]).toBeCloseTo(0, -3);
  expect(pcm[1]).toBeGreaterThan(32_000);
  expect(pcm[2]).toBeLessThan(-32_000);
});

test.each([
  ['a text', 'this is no audio'],
  ['an empty file', ''],
  ['a header without audio', 'RIFF\0\0\0\0WAVE'],
])('%s that is not a WAV is named', async (name, content) => {
  const path = await fileOf(`${name}.wav`, content);
  await expect(readWav(path)).rejects.toThrow(UsageError);
  await expect(readWav(path)).rejects.toThrow(`${path}: is not a WAV file`);
});

test('a missing file is named', async () => {
  const path = join(folder, 'absent.wav');
  await expect(readWav(path)).rejects.toThrow(UsageError);
  await expect(readWav(path)).rejects.toThrow(`${path}: cannot be read`);
});

test('a WAV of another encoding is refused with what it holds', async () => {
  await expect(readWav(await encoded(1, 16_000, '32f', [0, 0.5]))).rejects.toThrow(
    /expected 8 or 16 bit PCM.*not format 3 of 32f bits/,
  );
  await expect(readWav(await encoded(3, 16_000, '16', [[1], [2], [3]]))).rejects.toThrow(
    /not 3 channels/,
  );
});
