import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { SuperdialogError, UsageError } from './errors.ts';

/** Exit statuses: done, a call or an expectation failed, wrong use or input. */
const FAILED = 1;
const WRONG_USE = 2;

/** Runs the command line and ends the process with its status. */
export async function main(args: readonly string[]): Promise<void> {
  const program = commands();
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = reportError(error, args.includes('--debug'));
  }
  // LiveKit leaves timers of some seconds behind that would hold up the exit.
  process.exit();
}

function commands(): Command {
  const program = new Command('superdialog')
    .description('Voice agents for telephony and WebRTC that follow a flow.')
    .version(version())
    .option('--debug', 'show stack traces')
    .exitOverride()
    .showHelpAfterError('(superdialog --help lists the commands)');

  program
    .command('simulate')
    .description('hold scripted calls in a local room, with real speech and no cloud')
    .argument('[scenario...]', 'scenario files; without one, the demo call')
    .option('--flow <file>', "flow to use in place of the scenario's")
    .option('--llm <uri>', "model to use in place of the scenario's, as in openai/gpt-5.1")
    .option('--telephony', 'telephone quality: 8 kHz G.711 both ways', false)
    .option('--out <folder>', 'where recordings and reports go')
    .option('--json', 'print the reports as JSON and nothing else', false)
    .option('--debug', 'show stack traces')
    .action(async (scenarios: string[], options) => {
      const { simulateFromConfig } = await import('./commands/simulate-from-config.ts');
      process.exitCode = await simulateFromConfig({ scenarios, ...options });
    });

  program
    .command('chat')
    .description('talk to a flow by text, from a terminal or a pipe')
    .argument('[flow]', 'flow file; without one, the flow of agent.config.ts')
    .option('--llm <uri>', 'model to use, as in openai/gpt-5.1')
    .option('--json', 'print one JSON object a turn', false)
    .option('--debug', 'show stack traces')
    .action(async (flow: string | undefined, options) => {
      const { chatFromConfig } = await import('./commands/chat-from-config.ts');
      await chatFromConfig({ flow, ...options });
    });

  return program;
}

function reportError(error: unknown, debug: boolean): number {
  // Commander has printed its own message already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USE;
  const message = error instanceof Error ? error.message : String(error);
  console.error(debug && error instanceof Error ? error.stack : message);
  if (!debug && !(error instanceof SuperdialogError)) {
    console.error(
      'This was not expected. Run the command again with --debug to see where it happened.',
    );
  }
  return error instanceof UsageError ? WRONG_USE : FAILED;
}

function version(): string {
  const file = new URL('../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return version;
}
