import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { FromProvider, Latency, ToProvider } from './protocol.ts';
import type { Walk } from './walks.ts';

type Message<Type> = Extract<FromProvider, { type: Type }>;

/** A model that decides as a walk says, and the service behind the flow's actions. */
export class Provider implements Disposable {
  /** Base URL of the model's server, and of the service. */
  readonly url: string;
  readonly serviceUrl: string;
  readonly #process: ChildProcess;
  readonly #ended: Promise<never>;

  private constructor(
    process: ChildProcess,
    ended: Promise<never>,
    { url, serviceUrl }: Message<'ready'>,
  ) {
    this.#process = process;
    this.#ended = ended;
    this.url = url;
    this.serviceUrl = serviceUrl;
  }

  static async start(): Promise<Provider> {
    const child = fork(new URL('./provider-process.ts', import.meta.url));
    const ended = endOf(child);
    return new Provider(child, ended, await Promise.race([messageOf(child, 'ready'), ended]));
  }

  async begin({ lines }: Walk, latency: Latency): Promise<void> {
    const answers = lines.flatMap(([, ...turn]) => turn);
    this.#tell({ type: 'begin', answers, latency });
    await Promise.race([messageOf(this.#process, 'begun'), this.#ended]);
  }

  /** What was asked since `begin`; its requests only if they are to be counted. */
  end(count: boolean): Promise<Message<'ended'>> {
    this.#tell({ type: 'end', count });
    return Promise.race([messageOf(this.#process, 'ended'), this.#ended]);
  }

  [Symbol.dispose](): void {
    // Its end is expected now.
    this.#ended.catch(() => {});
    this.#process.disconnect();
  }

  #tell(message: ToProvider): void {
    this.#process.send(message);
  }
}

async function messageOf<Type extends FromProvider['type']>(
  child: ChildProcess,
  type: Type,
): Promise<Message<Type>> {
  const [message]: FromProvider[] = await once(child, 'message');
  if (message === undefined || !isOf(message, type)) {
    throw new Error(`expected "${type}" of the provider's process, it said "${message?.type}"`);
  }
  return message;
}

function isOf<Type extends FromProvider['type']>(
  message: FromProvider,
  type: Type,
): message is Message<Type> {
  return message.type === type;
}

/** Rejects when the process is gone. */
async function endOf(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit');
  throw new Error(`the provider's process ended with status ${code}`);
}
