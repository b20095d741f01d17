import { runCall } from '../call/call.ts';
import type { CallListener } from '../call/events.ts';
import type { CallReport } from '../call/report.ts';
import type { CallSpeech } from '../call/voice-session.ts';
import type { SessionHandle } from '../session/handle.ts';
import { prepareSteps, type SpeakText } from './caller-audio.ts';
import { checkExpectations } from './expectations.ts';
import { addSaidWords } from './said-words.ts';
import type { Scenario } from './scenario.ts';
import { ScriptedCaller, SUPERVISOR } from './scripted-caller.ts';
import { SimulatedRoom } from './simulated-room.ts';

export interface SimulationOptions {
  scenario: Scenario;
  handle: SessionHandle;
  speech: CallSpeech;
  /** The caller's voice. */
  speak: SpeakText;
  telephony: boolean;
  /** Name of the flow, for the report. */
  flow: string;
  noInputMs?: number;
  maxDurationMs?: number;
  onEvent?: CallListener;
}

export interface Simulation {
  report: CallReport;
  /** What did not come as the scenario expects it; none of it is a success. */
  failures: string[];
  /** What the scripted caller found strange. */
  notes: string[];
  /** 16 kHz mono PCM16 each, on one time axis from the call's start. */
  recording: { caller: Int16Array; agent: Int16Array };
}

/** No scenario talks longer than that. */
const MAX_DURATION_MS = 300_000;

/** Holds one scripted call in a room of its own, in real time. */
export async function simulate(options: SimulationOptions): Promise<Simulation> {
  const { scenario } = options;
  const steps = await prepareSteps(scenario.steps, options.speak);
  const room = new SimulatedRoom({ telephony: options.telephony });
  const caller = new ScriptedCaller(room, steps);
  const decidedAtMs: number[] = [];
  let script: Promise<void> = Promise.resolve();
  try {
    const report = await runCall({
      room,
      handle: options.handle,
      speech: options.speech,
      supervisors: [SUPERVISOR],
      flow: options.flow,
      maxDurationMs: options.maxDurationMs ?? MAX_DURATION_MS,
      ...(options.noInputMs !== undefined && { noInputMs: options.noInputMs }),
      onEvent: (event) => {
        if (event.type === 'started') {
          room.start();
          script = caller.run();
        }
        if (event.type === 'turn') decidedAtMs.push(event.decidedAtMs);
        caller.onCallEvent(event);
        options.onEvent?.(event);
      },
    });
    const complete = addSaidWords(report, decidedAtMs, caller.utterances);
    return {
      report: complete,
      failures: checkExpectations(complete, scenario.expect),
      notes: caller.notes,
      recording: { caller: room.recording.caller, agent: room.recording.agent },
    };
  } finally {
    await room.close();
    await script;
  }
}
