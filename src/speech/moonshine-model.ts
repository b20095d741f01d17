import { join } from 'node:path';
import tokenizer from 'llama-tokenizer-js';
import * as ort from 'onnxruntime-node';
import type { MoonshineSize } from './moonshine-size.ts';

/** 16 kHz mono samples in -1..1. */
const sampleRate = 16_000;
const startToken = 1;
const endToken = 2;
/** Moonshine never needs more tokens for a second of speech (value of its reference decoder). */
const maxTokensPerSecond = 6.5;
const minTokenLimit = 6;

const shapes = {
  tiny: { layers: 6, heads: 8, headSize: 36 },
  base: { layers: 8, heads: 8, headSize: 52 },
} as const;

export interface Decoded {
  text: string;
  /** Mean log probability of a token, 0 at best. */
  logProbability: number;
  tokens: number;
}

/** Moonshine's encoder and decoder, run greedily. Blocks its thread: made for a worker. */
export class MoonshineModel {
  readonly #encoder: ort.InferenceSession;
  readonly #decoder: ort.InferenceSession;
  readonly #size: MoonshineSize;

  private constructor(
    size: MoonshineSize,
    encoder: ort.InferenceSession,
    decoder: ort.InferenceSession,
  ) {
    this.#size = size;
    this.#encoder = encoder;
    this.#decoder = decoder;
  }

  static async load(size: MoonshineSize, packageFolder: string): Promise<MoonshineModel> {
    const folder = join(packageFolder, 'dist', 'model', size, 'quantized');
    // One thread: calls share the machine, and a second one gains little at this size.
    const options: ort.InferenceSession.SessionOptions = {
      executionProviders: ['cpu'],
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
    };
    const [encoder, decoder] = await Promise.all([
      ort.InferenceSession.create(join(folder, 'encoder_model.onnx'), options),
      ort.InferenceSession.create(join(folder, 'decoder_model_merged.onnx'), options),
    ]);
    return new MoonshineModel(size, encoder, decoder);
  }

  async encode(audio: Float32Array): Promise<ort.Tensor> {
    const input = new ort.Tensor('float32', audio, [1, audio.length]);
    const { last_hidden_state: encoded } = await this.#encoder.run({ input_values: input });
    if (encoded === undefined) throw new Error('The encoder gave no output.');
    return encoded;
  }

  /** `forceStart` forbids the empty transcript: the first token may then not be the end. */
  async decode(
    encoded: ort.Tensor,
    audioSamples: number,
    options: { forceStart: boolean; signal: AbortSignal },
  ): Promise<Decoded> {
    const limit = Math.max(
      minTokenLimit,
      Math.trunc((audioSamples / sampleRate) * maxTokensPerSecond),
    );
    const tokens: number[] = [];
    let past = this.#emptyPast();
    let last = startToken;
    let logSum = 0;
    let steps = 0;
    while (steps < limit) {
      options.signal.throwIfAborted();
      const output = await this.#decoder.run({
        input_ids: new ort.Tensor('int64', BigInt64Array.of(BigInt(last)), [1, 1]),
        encoder_hidden_states: encoded,
        use_cache_branch: new ort.Tensor('bool', [steps > 0]),
        ...past,
      });
      const barred = options.forceStart && steps === 0 ? endToken : undefined;
      const best = likeliest(logitsOf(output), barred);
      past = nextPast(past, output, steps === 0);
      logSum += best.logProbability;
      steps += 1;
      last = best.token;
      if (last === endToken) break;
      tokens.push(last);
    }
    return {
      text: tokenizer.decode(tokens, false, false).trim(),
      logProbability: logSum / steps,
      tokens: tokens.length,
    };
  }

  #emptyPast(): Record<string, ort.Tensor> {
    const { layers, heads, headSize } = shapes[this.#size];
    const past: Record<string, ort.Tensor> = {};
    for (let layer = 0; layer < layers; layer++) {
      for (const part of ['decoder.key', 'decoder.value', 'encoder.key', 'encoder.value']) {
        past[`past_key_values.${layer}.${part}`] = new ort.Tensor('float32', new Float32Array(0), [
          0,
          heads,
          1,
          headSize,
        ]);
      }
    }
    return past;
  }
}

function logitsOf(output: ort.InferenceSession.ReturnType): Float32Array {
  const data = output.logits?.data;
  if (!(data instanceof Float32Array)) throw new Error('The decoder gave no logits.');
  return data;
}

/** The encoder's part of the cache is only made in the first step; later it comes back empty. */
function nextPast(
  past: Record<string, ort.Tensor>,
  output: ort.InferenceSession.ReturnType,
  first: boolean,
): Record<string, ort.Tensor> {
  const next = { ...past };
  for (const [name, tensor] of Object.entries(output)) {
    if (!name.startsWith('present')) continue;
    if (first || name.includes('.decoder.'))
      next[name.replace('present', 'past_key_values')] = tensor;
  }
  return next;
}

function likeliest(
  logits: Float32Array,
  barred: number | undefined,
): { token: number; logProbability: number } {
  let token = 0;
  let highest = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < logits.length; index++) {
    const logit = logits[index] ?? Number.NEGATIVE_INFINITY;
    if (logit > highest && index !== barred) {
      highest = logit;
      token = index;
    }
  }
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - highest);
  return { token, logProbability: -Math.log(sum) };
}
