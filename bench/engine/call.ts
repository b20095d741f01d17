import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TurnResult } from '../../src/agent/agent.ts';
import { Flow } from '../../src/flow/flow.ts';
import { createModel } from '../../src/llm/create-model.ts';
import type { LanguageModel, ModelRequest } from '../../src/llm/model.ts';
import { DialogMachine } from '../../src/machine/dialog-machine.ts';
import { functionTool } from '../../src/tools/function-tool.ts';
import type { Tool } from '../../src/tools/tool.ts';
import type { Provider } from './provider.ts';
import type { Line, Walk } from './walks.ts';

/** Wednesday, 4 March 2026: the clock of the calls stands still. */
const NOW_MS = Date.UTC(2026, 2, 4, 10);
const OURS = new URL('../../flows/', import.meta.url);
const GIVEN = new URL('../../../shared/flows/', import.meta.url);

/** One turn as the caller lives it. */
export interface HeldTurn {
  /** From the caller's last word to the agent's first. */
  firstChunkMs: number;
  /** Why models were asked before that, in order. */
  causesBefore: string[];
  /** What they were asked. */
  requestsBefore: ModelRequest[];
}

/** The walk's flow, or the path where it is missing. */
export function flowOf({ flow, given }: Walk): Flow | { missing: string } {
  const path = fileURLToPath(
    given ? new URL(`${flow}.json`, GIVEN) : new URL(`${flow}.yaml`, OURS),
  );
  return existsSync(path) ? Flow.load(path) : { missing: path };
}

/** A call with the provider's model behind it. */
export class Call {
  readonly #walk: Walk;
  readonly #machine: DialogMachine;
  /** What the model was asked. */
  readonly #requests: ModelRequest[] = [];

  constructor(walk: Walk, flow: Flow, provider: Provider) {
    const env = { OPENAI_API_KEY: 'none', OPENAI_BASE_URL: provider.url };
    this.#walk = walk;
    this.#machine = new DialogMachine({
      flow: {
        ...flow,
        environment: { ...flow.environment, API_BASE_URL: provider.serviceUrl, phone: '5550101' },
      },
      llm: recorded(createModel('openai/fake', { env }), this.#requests),
      tools: toolsOf(flow),
      now: () => NOW_MS,
      http: { allowPrivate: ['127.0.0.1'] },
    });
  }

  /** Holds one turn to its end, reading it as a call does. */
  async turn([input]: Line): Promise<HeldTurn> {
    const before = this.#requests.length;
    const startedAt = performance.now();
    let first: { afterMs: number; requests: ModelRequest[] } | undefined;
    let result: TurnResult | undefined;
    for await (const chunk of this.#machine.turn(input, { stream: true })) {
      if (chunk.type === 'done') result = chunk.result;
      else
        first ??= {
          afterMs: performance.now() - startedAt,
          requests: this.#requests.slice(before),
        };
    }
    if (first === undefined || result === undefined) {
      throw new Error(`${this.#walk.flow}: nothing was said to ${JSON.stringify(input)}`);
    }
    return {
      firstChunkMs: first.afterMs,
      causesBefore: causesOf(result).slice(0, first.requests.length),
      requestsBefore: first.requests,
    };
  }

  /** Throws unless the call came to its end as it was meant to. */
  checkEnd(): void {
    const { flow, endsAt } = this.#walk;
    const { node } = this.#machine.flowState;
    if (node !== endsAt) throw new Error(`${flow}: came out at "${node}" instead of "${endsAt}"`);
  }
}

const hostTools = new WeakMap<Flow, Tool[]>();

/** The functions that a flow's tools run on, made once. The walks make no use of them. */
function toolsOf(flow: Flow): Tool[] {
  const known = hostTools.get(flow);
  if (known !== undefined) return known;
  const schema = { type: 'object', properties: {} };
  const tools = [...flow.tools.values()].map(({ id, description }) =>
    functionTool({ name: id, description: description ?? id, schema, run: () => null }),
  );
  hostTools.set(flow, tools);
  return tools;
}

/** The same model, whose requests are kept as they are made. */
function recorded(model: LanguageModel, requests: ModelRequest[]): LanguageModel {
  return {
    ...model,
    stream(request, options) {
      requests.push(request);
      return model.stream(request, options);
    },
  };
}

function causesOf({ metadata: { calls } }: TurnResult): string[] {
  if (!Array.isArray(calls)) return [];
  return calls.map((call) =>
    typeof call === 'object' && call !== null && 'cause' in call ? String(call.cause) : 'unknown',
  );
}
