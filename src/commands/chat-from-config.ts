import { randomUUID } from 'node:crypto';
import { loadConfig } from '../config.ts';
import { chat } from './chat.ts';
import { sessionsOf } from './sessions.ts';

/** `superdialog chat`. */
export async function chatFromConfig(options: {
  flow?: string | undefined;
  llm?: string | undefined;
  json: boolean;
  explain: boolean;
}): Promise<void> {
  const sessions = sessionsOf(await loadConfig(), options);
  await using session = await sessions.acquire(randomUUID());
  await chat(session, options, {
    input: process.stdin,
    output: process.stdout,
    interactive: process.stdin.isTTY === true && process.stdout.isTTY === true && !options.json,
  });
}
