import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const launcher = fileURLToPath(new URL('../../bin/superdialog.js', import.meta.url));

export interface CommandOptions {
  /** Lines for standard input; it is closed after them. */
  input?: readonly string[];
  /** Added to an environment that has no keys. */
  env?: Readonly<Record<string, string>>;
  cwd?: string;
}

export interface CommandResult {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `superdialog` as a user does: a process of its own, with pipes. */
export async function superdialog(
  args: readonly string[],
  { input = [], env = {}, cwd }: CommandOptions = {},
): Promise<CommandResult> {
  const { OPENAI_API_KEY: _, ANTHROPIC_API_KEY: __, NODE_OPTIONS: ___, ...inherited } = process.env;
  const child = spawn(process.execPath, [launcher, ...args], {
    env: { ...inherited, NO_COLOR: '1', ...env },
    ...(cwd !== undefined && { cwd }),
  });
  // The command may leave before it has read everything.
  child.stdin.on('error', () => {});
  child.stdin.end(input.map((line) => `${line}\n`).join(''));
  const [stdout, stderr, status] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ]);
  return { status, stdout, stderr };
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  stream.setEncoding('utf8');
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}
