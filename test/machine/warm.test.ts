import { beforeAll, expect, test } from 'vitest';
import { Flow } from '../../src/flow/flow.ts';
import { warmFlow, warmRequests } from '../../src/machine/warm.ts';
import { machineOf, opened } from '../support/conversation.ts';
import { startFakeOpenAI } from '../support/fake-openai.ts';
import type { Body, RecordedRequest } from '../support/fake-provider.ts';
import { decide } from '../support/model-machine.ts';

// Loading the SDK takes longer than a reply may.
beforeAll(() => import('openai'));

const LIBRARY = `
  initial_node: hello
  global_edges: [{ id: person, condition: The caller asks for a person., target_node_id: desk, detour: false }]
  nodes:
    - { id: hello, static_text: City library., edges: [{ id: on, condition: always, target_node_id: wish }] }
    - id: wish
      static_text: What can I do for you?
      edges:
        - { id: renew, condition: The caller wants to renew a loan., target_node_id: title }
        - { id: open, condition: The caller asks when it is open., target_node_id: kind }
    - { id: title, static_text: Which book?, edges: [{ id: told, condition: The caller has named it., target_node_id: bye }] }
    - id: kind
      edges:
        - { id: main, guard: main, target_node_id: bye }
        - { id: branch, guard: not main, target_node_id: closed }
    - { id: lonely, static_text: Nobody comes here., edges: [{ id: off, condition: Off., target_node_id: bye }] }
    - { id: desk, static_text: I connect you., is_final: true }
    - { id: closed, static_text: That one is closed., is_final: true }
    - { id: bye, static_text: Goodbye., is_final: true }
`;

function schemaOf({ body }: { body: Body }): string {
  return JSON.stringify(body.response_format);
}

function isWarming({ body }: RecordedRequest): boolean {
  return JSON.stringify(body.messages).includes('This is a test.');
}

test('warming asks once for every schema that a call can need, and for nothing else', async () => {
  await using server = await startFakeOpenAI((request) =>
    isWarming(request) ? { text: '{}' } : decide('stay', 'Pardon?'),
  );
  const llm = `openai/fake@${server.url}`;
  const reports = await warmFlow(Flow.parse(LIBRARY), llm);
  const warmed = server.requests.map(schemaOf);
  // wish, title, desk, and one for both bye and closed: a caller may still cut into a farewell.
  expect(warmed).toHaveLength(4);
  expect(new Set(warmed).size).toBe(4);
  expect(reports.map(({ uri }) => uri)).toEqual(Array(4).fill(llm));
  expect(warmed.join()).not.toContain('off');

  const machine = machineOf(LIBRARY, { llm });
  await machine.turn(opened);
  await machine.turn('well you see');
  expect(warmed).toContain(schemaOf(server.requests.at(-1) ?? { body: {} }));
});

test('a call goes on while its schemas are still being warmed', async () => {
  await using server = await startFakeOpenAI((request) =>
    isWarming(request) ? { fault: 'stall' } : decide('stay', 'Pardon?'),
  );
  const llm = `openai/fake@${server.url}`;
  const stop = new AbortController();
  const warming = warmFlow(Flow.parse(LIBRARY), llm, { signal: stop.signal });
  await expect.poll(() => server.requests.length).toBe(4);
  const machine = machineOf(LIBRARY, { llm });
  await machine.turn(opened);
  expect(await machine.turn('well you see')).toMatchObject({ text: 'Pardon?' });
  stop.abort();
  await expect(warming).rejects.toMatchObject({ name: 'AbortError' });
});

test('no more requests run at the same time than are allowed', async () => {
  let running = 0;
  let most = 0;
  await using server = await startFakeOpenAI((request) => {
    running += 1;
    most = Math.max(most, running);
    void request.closedByClient.then(() => {
      running -= 1;
    });
    return { text: '{}', firstTokenMs: 10 };
  });
  await warmFlow(Flow.parse(LIBRARY), `openai/fake@${server.url}`, { concurrency: 2 });
  expect(server.requests).toHaveLength(4);
  expect(most).toBe(2);
});

test('a wrong key is found out with one request', async () => {
  await using server = await startFakeOpenAI({ status: 401 });
  const reports = await warmFlow(Flow.parse(LIBRARY), `openai/fake@${server.url}`, {
    concurrency: 1,
  });
  expect(reports).toMatchObject([{ error: { code: 'model_auth' } }]);
  expect(server.requests).toHaveLength(1);
});

test('a model that nothing holds to a schema is not asked', async () => {
  await using server = await startFakeOpenAI();
  const reports = await warmFlow(Flow.parse(LIBRARY), `openai/fake@${server.url}?structured=false`);
  expect(reports).toEqual([]);
  expect(server.requests).toEqual([]);
});

test('the schemas come in the order in which a call may need them', () => {
  const [first] = warmRequests(Flow.parse(LIBRARY));
  expect(JSON.stringify(first?.schema)).toContain('renew');
});
