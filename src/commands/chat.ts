import { createInterface } from 'node:readline/promises';
import { styleText } from 'node:util';
import type { TurnInput, TurnResult } from '../agent/agent.ts';
import { agentErrorOf, inputOf, isMisconfigured } from '../agent/turns.ts';
import type { TurnMarks } from '../call/latency.ts';
import { reportTurn } from '../call/report.ts';
import { UsageError } from '../errors.ts';
import type { SessionHandle } from '../session/handle.ts';
import { wordsToTakeUp } from '../session/opening.ts';
import { explainTurn } from './explain.ts';

export interface ChatOptions {
  /** One JSON object a turn on standard output, and nothing else. */
  json: boolean;
  /** Tell after each turn why it came out so. */
  explain: boolean;
}

export interface ChatTerminal {
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
  /** A person sits there: show a prompt. */
  interactive: boolean;
}

/** Talks with a session by text, line by line, until it ends or the input does. */
export async function chat(
  session: SessionHandle,
  { json, explain }: ChatOptions,
  { input, output, interactive }: ChatTerminal,
): Promise<void> {
  const lines = createInterface({ input, ...(interactive && { output, prompt: '> ' }) });
  // Begun at once: lines that come during the opening would be lost otherwise.
  const typed = lines[Symbol.asyncIterator]();
  let index = 0;
  const say = async (turn: TurnInput): Promise<boolean> => {
    const marks: TurnMarks = { decidedAtMs: performance.now() };
    let result: TurnResult | undefined;
    for await (const chunk of session.turn(turn, { stream: true })) {
      if (chunk.type === 'text') marks.firstChunkAtMs ??= performance.now();
      else result = chunk.result;
      if (!json && chunk.type === 'text') output.write(chunk.text);
    }
    if (result === undefined) return false;
    if (!json) {
      const notes = explain ? explainTurn(result) : notesOf(result);
      output.write('\n');
      for (const note of notes) output.write(`${styleText('dim', `  ${note}`)}\n`);
    }
    throwIfMisconfigured(result);
    if (json) {
      const { text } = result;
      const spoken = { input: turn, result, text, heardText: text, interrupted: false, marks };
      output.write(`${JSON.stringify(reportTurn(index, spoken))}\n`);
    }
    index += 1;
    return !result.ended;
  };
  try {
    const lastWords = wordsToTakeUp(session);
    let goesOn = lastWords !== undefined || (await say({ kind: 'opened' }));
    if (lastWords !== undefined && !json) output.write(`${lastWords.content}\n`);
    if (interactive) lines.prompt();
    if (!goesOn) return;
    for await (const line of typed) {
      if (line.trim() !== '') goesOn = await say(inputOf(line.trim()));
      if (!goesOn) return;
      if (interactive) lines.prompt();
    }
  } finally {
    lines.close();
  }
}

function notesOf({ moves, refused, ended, outcome }: TurnResult): string[] {
  return [
    ...moves.map(({ from, to, by }) => `${from} → ${to} (${by})`),
    ...refused.map(
      ({ rule, edge, slot, reason }) => `refused ${edge ?? slot ?? ''} (${rule}): ${reason}`,
    ),
    ...(ended ? [`ended: ${outcome ?? 'no outcome'}`] : []),
  ];
}

/** A key that is wrong will not get better by talking on. */
function throwIfMisconfigured(result: TurnResult): void {
  const error = agentErrorOf(result);
  if (error !== undefined && isMisconfigured(error)) throw new UsageError(error.message);
}
