import { setImmediate as tick } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Draft, TurnInput, TurnResult } from '../../src/agent/agent.ts';
import { ChatContext } from '../../src/agent/chat-context.ts';
import { SuperdialogError } from '../../src/errors.ts';
import { Flow } from '../../src/flow/flow.ts';
import type { JsonObject } from '../../src/json.ts';
import { DialogMachine } from '../../src/machine/dialog-machine.ts';
import type { Tool } from '../../src/tools/tool.ts';
import { NOW_MS, opened } from '../support/conversation.ts';
import { type HttpService, startHttpService } from '../support/http-service.ts';
import { pressed, randomFlowFile, said, TOOLS } from '../support/random-flow.ts';
import { type RandomReply, randomModel, randomReply } from '../support/random-model.ts';

/*
 * What must hold for every turn of every flow, whatever the model does: a turn is a transaction, and
 * a conversation that was saved goes on as if it had not been.
 */

const RUNS = { numRuns: 250 };
const TIME = { timeout: 60_000 };

let service: HttpService;
beforeAll(async () => {
  service = await startHttpService(({ path }) => ({
    status: path.startsWith('/some') ? 404 : 200,
    body: { done: path },
  }));
});
afterAll(() => service[Symbol.asyncDispose]());

interface Talk {
  file: JsonObject;
  replies: RandomReply[];
  structured: boolean;
  inputs: TurnInput[];
}

const input: fc.Arbitrary<TurnInput> = fc.oneof<fc.MaybeWeightedArbitrary<TurnInput>[]>(
  { weight: 6, arbitrary: said.map((text) => ({ kind: 'text', text })) },
  { weight: 2, arbitrary: pressed.map((digits) => ({ kind: 'dtmf', digits })) },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 1, max: 4 }).map((count) => ({ kind: 'silence', count })),
  },
);

const talk: fc.Arbitrary<Talk> = fc.record({
  file: randomFlowFile,
  replies: fc.array(randomReply, { minLength: 1, maxLength: 5 }),
  structured: fc.boolean(),
  inputs: fc.array(input, { minLength: 1, maxLength: 6 }).map((later) => [opened, ...later]),
});

/** Any number of machines that hold the same conversation. */
function machinesOf({ file, replies, structured }: Talk): () => DialogMachine {
  const flow = Flow.parse({ ...file, environment_variables: { service: service.url } });
  return () =>
    new DialogMachine({
      flow,
      llm: randomModel(replies, structured),
      tools: HOST_TOOLS,
      http: { allowPrivate: true },
      now: () => NOW_MS,
      sessionId: 'same',
    });
}

const HOST_TOOLS: readonly Tool[] = TOOLS.map(({ id, description, effect }) => ({
  name: id,
  description,
  effect,
  inputSchema: { type: 'object' },
  run: async (args) => ({ success: true, status: null, data: { done: args }, error: null }),
}));

/** All that a turn shows, but for the name of its message. */
function shown({ messageId: _, ...result }: TurnResult): unknown {
  return result;
}

/** All that later turns go by. */
function contents(machine: DialogMachine): unknown {
  const messages = machine.chatCtx.items.map(({ id: _, ...message }) => message);
  return structuredClone({ state: machine.flowState, messages });
}

async function play(machine: DialogMachine, inputs: readonly TurnInput[]): Promise<unknown[]> {
  const turns: unknown[] = [];
  for (const next of inputs) {
    turns.push({ turn: shown(await machine.turn(next)), after: contents(machine) });
  }
  return turns;
}

/** Reads up to `most` chunks, for as long as `ticks` rounds of the event loop. */
async function readSome(draft: Draft, most: number, ticks: number): Promise<void> {
  const stream = draft.stream[Symbol.asyncIterator]();
  const reading = (async () => {
    for (let read = 0; read < most; read += 1) if ((await stream.next()).done) return;
  })();
  // What is still being read when the draft is discarded fails with that.
  const settled = reading.catch(() => {});
  let isOver = false;
  settled.then(() => {
    isOver = true;
  });
  for (let left = ticks; left > 0 && !isOver; left -= 1) await tick();
}

