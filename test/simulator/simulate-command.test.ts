import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareLiveKitLog } from '../../src/call/livekit-log.ts';
import { type SimulateOptions, simulateCommand } from '../../src/commands/simulate.ts';
import { UsageError } from '../../src/errors.ts';
import type { SimulationSpeech } from '../../src/simulator/local-voices.ts';
import type { Scenario } from '../../src/simulator/scenario.ts';
import { readWav } from '../../src/speech/wav.ts';
import { ScriptedSession } from '../call/scripted-session.ts';
import { ToneStt, ToneTts, ToneVad, tone, WORD_MS } from '../call/tone-speech.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'simulate-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const session = () =>
  new ScriptedSession((input) =>
    input.kind === 'text'
      ? { words: ['Good bye.'], ended: true, outcome: 'done' }
      : { words: ['Hello.'] },
  );

async function loadSpeech(): Promise<SimulationSpeech> {
  prepareLiveKitLog();
  const stt = new ToneStt();
  return {
    forCall: () => ({ stt, tts: new ToneTts(), vad: new ToneVad() }),
    callerVoice: (name) => {
      if (name === 'nobody') throw new UsageError('caller.voice: unknown');
      return async (text) => {
        stt.hears.push(text);
        return tone(text.split(' ').length * WORD_MS);
      };
    },
    close: async () => {},
  };
}

function scenario(name: string, expected: string, voice = 'rms'): string {
  const path = join(folder, `${name}.yaml`);
  const turns = '[{ say: I want to go }]';
  writeFileSync(
    path,
    `caller: { voice: ${voice}, turns: ${turns} }\nexpect: { outcome: ${expected} }\n`,
  );
  return path;
}

async function run(options: Partial<SimulateOptions>) {
  const lines: string[] = [];
  const opened: Scenario[] = [];
  const status = await simulateCommand(
    { scenarios: [], telephony: false, json: false, out: join(folder, 'out'), ...options },
    {
      loadSpeech,
      openSession: async (each) => {
        opened.push(each);
        return session();
      },
      write: (line) => lines.push(line),
    },
  );
  return { status, lines, opened, output: lines.join('\n') };
}

describe('superdialog simulate', () => {
  it('plays a scenario, prints the call, and writes its three files', async () => {
    const { status, output } = await run({ scenarios: [scenario('good', 'done')] });
    expect(status).toBe(0);
    expect(output).toMatch(/agent +Hello\./);
    expect(output).toMatch(/caller +I want to go/);
    expect(output).toMatch(/answered after \d+ ms/);
    const report = JSON.parse(readFileSync(join(folder, 'out', 'report.json'), 'utf8'));
    expect(report).toMatchObject({ passed: true, outcome: 'done', wordErrorRate: 0 });
    expect(report.turns[1]).toMatchObject({ user: 'I want to go', said: 'I want to go' });
    expect(readFileSync(join(folder, 'out', 'transcript.md'), 'utf8')).toContain(
      '**Agent** Hello.',
    );
    const { sampleRate, pcm } = await readWav(join(folder, 'out', 'call.wav'));
    expect(sampleRate).toBe(16_000);
    expect(pcm.length / 16).toBeGreaterThan(report.durationMs - 100);
  });

  it('gives each of several scenarios a folder, and fails if one does not come as expected', async () => {
    const scenarios = [scenario('good', 'done'), scenario('bad', 'sold')];
    const { status, output } = await run({ scenarios });
    expect(status).toBe(1);
    expect(output).toContain('outcome: expected "sold", got "done"');
    expect(existsSync(join(folder, 'out', 'good', 'call.wav'))).toBe(true);
    expect(existsSync(join(folder, 'out', 'bad', 'call.wav'))).toBe(true);
  }, 15_000);

  it('prints one JSON document and nothing else with --json', async () => {
    const { lines } = await run({ scenarios: [scenario('good', 'done')], json: true });
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      scenario: 'good',
      passed: true,
      failures: [],
    });
  });

  it('lets the command line win over the scenario', async () => {
    const { opened } = await run({
      scenarios: [scenario('good', 'done')],
      flow: 'other.yaml',
      llm: 'scripted/x.yaml',
    });
    expect(opened[0]).toMatchObject({ flow: 'other.yaml', llm: 'scripted/x.yaml' });
  });

  it('refuses an unknown voice before any call', async () => {
    const scenarios = [scenario('good', 'done'), scenario('bad', 'done', 'nobody')];
    await expect(run({ scenarios })).rejects.toThrow(UsageError);
    expect(existsSync(join(folder, 'out'))).toBe(false);
  });
});
