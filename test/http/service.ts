import { Flow } from '../../src/flow/flow.ts';
import {
  failure,
  type SessionView,
  sessionView,
  type TurnReply,
  turnReply,
} from '../../src/http/schemas.ts';
import { type TextServiceOptions, textService } from '../../src/http/text-service.ts';
import { DialogMachine, type DialogMachineOptions } from '../../src/machine/dialog-machine.ts';
import { InMemorySessionStore } from '../../src/session/memory-store.ts';
import { SessionWorker, type SessionWorkerOptions } from '../../src/session/worker.ts';
import { NOW_MS } from '../support/conversation.ts';

/** A desk that asks for a name and a drink, and ends. It needs no model. */
export const desk = Flow.parse(`
  name: desk
  initial_node: greeting
  slots:
    drink: { type: enum, values: [tea, coffee] }
    pin: { type: digits, length: 4, sensitive: true }
  nodes:
    - id: greeting
      static_text: Good morning. Tea or coffee?
      collect: [drink]
      edges: [{ id: chosen, match: { collected: true }, target_node_id: pin }]
    - id: pin
      static_text: And your pin, please?
      collect: [pin]
      edges: [{ id: known, match: { collected: true }, target_node_id: end }]
    - { id: end, static_text: "Enjoy your {{ drink }}. Goodbye.", is_final: true, outcome: served, hang_up: true }
`);

/** A desk where a model puts everything into words but the greeting. */
export const talker = Flow.parse(`
  name: talker
  initial_node: a
  nodes: [{ id: a, static_text: What is it?, instruction: Talk about whatever comes up. }]
`);

export interface WorkerSetup
  extends Omit<DialogMachineOptions, 'flow'>,
    Partial<Omit<SessionWorkerOptions, 'agentFactory'>> {
  flow?: Flow;
}

export function workerOf({
  flow = desk,
  store = new InMemorySessionStore(),
  lockBackend,
  maxSessions,
  ...machine
}: WorkerSetup = {}): SessionWorker {
  return new SessionWorker({
    agentFactory: (sessionId) =>
      new DialogMachine({ flow, sessionId, now: () => NOW_MS, ...machine }),
    store,
    ...(lockBackend !== undefined && { lockBackend }),
    ...(maxSessions !== undefined && { maxSessions }),
  });
}

/** What a test sends, and what it gets. */
export interface Client {
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
}

/** A service without a server. */
export function serviceOf({
  service,
  ...worker
}: WorkerSetup & { service?: Partial<TextServiceOptions> } = {}): Client {
  const app = textService({ worker: workerOf(worker), flow: desk, ...service });
  return {
    post: async (path, body, headers = {}) =>
      app.request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    get: async (path, headers = {}) => app.request(path, { headers }),
  };
}

/** The reply of a turn, which has to be as the OpenAPI document says. */
export async function replyOf(response: Response | Promise<Response>): Promise<TurnReply> {
  return turnReply.strict().parse(await (await response).json());
}

export async function sessionOf(response: Response | Promise<Response>): Promise<SessionView> {
  return sessionView.strict().parse(await (await response).json());
}

export async function refusalOf(
  response: Response | Promise<Response>,
): Promise<{ status: number; code: string; message: string }> {
  const refused = await response;
  const { error } = failure.strict().parse(await refused.json());
  return { status: refused.status, ...error };
}

/** The events of a stream of server-sent events, in order. */
export async function eventsOf(response: Response): Promise<{ event: string; data: unknown }[]> {
  const text = await response.text();
  return text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => ({
      event: /^event: (.*)$/m.exec(block)?.[1] ?? '',
      data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? 'null'),
    }));
}