test(
  'saved after any turn and gone on with elsewhere, a conversation stays the same',
  TIME,
  async () => {
    await fc.assert(
      fc.asyncProperty(talk, fc.nat(6), fc.option(fc.nat(9)), async (one, at, heard) => {
        const another = machinesOf(one);
        const split = at % one.inputs.length;
        const machine = another();
        await play(machine, one.inputs.slice(0, split));
        const last = machine.chatCtx.items.at(-1);
        if (heard !== null && last?.role === 'assistant') {
          machine.heard(last.id, last.content.slice(0, heard));
        }
        if (split % 2 === 1) machine.assist('Be kind.');
        const copy = another();
        const saved = JSON.stringify({ state: machine.flowState, items: machine.chatCtx.items });
        const { state, items } = JSON.parse(saved);
        copy.loadFlowState(state);
        copy.loadChatCtx(new ChatContext(items));
        expect(contents(copy)).toEqual(contents(machine));
        const rest = one.inputs.slice(split);
        expect(await play(copy, rest)).toEqual(await play(machine, rest));
      }),
      RUNS,
    );
  },
);

test('a discarded draft leaves no trace, however far it came', TIME, async () => {
  const tries = fc.array(fc.record({ input, chunks: fc.nat(5), ticks: fc.nat(12) }), {
    minLength: 1,
    maxLength: 7,
  });
  await fc.assert(
    fc.asyncProperty(talk, tries, async (one, drafts) => {
      const another = machinesOf(one);
      const [machine, untouched] = [another(), another()];
      for (const [index, next] of one.inputs.entries()) {
        const { input: tried, chunks, ticks } = drafts[index % drafts.length] ?? NO_TRY;
        const before = contents(machine);
        const draft = machine.draft(index % 2 === 0 ? next : tried);
        await readSome(draft, chunks, ticks);
        expect(contents(machine)).toEqual(before);
        draft.discard();
        expect(() => draft.commit()).toThrow(SuperdialogError);
        expect(contents(machine)).toEqual(before);
        expect(await play(machine, [next])).toEqual(await play(untouched, [next]));
      }
    }),
    RUNS,
  );
});

const NO_TRY = { input: opened, chunks: 0, ticks: 0 };

/** Microtasks. At none the turn cannot have begun. */
const shortWait = fc.oneof(fc.constant(0), fc.nat(9));

test('a turn aborted before its first words leaves no trace', TIME, async () => {
  await fc.assert(
    fc.asyncProperty(talk, fc.array(shortWait, { minLength: 1 }), async (one, waits) => {
      const another = machinesOf(one);
      const [machine, untouched] = [another(), another()];
      for (const [index, next] of one.inputs.entries()) {
        const before = contents(machine);
        const abort = new AbortController();
        const stream = machine.turn(next, { stream: true, signal: abort.signal });
        const first = stream[Symbol.asyncIterator]().next();
        const wait = waits[index % waits.length] ?? 0;
        for (let left = wait; left > 0; left -= 1) await Promise.resolve();
        abort.abort();
        const began = await first.then(
          () => true,
          () => false,
        );
        if (wait === 0) expect(began).toBe(false);
        // It was faster: a turn that began stands, and the two have parted.
        if (began) return;
        expect(contents(machine)).toEqual(before);
        expect(await play(machine, [next])).toEqual(await play(untouched, [next]));
      }
    }),
    RUNS,
  );
});

test('of two drafts of one turn only the first that is committed happens', TIME, async () => {
  await fc.assert(
    fc.asyncProperty(talk, input, fc.nat(6), fc.nat(3), async (one, rival, at, chunks) => {
      const another = machinesOf(one);
      const [machine, untouched] = [another(), another()];
      const split = at % one.inputs.length;
      const next = one.inputs[split] ?? opened;
      await play(machine, one.inputs.slice(0, split));
      await play(untouched, one.inputs.slice(0, split));

      const [winner, loser] = [machine.draft(next), machine.draft(rival)];
      await readSome(loser, chunks, 8);
      let result: unknown;
      for await (const chunk of winner.stream) {
        winner.commit();
        expect(() => loser.commit()).toThrow(expect.objectContaining({ code: 'draft_conflict' }));
        if (chunk.type === 'done') result = shown(chunk.result);
      }
      loser.discard();
      expect([{ turn: result, after: contents(machine) }]).toEqual(await play(untouched, [next]));
      const rest = one.inputs.slice(split + 1);
      expect(await play(machine, rest)).toEqual(await play(untouched, rest));
    }),
    RUNS,
  );
});
