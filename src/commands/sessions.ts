import type { AgentConfig } from '../config.ts';
import { UsageError } from '../errors.ts';
import { Flow } from '../flow/flow.ts';
import { createModel } from '../llm/create-model.ts';
import { DialogMachine } from '../machine/dialog-machine.ts';
import { NullSessionStore } from '../session/null-store.ts';
import { SessionWorker } from '../session/worker.ts';

/** What the command line says in place of the configuration. */
export interface SessionOverrides {
  flow?: string | undefined;
  llm?: string | undefined;
}

/** The worker whose sessions are what configuration and flags ask for. Bad input fails here. */
export function sessionsOf(config: AgentConfig, overrides: SessionOverrides): SessionWorker {
  return new SessionWorker({
    agentFactory: agentFactoryOf(config, overrides),
    store: config.store ?? new NullSessionStore(),
    ...(config.greeting !== undefined && { greeting: config.greeting }),
    ...(config.lockBackend !== undefined && { lockBackend: config.lockBackend }),
  });
}

function agentFactoryOf(
  config: AgentConfig,
  overrides: SessionOverrides,
): ConstructorParameters<typeof SessionWorker>[0]['agentFactory'] {
  if (overrides.flow === undefined && config.agent !== undefined) return config.agent;
  const source = overrides.flow ?? config.flow;
  if (source === undefined) {
    throw new UsageError('no flow: name one on the command line, or set flow in agent.config.ts');
  }
  const flow = typeof source === 'string' ? Flow.load(source) : source;
  const spec = overrides.llm ?? config.llm;
  const llm = spec === undefined ? undefined : createModel(spec, config.models);
  const makeMachine = () =>
    new DialogMachine({
      flow,
      ...(llm !== undefined && { llm }),
      ...(config.tools !== undefined && { tools: config.tools }),
      ...(config.http !== undefined && { http: config.http }),
      ...(config.timeZone !== undefined && { timeZone: config.timeZone }),
      ...(config.region !== undefined && { region: config.region }),
    });
  // The first one shows at once whether flow and model go together.
  makeMachine();
  return makeMachine;
}
