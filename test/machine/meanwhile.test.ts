import { describe, expect, test } from 'vitest';
import type { TurnInput } from '../../src/agent/agent.ts';
import type { DialogMachine } from '../../src/machine/dialog-machine.ts';
import { keys, machineOf, opened, say, silence } from '../support/conversation.ts';
import { type HttpService, startHttpService } from '../support/http-service.ts';

const LOOPBACK = { http: { allowPrivate: ['127.0.0.1'] } };

/** A bank that looks something up, or moves money, behind the caller's wish. */
function bank(url: string, method: 'GET' | 'POST') {
  return {
    initial_node: 'wish',
    slots: { card: { type: 'enum', values: ['credit', 'debit'] } },
    actions: [
      {
        id: 'work',
        method,
        url: `${url}/work`,
        store_response_as: 'result',
        env_updates: [{ env_key: 'reference', result_path: 'data.reference' }],
      },
    ],
    global_edges: [
      {
        id: 'agent',
        target_node_id: 'desk',
        detour: false,
        match: { examples: ['an agent please'], dtmf: '0' },
      },
      { id: 'hours', target_node_id: 'hours', match: { examples: ['when are you open'] } },
    ],
    nodes: [
      {
        id: 'wish',
        static_text: 'Shall I do it?',
        edges: [{ id: 'yes', target_node_id: 'work', match: { intent: 'yes' } }],
      },
      {
        id: 'work',
        node_type: 'router',
        actions: [{ trigger: 'on_enter', action_id: 'work' }],
        edges: [
          { id: 'done', target_node_id: 'card', guard: 'result.success' },
          { id: 'failed', target_node_id: 'desk', guard: 'not result.success' },
        ],
      },
      {
        id: 'card',
        static_text: 'Done: {{ reference }}. Credit or debit?',
        collect: ['card'],
        edges: [
          { id: 'known', target_node_id: 'known', match: { collected: true } },
          { id: 'none', target_node_id: 'known', match: { dtmf: '9', intent: 'yes' } },
        ],
      },
      { id: 'known', static_text: 'Thank you.' },
      { id: 'hours', static_text: 'We are always open.', edges: [] },
      { id: 'desk', static_text: 'I am putting you through.', is_final: true },
    ],
  };
}

interface CutTurn {
  machine: DialogMachine;
  api: HttpService;
  /** Lets the action come to its end. */
  finish(): void;
}

/** A caller whose talking cuts off the turn in which the action runs, and what becomes of that. */
async function cutWhileItRuns(method: 'GET' | 'POST', next: (turn: CutTurn) => Promise<void>) {
  const arrived = Promise.withResolvers<void>();
  const finished = Promise.withResolvers<void>();
  await using api = await startHttpService(async () => {
    arrived.resolve();
    await finished.promise;
    return { body: { reference: 'R7' } };
  });
  const machine = machineOf(bank(api.url, method), LOOPBACK);
  await say(machine, opened);
  const abort = new AbortController();
  const draft = machine.draft('yes', { signal: abort.signal });
  const reading = (async () => {
    for await (const _ of draft.stream) draft.commit();
  })();
  await arrived.promise;
  if (method === 'GET') draft.commit();
  abort.abort();
  // What only reads is given up.
  if (method === 'GET') await reading.catch(() => {});
  const heard = machine.chatCtx.items.at(-1);
  if (heard?.role === 'assistant') machine.heard(heard.id, 'One');
  await next({ machine, api, finish: finished.resolve });
  finished.resolve();
  await reading.catch(() => {});
}

async function sayAndFinish({ machine, finish }: CutTurn, input: string | TurnInput) {
  const turn = say(machine, input);
  finish();
  return await turn;
}

describe('what the caller says while a write is under way', () => {
  test('is a draft that tells when it comes to a write of its own', async () => {
    await cutWhileItRuns('POST', async ({ machine }) => {
      const draft = machine.draft('my debit card');
      expect(draft.needsCommit).toBeInstanceOf(Promise);
      draft.discard();
    });
  });

  test('waits for its result, and is heard at the node where the move rests', async () => {
    await cutWhileItRuns('POST', async (call) => {
      expect(await sayAndFinish(call, 'my debit card')).toMatchObject({
        at: 'known',
        text: 'Done: R7. Credit or debit? Thank you.',
        slots: { card: 'debit' },
      });
      expect(call.api.requests).toHaveLength(1);
    });
  });

  test('is answered with the words of that node where it means nothing', async () => {
    await cutWhileItRuns('POST', async (call) => {
      expect(await sayAndFinish(call, 'hello, are you still there?')).toMatchObject({
        at: 'card',
        text: 'Done: R7. Credit or debit?',
      });
      expect(await say(call.machine, 'credit')).toMatchObject({ at: 'known' });
    });
  });

  test('leads elsewhere at once if it is a jump, and the result is kept as data', async () => {
    await cutWhileItRuns('POST', async (call) => {
      const turn = await sayAndFinish(call, 'an agent please');
      expect(turn).toMatchObject({ at: 'desk', ended: true, text: 'I am putting you through.' });
      expect(call.machine.flowState.variables).toMatchObject({ reference: 'R7' });
    });
  });

  test('is a draft like any other while it waits: discarded, it cannot be committed', async () => {
    await cutWhileItRuns('POST', async ({ machine, finish }) => {
      const draft = machine.draft('my debit card');
      const reading = draft.stream[Symbol.asyncIterator]().next();
      draft.discard();
      await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
      expect(() => draft.commit()).toThrow(/discarded/);
      const early = machine.draft('my debit card');
      early.commit();
      finish();
      for await (const _ of early.stream);
      expect(machine.flowState.node).toBe('known');
      expect(machine.chatCtx.items.at(-2)).toMatchObject({
        role: 'user',
        content: 'my debit card',
      });
    });
  });

  test('comes to nothing if that turn is given up while it waits', async () => {
    await cutWhileItRuns('POST', async ({ machine, finish }) => {
      const before = machine.chatCtx.items.length;
      const abort = new AbortController();
      const turn = machine.turn('my debit card', { signal: abort.signal });
      abort.abort(new Error('gone'));
      await expect(turn).rejects.toThrow('gone');
      expect(machine.chatCtx.items).toHaveLength(before);
      finish();
      expect(await say(machine, 'debit')).toMatchObject({ at: 'known' });
    });
  });
});

test.each([
  ['a value', 'my debit card', 'known', 'Done: R7. Credit or debit? Thank you.'],
  ['a question', 'when are you open', 'card', /^Done: R7.*We are always open.*Credit or debit\?$/],
  ['keys', keys('9'), 'known', 'Thank you.'],
  ['silence', silence(1), 'card', 'Done: R7. Credit or debit?'],
])('a read that %s cut off is sent again, and the move goes on', async (_, input, at, text) => {
  await cutWhileItRuns('GET', async (call) => {
    const turn = await sayAndFinish(call, input);
    expect(turn).toMatchObject({ at, refused: [] });
    expect(turn.text).toMatch(text);
    expect(call.api.requests).toHaveLength(2);
  });
});

test('a read that the key to an agent cut off is given up', async () => {
  await cutWhileItRuns('GET', async ({ machine, api }) => {
    expect(await say(machine, keys('0'))).toMatchObject({ at: 'desk', ended: true });
    expect(api.requests).toHaveLength(1);
  });
});

test('an impatient yes is no answer to a question that comes after it', async () => {
  await cutWhileItRuns('GET', async (call) => {
    const turn = await sayAndFinish(call, 'yes yes');
    expect(turn).toMatchObject({ at: 'card', text: 'Done: R7. Credit or debit?', slots: {} });
  });
});
