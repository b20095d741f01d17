import { randomUUID } from 'node:crypto';
import { loadConfig } from '../config.ts';
import { UsageError } from '../errors.ts';
import { chat } from './chat.ts';
import { sessionsOf } from './sessions.ts';

export interface ChatCommandOptions {
  flow?: string | undefined;
  llm?: string | undefined;
  /** Conversation to begin or to go on with. Default: a new one that nobody can go on with. */
  session?: string | undefined;
  store?: string | undefined;
  json: boolean;
  explain: boolean;
}

/** `superdialog chat`. */
export async function chatFromConfig(options: ChatCommandOptions): Promise<void> {
  const config = await loadConfig();
  if (options.session !== undefined && options.store === undefined && config.store === undefined) {
    throw new UsageError('--session needs a store to keep it in: add --store sqlite:chats.db');
  }
  const sessions = sessionsOf(config, options);
  await using session = await sessions.acquire(options.session ?? randomUUID());
  await chat(session, options, {
    input: process.stdin,
    output: process.stdout,
    interactive: process.stdin.isTTY === true && process.stdout.isTTY === true && !options.json,
  });
}
