import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeTranscript } from '../call/transcript.ts';
import { writeWav } from '../speech/wav.ts';
import { ROOM_SAMPLE_RATE } from './playout.ts';
import type { Scenario } from './scenario.ts';
import type { Simulation } from './simulate.ts';

/** What `report.json` holds: the call's report, and whether it came as the scenario expects. */
export function simulationReport(scenario: Scenario, { report, failures, notes }: Simulation) {
  return {
    scenario: scenario.name,
    passed: passed({ report, failures }),
    failures,
    notes,
    ...report,
  };
}

export function passed({ report, failures }: Pick<Simulation, 'report' | 'failures'>): boolean {
  return failures.length === 0 && report.endedBy !== 'failed';
}

/** Writes `call.wav` (caller left, agent right), `transcript.md` and `report.json`. */
export async function writeSimulation(
  folder: string,
  scenario: Scenario,
  simulation: Simulation,
): Promise<void> {
  const { report, recording } = simulation;
  await mkdir(folder, { recursive: true });
  await writeWav(join(folder, 'call.wav'), [recording.caller, recording.agent], ROOM_SAMPLE_RATE);
  await writeFile(join(folder, 'transcript.md'), writeTranscript(report, scenario.name));
  const json = JSON.stringify(simulationReport(scenario, simulation), null, 2);
  await writeFile(join(folder, 'report.json'), `${json}\n`);
}
