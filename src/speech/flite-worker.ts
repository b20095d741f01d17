// Runs in a worker thread: a sentence takes some fifty milliseconds of computing.
import { readFile } from 'node:fs/promises';
import { workerData } from 'node:worker_threads';
import type { FliteReply, FliteRequest } from './flite-synthesizer.ts';
import { runWithOutputFile } from './flite-wasi.ts';
import { serveRequests } from './model-worker-host.ts';

/** flite writes the plain 44-byte RIFF header, mono PCM16, at the voice's own 16 kHz. */
const wavHeaderBytes = 44;

const { programFile }: { programFile: string } = workerData;
const program = await WebAssembly.compile(await readFile(programFile));

serveRequests(
  async ({ text, voice }: FliteRequest): Promise<FliteReply> => {
    const args = ['flite', '-voice', voice, '-t', text, '-o', 'speech.wav'];
    const wav = await runWithOutputFile(program, args);
    return { pcm: new Int16Array(wav.slice(wavHeaderBytes).buffer) };
  },
  ({ pcm }) => [pcm.buffer],
);
