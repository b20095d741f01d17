import { UsageError } from '../errors.ts';
import { Flow } from './flow.ts';

/** Flows by name, for a machine that can switch between them. The first one is where it begins. */
export class FlowSet {
  readonly #flows: ReadonlyMap<string, Flow>;

  /** Takes flows or paths of their files. Throws a UsageError for an empty set. */
  constructor(flows: Readonly<Record<string, Flow | string>>) {
    const entries = Object.entries(flows).map(([name, flow]) => {
      const loaded = typeof flow === 'string' ? Flow.load(flow) : flow;
      return [name, { ...loaded, name }] as const;
    });
    if (entries.length === 0) throw new UsageError('a FlowSet needs at least one flow');
    this.#flows = new Map(entries);
  }

  /** Names of all flows. */
  get names(): string[] {
    return [...this.#flows.keys()];
  }

  /** Whether there is a flow of this name. */
  has(name: string): boolean {
    return this.#flows.has(name);
  }

  /** Goes under the name it has here. Throws a UsageError if there is none. */
  get(name: string): Flow {
    const flow = this.#flows.get(name);
    if (flow !== undefined) return flow;
    throw new UsageError(`there is no flow "${name}"; there are: ${this.names.join(', ')}`);
  }
}
