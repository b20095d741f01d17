import type { AgentConfig } from '../config.ts';
import { UsageError } from '../errors.ts';
import { Flow } from '../flow/flow.ts';
import { createModel } from '../llm/create-model.ts';
import { DialogMachine, type DialogMachineOptions } from '../machine/dialog-machine.ts';
import { NullSessionStore } from '../session/null-store.ts';
import { type StoreParts, storeOf } from '../session/store-spec.ts';
import { SessionWorker } from '../session/worker.ts';

/** What the command line says in place of the configuration. */
export interface SessionOverrides {
  flow?: string | undefined;
  llm?: string | undefined;
  /** As in `storeOf`. */
  store?: string | undefined;
}

/** The worker whose sessions are what configuration and flags ask for. Bad input fails here. */
export function sessionsOf(config: AgentConfig, overrides: SessionOverrides): SessionWorker {
  return new SessionWorker({
    agentFactory: agentFactoryOf(config, overrides),
    ...storeOfConfig(config, overrides),
    // A chat that is killed goes on where it was.
    persist: 'turn',
    ...(config.greeting !== undefined && { greeting: config.greeting }),
    ...(config.lockBackend !== undefined && { lockBackend: config.lockBackend }),
  });
}

function storeOfConfig({ store }: AgentConfig, overrides: SessionOverrides): StoreParts {
  const asked = overrides.store ?? store ?? new NullSessionStore();
  return typeof asked === 'string' ? storeOf(asked) : { store: asked };
}

/** What the configuration says for every machine, whatever its flow and model. */
export function machineOptionsOf({
  seed,
  tools,
  http,
  timeZone,
  region,
}: AgentConfig): Omit<DialogMachineOptions, 'flow'> {
  return {
    ...(seed !== undefined && { seed }),
    ...(tools !== undefined && { tools }),
    ...(http !== undefined && { http }),
    ...(timeZone !== undefined && { timeZone }),
    ...(region !== undefined && { region }),
  };
}

/** The flow that sessions follow, if they follow one. */
export function flowOf(config: AgentConfig, overrides: SessionOverrides): Flow | undefined {
  if (overrides.flow === undefined && config.agent !== undefined) return undefined;
  const source = overrides.flow ?? config.flow;
  return typeof source === 'string' ? Flow.load(source) : source;
}

function agentFactoryOf(
  config: AgentConfig,
  overrides: SessionOverrides,
): ConstructorParameters<typeof SessionWorker>[0]['agentFactory'] {
  if (overrides.flow === undefined && config.agent !== undefined) {
    if (overrides.llm === undefined) return config.agent;
    throw new UsageError(
      '--llm cannot change the agent that agent.config.ts makes: set its model there, or name a flow',
    );
  }
  const flow = flowOf(config, overrides);
  if (flow === undefined) {
    throw new UsageError('no flow: name one on the command line, or set flow in agent.config.ts');
  }
  const spec = overrides.llm ?? config.llm;
  const llm = spec === undefined ? undefined : createModel(spec, config.models);
  const makeMachine = () =>
    new DialogMachine({
      flow,
      ...(llm !== undefined && { llm }),
      ...machineOptionsOf(config),
    });
  // The first one shows at once whether flow and model go together.
  makeMachine();
  return makeMachine;
}
