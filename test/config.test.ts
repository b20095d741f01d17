import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defineConfig, loadConfig } from '../src/config.ts';
import { UsageError } from '../src/errors.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function config(text: string, name = 'agent.config.mjs'): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test('a folder without a configuration has an empty one', async () => {
  expect(await loadConfig(folder)).toEqual({});
});

test.each(['agent.config.ts', 'agent.config.js', 'agent.config.mjs'])(
  '%s is read',
  async (name) => {
    config('{ "type": "module" }', 'package.json');
    config(
      `export default { name: 'clinic', flow: 'f.yaml', speech: { stt: 'local/tiny', tts: 'local' }, timeZone: 'Europe/London', region: 'GB', limits: { noInputMs: 5000 } };`,
      name,
    );
    expect(await loadConfig(folder)).toEqual({
      name: 'clinic',
      flow: 'f.yaml',
      speech: { stt: 'local/tiny', tts: 'local' },
      timeZone: 'Europe/London',
      region: 'GB',
      limits: { noInputMs: 5000 },
    });
  },
);

test('functions and objects of the user arrive as they are', async () => {
  config(
    'const store = { load() {}, save() {}, delete() {} }; export default { store, agent: () => ({}) };',
  );
  const { store, agent } = await loadConfig(folder);
  expect(typeof agent).toBe('function');
  expect(Object.keys(store ?? {})).toEqual(['load', 'save', 'delete']);
});

describe('a bad configuration is refused with its path and the field', () => {
  test.each([
    ['{ flwo: 1 }', /flwo/],
    ['{ flow: "" }', /flow/],
    ['{ flow: "a", agent: () => {} }', /either flow or agent, not both/],
    ['{ agent: "me" }', /agent/],
    ['{ llm: 7 }', /llm/],
    ['{ speech: { stt: "whisper" } }', /speech\.stt/],
    ['{ speech: { vad: "x" } }', /speech.*vad/],
    ['{ timeZone: "Mars/Olympus" }', /timeZone: expected an IANA time zone/],
    ['{ region: "GBR" }', /region: expected two letters/],
    ['{ limits: { maxDurationMs: -1 } }', /limits\.maxDurationMs/],
    ['{ store: "redis" }', /store/],
    ['7', /object/],
  ])('%s', async (text, message) => {
    const path = config(`export default ${text};`);
    const loading = loadConfig(folder);
    await expect(loading).rejects.toBeInstanceOf(UsageError);
    await expect(loading).rejects.toThrow(message);
    await expect(loading).rejects.toThrow(path);
  });

  test('one that throws when it is loaded', async () => {
    config('throw new Error("my own fault");');
    await expect(loadConfig(folder)).rejects.toThrow(/cannot be loaded: my own fault/);
    await expect(loadConfig(folder)).rejects.toBeInstanceOf(UsageError);
  });
});

test('defineConfig hands back what it is given', () => {
  const given = { name: 'x' };
  expect(defineConfig(given)).toBe(given);
});
