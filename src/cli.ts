import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { SuperdialogError, UsageError } from './errors.ts';

/** Exit statuses: done, a call or an expectation failed, wrong use or input. */
const FAILED = 1;
const WRONG_USE = 2;

const STORES = 'where sessions are kept: memory, file:DIR, sqlite:FILE or redis://HOST:PORT';

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
    .option('--session <id>', 'conversation to begin, or to go on with; it is kept in the store')
    .option('--store <spec>', STORES)
    .option('--json', 'print one JSON object a turn', false)
    .addOption(
      new Option('--explain', 'tell after each turn what was understood and who decided')
        .default(false)
        .conflicts('json'),
    )
    .option('--debug', 'show stack traces')
    .action(async (flow: string | undefined, options) => {
      const { chatFromConfig } = await import('./commands/chat-from-config.ts');
      await chatFromConfig({ flow, ...options });
    });

  program
    .command('serve')
    .description('answer by HTTP: /turn, /stream, /assist, /reset, /sessions/ID, /openapi.json')
    .argument('[flow]', 'flow file; without one, the flow of agent.config.ts')
    .option('--llm <uri>', 'model to use, as in openai/gpt-5.1')
    .option(
      '--port <number>',
      'port to listen at; 0 takes any that is free',
      numberIn(0, 65_535),
      8080,
    )
    .option('--host <host>', 'address to listen at', '127.0.0.1')
    .option('--store <spec>', `${STORES} (default: memory)`)
    .option('--token-env <name>', 'environment variable with the token that clients have to show')
    .option('--rate-limit <number>', 'requests a minute of one client', numberIn(1, 1_000_000))
    .option('--debug', 'show stack traces')
    .action(async (flow: string | undefined, options) => {
      const { serve } = await import('./commands/serve.ts');
      await serve({ flow, ...options });
    });

  addFlowCommands(program);
  return program;
}

function numberIn(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };
}

function addFlowCommands(program: Command): void {
  const flow = program.command('flow').description('check, draw, describe and try out flow files');

  flow
    .command('lint')
    .description(
      'say what is wrong or odd in flow files; status 1 if there is an error or a warning',
    )
    .argument('<file...>', 'flow files')
    .option('--json', 'print the findings as JSON and nothing else', false)
    .option('--debug', 'show stack traces')
    .action(async (files: string[], options) => {
      const { flowLint } = await import('./commands/flow-lint.ts');
      process.exitCode = flowLint(files, options);
    });

  flow
    .command('draw')
    .description('draw a flow as a Mermaid chart or as SVG')
    .argument('<file>', 'flow file')
    .option('--format <format>', 'mermaid or svg', 'mermaid')
    .option('--out <file>', 'file to write, in place of standard output')
    .option('--debug', 'show stack traces')
    .action(async (file: string, options) => {
      const { flowDraw } = await import('./commands/flow-draw.ts');
      await flowDraw(file, options);
    });

  flow
    .command('schema')
    .description('print the JSON Schema of flow files, for editors')
    .option('--out <file>', 'file to write, in place of standard output')
    .option('--debug', 'show stack traces')
    .action(async (options) => {
      const { flowSchema } = await import('./commands/flow-schema.ts');
      flowSchema(options);
    });

  flow
    .command('test')
    .description('hold scripted conversations by text and check what is expected of them')
    .argument('<file...>', 'conversation files, as in flows/tests/')
    .option('--llm <uri>', "model to use in place of the conversation's, as in openai/gpt-5.1")
    .option('--debug', 'show stack traces')
    .action(async (files: string[], options) => {
      const { flowTest } = await import('./commands/flow-test.ts');
      process.exitCode = await flowTest(files, options);
    });
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
