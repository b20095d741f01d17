// Runs in a worker thread: decoding blocks for some hundred milliseconds.
import { workerData } from 'node:worker_threads';
import { serveRequests } from './model-worker-host.ts';
import { isHallucination } from './moonshine-hallucination.ts';
import { MoonshineModel } from './moonshine-model.ts';
import type { MoonshineReply, MoonshineRequest } from './moonshine-recognizer.ts';
import type { MoonshineSize } from './moonshine-size.ts';

const { size, packageFolder }: { size: MoonshineSize; packageFolder: string } = workerData;
const model = await MoonshineModel.load(size, packageFolder);

serveRequests(async ({ pcm }: MoonshineRequest, signal): Promise<MoonshineReply> => {
  const startedMs = performance.now();
  const audio = Float32Array.from(pcm, (sample) => sample / 32_768);
  const encoded = await model.encode(audio);
  let decoded = await model.decode(encoded, audio.length, { forceStart: false, signal });
  // Spoken digit strings come back empty unless the end is forbidden as the first token.
  const forced = decoded.text === '';
  if (forced) decoded = await model.decode(encoded, audio.length, { forceStart: true, signal });
  const text = isHallucination(decoded, forced) ? '' : decoded.text;
  return {
    text,
    confidence: Math.exp(decoded.logProbability),
    decodeMs: performance.now() - startedMs,
  };
});
