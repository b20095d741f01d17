import { join } from 'node:path';
import { styleText } from 'node:util';
import { z } from 'zod';
import { isMisconfigured } from '../agent/turns.ts';
import type { AgentConfig } from '../config.ts';
import { UsageError } from '../errors.ts';
import type { SessionHandle } from '../session/handle.ts';
import type { SimulationSpeech } from '../simulator/local-voices.ts';
import { loadScenario, type Scenario } from '../simulator/scenario.ts';
import { type Simulation, simulate } from '../simulator/simulate.ts';
import { passed, simulationReport, writeSimulation } from '../simulator/write-simulation.ts';
import { callPrinter } from './call-printer.ts';

export interface SimulateOptions {
  /** Paths of scenario files, played one after another. */
  scenarios: readonly string[];
  /** In place of the scenarios' own. */
  flow?: string | undefined;
  llm?: string | undefined;
  /** Both sides through G.711 at 8 kHz. */
  telephony: boolean;
  /** Folder for what is written; with several scenarios each gets one inside. */
  out?: string | undefined;
  /** One JSON document on standard output and nothing else. */
  json: boolean;
}

export interface SimulateParts {
  openSession(scenario: Scenario): Promise<SessionHandle>;
  limits?: AgentConfig['limits'];
  /** Called once; the models serve all scenarios. */
  loadSpeech(): Promise<SimulationSpeech>;
  write?: (line: string) => void;
}

/** Exit status 0 if every expectation of every scenario held, else 1. Throws `UsageError`. */
export async function simulateCommand(
  options: SimulateOptions,
  parts: SimulateParts,
): Promise<number> {
  const write = parts.write ?? ((line: string) => console.log(line));
  const scenarios = options.scenarios.map((path) => withOverrides(loadScenario(path), options));
  const speech = await parts.loadSpeech();
  const results: { scenario: Scenario; simulation: Simulation }[] = [];
  try {
    for (const scenario of scenarios) speech.callerVoice(scenario.voice);
    for (const scenario of scenarios) {
      if (!options.json) write(styleText('bold', scenario.name));
      const simulation = await playScenario(scenario, options, parts, speech, write);
      const folder = outputFolder(scenario, options);
      await writeSimulation(folder, scenario, simulation);
      if (!options.json) write(summary(simulation, folder));
      results.push({ scenario, simulation });
      throwIfMisconfigured(simulation);
    }
  } finally {
    await speech.close();
  }
  if (options.json) write(toJson(results));
  return results.every(({ simulation }) => passed(simulation)) ? 0 : 1;
}

async function playScenario(
  scenario: Scenario,
  options: SimulateOptions,
  parts: SimulateParts,
  speech: SimulationSpeech,
  write: (line: string) => void,
): Promise<Simulation> {
  await using handle = await parts.openSession(scenario);
  return await simulate({
    scenario,
    handle,
    speech: speech.forCall(),
    speak: speech.callerVoice(scenario.voice),
    telephony: options.telephony,
    flow: flowName(handle) ?? scenario.name,
    ...parts.limits,
    ...(!options.json && { onEvent: callPrinter(write) }),
  });
}

/** A key that is wrong fails every call: it is wrong use, not a failed expectation. */
function throwIfMisconfigured({ report }: Simulation): void {
  const error = report.errors.find(isMisconfigured);
  if (error !== undefined) throw new UsageError(error.message);
}

function withOverrides(scenario: Scenario, { flow, llm }: SimulateOptions): Scenario {
  return { ...scenario, flow: flow ?? scenario.flow, llm: llm ?? scenario.llm };
}

function flowName({ flowState }: SessionHandle): string | undefined {
  const parsed = z.object({ flow: z.object({ name: z.string() }) }).safeParse(flowState);
  return parsed.data?.flow.name;
}

function outputFolder(scenario: Scenario, { out, scenarios }: SimulateOptions): string {
  if (out !== undefined) return scenarios.length > 1 ? join(out, scenario.name) : out;
  const timestamp = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  return join('calls', `${timestamp}-${scenario.name}`);
}

function summary(simulation: Simulation, folder: string): string {
  const { report, failures, notes } = simulation;
  const rate = report.wordErrorRate;
  const verdict = passed(simulation) ? styleText('green', 'passed') : styleText('red', 'failed');
  const lines = [
    '',
    `${verdict}: ${report.turns.length} turns in ${(report.durationMs / 1000).toFixed(1)} s, outcome ${report.outcome ?? 'none'}`,
    ...(rate === null ? [] : [`word error rate of what was heard: ${(rate * 100).toFixed(1)} %`]),
    ...median(report.turns.flatMap(({ latency }) => latency.voiceToVoiceMs ?? [])),
    ...failures.map((failure) => styleText('red', `  ${failure}`)),
    ...notes.map((note) => styleText('yellow', `  ${note}`)),
    `written: ${join(folder, 'call.wav')}, transcript.md, report.json`,
    '',
  ];
  return lines.join('\n');
}

function median(latencies: readonly number[]): string[] {
  const sorted = latencies.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) return [];
  return [`the agent answered ${middle} ms after the caller had finished (median)`];
}

function toJson(results: readonly { scenario: Scenario; simulation: Simulation }[]): string {
  const reports = results.map(({ scenario, simulation }) => simulationReport(scenario, simulation));
  return JSON.stringify(reports.length === 1 ? reports[0] : reports, null, 2);
}
