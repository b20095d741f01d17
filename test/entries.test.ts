import { describe, expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { importAlone } from './support/imported-packages.ts';

/** What costs much time or memory, or may not be there. */
const HEAVY = [
  /^@livekit\//,
  /^onnxruntime/,
  /^@usefulsensors\//,
  /^@echogarden\//,
  /^llama-tokenizer/,
  /^@langchain\//,
  /^@modelcontextprotocol\//,
  /^openai$/,
  /^@anthropic-ai\//,
  /^@?redis(\/|$)/,
];

function heavyIn(packages: readonly string[]): string[] {
  return packages.filter((name) => HEAVY.some((heavy) => heavy.test(name)));
}

async function packagesOf(source: string): Promise<string[]> {
  const { packages } = await importAlone(new URL(`../src/${source}`, import.meta.url).href);
  return packages;
}

describe('importing an entry of the package', () => {
  test('the main one loads no LiveKit, no speech model and no SDK', async () => {
    const packages = await packagesOf('index.ts');
    expect(heavyIn(packages)).toEqual([]);
    // The hook sees what is loaded.
    expect(packages).toContain('zod');
  });

  test('of LiveKit loads no speech model', async () => {
    const heavy = heavyIn(await packagesOf('livekit/index.ts'));
    expect(heavy).toContain('@livekit/agents');
    expect(heavy.filter((name) => /sensors|echogarden|llama/.test(name))).toEqual([]);
  });

  test('of speech loads the models only when it is told to', async () => {
    const heavy = heavyIn(await packagesOf('speech/index.ts'));
    expect(heavy.filter((name) => /sensors|echogarden|llama/.test(name))).toEqual([]);
  });
});

test('every entry has its types beside it', () => {
  for (const { types, default: code } of Object.values(manifest.exports)) {
    expect(types).toBe(code.replace(/\.js$/, '.d.ts'));
  }
});
