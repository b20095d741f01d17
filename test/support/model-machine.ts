import type { Json } from '../../src/json.ts';
import type { DialogMachine, DialogMachineOptions } from '../../src/machine/dialog-machine.ts';
import { machineOf } from './conversation.ts';
import { startFakeOpenAI } from './fake-openai.ts';
import type { FakeProvider, FakeReply } from './fake-provider.ts';

/** A machine whose model is a local server behind the real OpenAI SDK. */
export interface ModelMachine extends AsyncDisposable {
  machine: DialogMachine;
  server: FakeProvider;
  /** Another machine with the same flow and model. */
  another(): DialogMachine;
}

/** The server answers with these replies, one after the other, and with HTTP 500 after the last. */
export async function startModelMachine(
  flow: string | object,
  replies: readonly FakeReply[],
  { query = '', ...options }: Omit<DialogMachineOptions, 'flow' | 'llm'> & { query?: string } = {},
): Promise<ModelMachine> {
  const server = await startFakeOpenAI((_, index) => replies[index] ?? { status: 500 });
  const another = () => machineOf(flow, { llm: `openai/fake@${server.url}${query}`, ...options });
  return {
    machine: another(),
    server,
    another,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** A reply as a model held to the schema writes it. */
export function decide(
  go: string,
  words: string,
  set: Readonly<Record<string, Json>> = {},
): FakeReply {
  const values = Object.entries(set).map(([slot, value]) => ({ slot, value }));
  return { text: JSON.stringify({ go, set: values, say: words }) };
}

/** What the model of the index-th request was told, system prompt and all. */
export function promptOf(server: FakeProvider, index: number): string {
  return JSON.stringify(server.requests[index]?.body.messages ?? null);
}

/** The reply of the index-th request was held to a schema: it was asked to decide. */
export function askedToDecide(server: FakeProvider, index: number): boolean {
  return server.requests[index]?.body.response_format !== undefined;
}
