import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { CallReport } from '../../src/call/report.ts';
import { readWav } from '../../src/speech/wav.ts';

const run = promisify(execFile);
const SCENARIOS = ['appointment', 'barge-in', 'cards', 'kyc'];
/** All four calls, one after the other in real time, and the models loaded once. */
const LONGEST_MS = 420_000;

interface ScenarioReport extends CallReport {
  scenario: string;
  passed: boolean;
  failures: string[];
}

it.each([
  ['16 kHz', []],
  ['telephone quality', ['--telephony']],
])(
  'the example calls come as expected, understood without a model, in %s',
  async (_, flags) => {
    const folder = await mkdtemp(join(tmpdir(), 'superdialog-'));
    try {
      const files = SCENARIOS.map((name) => `flows/scenarios/${name}.yaml`);
      const { stdout } = await run(
        process.execPath,
        ['bin/superdialog.js', 'simulate', ...files, '--json', '--out', folder, ...flags],
        { maxBuffer: 10_000_000 },
      );
      const reports: ScenarioReport[] = JSON.parse(stdout);
      expect(reports.map(({ scenario, failures }) => ({ scenario, failures }))).toEqual(
        SCENARIOS.map((scenario) => ({ scenario, failures: [] })),
      );
      const rates = reports.map(({ wordErrorRate }) => wordErrorRate ?? 1);
      expect(rates.reduce((sum, rate) => sum + rate, 0) / rates.length).toBeLessThanOrEqual(0.1);
      const turns = reports.flatMap((report) => report.turns);
      expect(turns.map(({ modelCalls }) => modelCalls)).toEqual(turns.map(() => 0));
      expect(reports.flatMap(({ errors }) => errors)).toEqual([]);

      const [opening] = reports.find(({ scenario }) => scenario === 'barge-in')?.turns ?? [];
      expect(opening?.interrupted).toBe(true);
      expect(opening?.text.startsWith(opening.heardText.replace(/…$/, ''))).toBe(true);

      for (const { scenario, durationMs } of reports) {
        const files = await readdir(join(folder, scenario));
        expect(files.sort()).toEqual(['call.wav', 'report.json', 'transcript.md']);
        const { pcm, sampleRate } = await readWav(join(folder, scenario, 'call.wav'));
        expect((pcm.length / sampleRate) * 1000).toBeGreaterThanOrEqual(durationMs - 500);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  },
  LONGEST_MS,
);
