import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Flow } from '../../src/flow/flow.ts';
import type { Edge } from '../../src/flow/types.ts';
import { advance } from '../../src/machine/core/advance.ts';
import type { Advance, Effect, MachineEvent } from '../../src/machine/core/events.ts';
import { type FlowState, initialState } from '../../src/machine/core/state.ts';
import { checkFlowState, readFlowState } from '../../src/machine/state-file.ts';
import type { ToolResult } from '../../src/tools/tool.ts';
import { NOW_MS } from '../support/conversation.ts';
import {
  type RandomTurn,
  randomEvent,
  randomFlowFile,
  randomTurn,
} from '../support/random-flow.ts';

const RUNS = { numRuns: 1_000 };
/** Rule 12: moves of one chain, and what a look-through, a break-off and a return add to them. */
const MOST_MOVES = 18;

interface Fold extends Advance {
  flow: Flow;
  before: FlowState;
  event: MachineEvent;
}

/** Holds for every event of any sequence, also of one that no shell would send. */
function forEveryEvent(holds: (fold: Fold) => void): void {
  const events = fc.array(randomEvent, { maxLength: 10 });
  fc.assert(
    fc.property(randomFlowFile, events, (file, later) => {
      const flow = deepFrozen(Flow.parse(file));
      let before = deepFrozen(initialState(flow));
      const opened: MachineEvent = { type: 'opened', atMs: NOW_MS };
      for (const event of [opened, ...later]) {
        const { state, effects } = advance(flow, before, deepFrozen(event));
        holds({ flow, before, event, state, effects });
        before = deepFrozen(state);
      }
    }),
    RUNS,
  );
}

/** Holds for every turn of a call: an input and, for as long as the machine asks, answers. */
function forEveryTurn(
  holds: (turn: Fold & { asked: number }) => void,
  someTurn: fc.Arbitrary<RandomTurn> = randomTurn,
): void {
  fc.assert(
    fc.property(randomFlowFile, fc.array(someTurn, { maxLength: 10 }), (file, turns) => {
      const flow = Flow.parse(file);
      let before = initialState(flow);
      const opening: RandomTurn = {
        input: { type: 'opened', atMs: NOW_MS },
        answers: turns[0]?.answers ?? [],
        results: turns[0]?.results ?? [],
      };
      for (const turn of [opening, ...turns]) {
        const outcome = playTurn(flow, before, turn);
        holds({ flow, before, event: turn.input, ...outcome });
        before = outcome.state;
      }
    }),
    RUNS,
  );
}

/** Far more questions than a turn may put to a model, and actions than it may run. */
const TOO_MANY_ASKED = 60;

function playTurn(flow: Flow, before: FlowState, turn: RandomTurn) {
  let { state, effects } = advance(flow, before, turn.input);
  const all = [...effects];
  let asked = 0;
  for (let answer = answerTo(effects, turn, 0); answer !== undefined; ) {
    ({ state, effects } = advance(flow, state, answer));
    all.push(...effects);
    asked += 1;
    answer = asked < TOO_MANY_ASKED ? answerTo(effects, turn, asked) : undefined;
  }
  return { state, effects: all, asked };
}

/** The event that a turn which ends so waits for. */
function answerTo(
  effects: readonly Effect[],
  { answers, results }: RandomTurn,
  asked: number,
): MachineEvent | undefined {
  const last = effects.at(-1)?.type;
  if (last === 'run') {
    const result = results[asked % results.length] ?? NO_RESULT;
    return { type: 'action_done', result, atMs: NOW_MS };
  }
  // No answers: there is no model to ask.
  if (last !== 'ask') return undefined;
  return answers[asked % answers.length] ?? { type: 'undecided', atMs: NOW_MS };
}

const NO_RESULT: ToolResult = { success: false, status: null, data: null, error: 'no answer' };

function deepFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  const parts = value instanceof Map ? value.values() : Object.values(value);
  for (const part of parts) deepFrozen(part);
  return value;
}

function movesOf(effects: readonly Effect[]) {
  return effects.flatMap((effect) => (effect.type === 'moved' ? [effect.move] : []));
}

function edgeAt(flow: Flow, node: string, id: string): Edge | undefined {
  const own = flow.nodes.get(node)?.edges.find((edge) => edge.id === id);
  return own ?? flow.globalEdges.find((edge) => edge.id === id);
}

test('nothing that can happen makes advance throw, or change what it was given', () => {
  forEveryEvent(() => {});
});

test('the same event in the same state gives the same', () => {
  forEveryEvent(({ flow, before, event, state, effects }) => {
    expect(advance(flow, before, event)).toEqual({ state, effects });
  });
});

test('a state is plain JSON that its flow goes on from, at a node of the flow', () => {
  forEveryEvent(({ flow, state }) => {
    const saved: unknown = JSON.parse(JSON.stringify(state));
    expect(saved).toEqual(state);
    expect(checkFlowState(readFlowState(saved), flow)).toEqual(state);
    expect(flow.nodes.has(state.node)).toBe(true);
  });
});

test('a chain of moves ends, leads from node to node and asks the model last', () => {
  forEveryEvent(({ before, state, effects }) => {
    const moves = movesOf(effects);
    expect(moves.length).toBeLessThanOrEqual(MOST_MOVES);
    expect([before.node, ...moves.map(({ to }) => to)]).toEqual([
      ...moves.map(({ from }) => from),
      state.node,
    ]);
    const asks = effects.filter(({ type }) => type === 'ask');
    expect(asks).toEqual(effects.slice(-1).filter(({ type }) => type === 'ask'));
  });
});

test('a move follows an edge that is offered where it starts, and a fallback only as one', () => {
  forEveryEvent(({ flow, before, event, effects }) => {
    for (const { edge: id, from, to, by } of movesOf(effects)) {
      if (by === 'return') continue;
      const edge = edgeAt(flow, from, id);
      if (edge === undefined) {
        // The engine's own way to a human when nothing else is left.
        expect([id, by]).toEqual(['transfer', 'fallback']);
        expect(flow.nodes.get(to)?.transfer).toBeDefined();
        continue;
      }
      expect(edge.target).toBe(to);
      expect(edge.isFallback).toBe(by === 'fallback' || by === 'max_turns');
      if (edge.isGlobal) expect(to).not.toBe(from);
      // What the model decided may be gone on with later, where an action had kept it waiting.
      if (by === 'model' && before.work.length === 0) expect(event.type).toBe('decided');
    }
  });
});

test('a turn comes to an end with a model that always answers the same, and with none', () => {
  const one = randomTurn.map((turn) => ({ ...turn, answers: turn.answers.slice(0, 1) }));
  const none = randomTurn.map((turn) => ({ ...turn, answers: [] }));
  for (const turns of [one, none]) {
    forEveryTurn(({ asked }) => expect(asked).toBeLessThan(TOO_MANY_ASKED), turns);
  }
});

test('a turn is never silent, unless the call is over', () => {
  forEveryTurn(({ event, state, effects }) => {
    if (event.type === 'end_cut' || state.ended) return;
    const heard = effects.filter(
      ({ type }) => type === 'speak' || type === 'compose' || type === 'pass_words',
    );
    expect(heard).not.toEqual([]);
  });
});

test('a turn leaves nothing half evaluated behind', () => {
  forEveryTurn(({ state }) => {
    expect(state.pending).toBeNull();
  });
});

test('after the end nothing is said and nothing moves', () => {
  forEveryEvent(({ before, event, state, effects }) => {
    if (!before.ended) return;
    expect(effects).toEqual([]);
    expect(state).toEqual(event.type === 'end_cut' ? { ...before, ended: false } : before);
  });
});
