import { readFile, writeFile } from 'node:fs/promises';
import wavefile from 'wavefile';
import { UsageError } from '../errors.ts';

/** A piece of sound. */
export interface Audio {
  /** Mono PCM16. */
  pcm: Int16Array;
  sampleRate: number;
}

/**
 * Reads a WAV file of 8 or 16 bit PCM, mono or stereo (mixed down), at any rate. Throws `UsageError`
 * naming the file if it is missing or anything else.
 */
export async function readWav(path: string): Promise<Audio> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${path}: cannot be read: ${reason}`, { cause });
  });
  const wav = parseWav(path, bytes);
  const { audioFormat, numChannels, sampleRate } = headerOf(wav);
  const wanted = 'expected 8 or 16 bit PCM, mono or stereo';
  if (audioFormat !== 1 || (wav.bitDepth !== '8' && wav.bitDepth !== '16')) {
    throw new UsageError(`${path}: ${wanted}, not format ${audioFormat} of ${wav.bitDepth} bits.`);
  }
  if (numChannels !== 1 && numChannels !== 2) {
    throw new UsageError(`${path}: ${wanted}, not ${numChannels} channels.`);
  }
  if (wav.bitDepth === '8') wav.toBitDepth('16');
  const interleaved = Int16Array.from(wav.getSamples(true, Int16Array));
  return { pcm: numChannels === 1 ? interleaved : mixDown(interleaved), sampleRate };
}

/** Writes 16 bit PCM: one channel, or two of one length for stereo (left, right). */
export async function writeWav(
  path: string,
  channels: readonly [Int16Array] | readonly [Int16Array, Int16Array],
  sampleRate: number,
): Promise<void> {
  const wav = new wavefile.WaveFile();
  wav.fromScratch(
    channels.length,
    sampleRate,
    '16',
    channels.length === 1 ? channels[0] : channels,
  );
  await writeFile(path, wav.toBuffer());
}

function parseWav(path: string, bytes: Uint8Array): wavefile.WaveFile {
  const wav = new wavefile.WaveFile();
  try {
    wav.fromBuffer(bytes);
  } catch (cause) {
    throw new UsageError(`${path}: is not a WAV file; expected RIFF/WAVE with 8 or 16 bit PCM.`, {
      cause,
    });
  }
  return wav;
}

function headerOf(wav: wavefile.WaveFile): {
  audioFormat: number;
  numChannels: number;
  sampleRate: number;
} {
  const number = (name: string) => Number(Reflect.get(wav.fmt, name));
  return {
    audioFormat: number('audioFormat'),
    numChannels: number('numChannels'),
    sampleRate: number('sampleRate'),
  };
}

function mixDown(interleaved: Int16Array): Int16Array {
  const mono = new Int16Array(interleaved.length / 2);
  for (let index = 0; index < mono.length; index++) {
    const left = interleaved[2 * index] ?? 0;
    const right = interleaved[2 * index + 1] ?? 0;
    mono[index] = Math.round((left + right) / 2);
  }
  return mono;
}
