import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../config.ts';
import { loadLocalVoices } from '../simulator/local-voices.ts';
import { sessionsOf } from './sessions.ts';
import { type SimulateOptions, simulateCommand } from './simulate.ts';

/** Played when no scenario is named. */
const DEMO = fileURLToPath(new URL('../../flows/scenarios/appointment.yaml', import.meta.url));

/** `superdialog simulate`. Returns the exit status. */
export async function simulateFromConfig(options: SimulateOptions): Promise<number> {
  const config = await loadConfig();
  const scenarios = options.scenarios.length > 0 ? options.scenarios : [DEMO];
  try {
    return await simulateCommand(
      { ...options, scenarios },
      {
        openSession: ({ flow, llm }) => sessionsOf(config, { flow, llm }).acquire(randomUUID()),
        loadSpeech: () => loadLocalVoices(config.speech),
        ...(config.limits !== undefined && { limits: config.limits }),
      },
    );
  } finally {
    // A process that used rtc-node does not end before this.
    const { dispose } = await import('@livekit/rtc-node');
    await dispose();
  }
}
