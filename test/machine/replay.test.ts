import { beforeAll, describe, expect, test } from 'vitest';
import type { TurnInput } from '../../src/agent/agent.ts';
import { ChatContext } from '../../src/agent/chat-context.ts';
import { Flow } from '../../src/flow/flow.ts';
import { advance } from '../../src/machine/core/advance.ts';
import type { Effect, MachineEvent } from '../../src/machine/core/events.ts';
import { initialState } from '../../src/machine/core/state.ts';
import type { DialogMachine } from '../../src/machine/dialog-machine.ts';
import { keys, machineOf, NOW_MS, opened, say, silence } from '../support/conversation.ts';
import { startFakeOpenAI } from '../support/fake-openai.ts';
import { decide } from '../support/model-machine.ts';

/** A bit of everything: pieces, read-backs, detours, ladders, keys typed ahead, a cut farewell. */
const FLOW = `
  initial_node: hello
  time_zone: Europe/London
  slots:
    account: { type: digits, length: 6, confirm: true }
    day: { type: date, invalidates: [time] }
    time: { type: time }
  lines: { no_match: [Pardon?, Sorry?, Once more?], confirm: ["{{ value }}?", "Is it {{ value }}?"] }
  global_edges:
    - { id: why, match: { examples: [why do you ask] }, target_node_id: because }
    - { id: cost, match: { examples: [what does it cost] }, target_node_id: price }
  nodes:
    - { id: hello, static_text: Hello., edges: [{ id: on, condition: always, target_node_id: account }] }
    - id: account
      static_text: [Your number?, Six digits?, "Please, six digits?"]
      collect: [account]
      edges: [{ id: known, match: { collected: true }, target_node_id: menu }]
    - id: menu
      static_text: [One or two?, Please press one or two.]
      edges:
        - { id: one, match: { dtmf: "1" }, target_node_id: sub, set: { choice: one } }
        - { id: two, match: { dtmf: "2" }, target_node_id: sub }
    - { id: sub, static_text: And now?, edges: [{ id: three, match: { dtmf: "3" }, target_node_id: when }] }
    - id: when
      instruction: Ask for day and time.
      static_text: [Which day and time?, Day and time?]
      collect: [day, time]
      edges: [{ id: given, condition: Day and time are known., match: { collected: true }, target_node_id: check }]
    - id: check
      static_text: ["{{ day }}, {{ time }}, {{ choice }}?", "Is {{ day }} right?"]
      edges: [{ id: "yes", match: { intent: "yes" }, target_node_id: end }]
    - { id: because, static_text: [Because., Just because.], edges: [] }
    - { id: price, static_text: [Nothing. Is that all?, Is that all?], edges: [{ id: back, match: { intent: "yes" }, target_node_id: account }] }
    - { id: end, static_text: Goodbye and thank you., is_final: true, outcome: done }
`;

const INPUTS: (string | TurnInput)[] = [
  opened,
  'one two three',
  'why do you ask',
  'what does it cost',
  'why do you ask',
  'yes',
  'bananas',
  'four five',
  silence(1),
  'six',
  'why do you ask',
  'no, six five four three two one',
  'yes',
  'pears',
  silence(1),
  silence(2),
  keys('9'),
  keys('13'),
  'at noon',
  'plums',
  'on Friday',
  'no, I mean Monday',
  'at three in the afternoon',
  'sorry, Tuesday',
  'half past four in the afternoon',
  'grapes',
  'yes',
  'wait',
  'yes',
  'anybody there',
];

/** The part of a talk that a caller hears and a host sees; cuts every farewell after one word. */
async function talk(machine: DialogMachine, inputs: readonly (string | TurnInput)[]) {
  const turns: unknown[] = [];
  for (const input of inputs) {
    const result = await machine.turn(input);
    if (result.ended && result.messageId !== undefined && input === 'yes' && !cut.has(machine)) {
      machine.heard(result.messageId, 'Goodbye');
      cut.add(machine);
    }
    const { messageId: _, ...rest } = result;
    turns.push(rest);
  }
  return turns;
}

const cut = new WeakSet<DialogMachine>();

function savedCopy(machine: DialogMachine, make: () => DialogMachine): DialogMachine {
  const saved = JSON.stringify({ state: machine.flowState, messages: machine.chatCtx.items });
  const { state, messages } = JSON.parse(saved);
  const copy = make();
  copy.loadFlowState(state);
  copy.loadChatCtx(new ChatContext(messages));
  if (cut.has(machine)) cut.add(copy);
  return copy;
}

function contents(machine: DialogMachine): unknown[] {
  return machine.chatCtx.items.map(({ id: _, ...message }) => message);
}

test('the same conversation twice is the same', async () => {
  const [one, two] = [machineOf(FLOW), machineOf(FLOW)];
  expect(await talk(one, INPUTS)).toEqual(await talk(two, INPUTS));
  expect(one.flowState).toEqual(two.flowState);
  expect(one.flowState.outcome).toBe('done');
});

test('saved as JSON at any point and gone on with elsewhere, it comes to the same', async () => {
  const whole = machineOf(FLOW);
  const turns = await talk(whole, INPUTS);
  const machine = machineOf(FLOW);
  for (const [index, input] of INPUTS.entries()) {
    const copy = savedCopy(machine, () => machineOf(FLOW));
    const rest = await talk(copy, INPUTS.slice(index));
    expect(rest, `from turn ${index} on`).toEqual(turns.slice(index));
    expect(copy.flowState, `from turn ${index} on`).toEqual(whole.flowState);
    expect(contents(copy), `from turn ${index} on`).toEqual(contents(whole));
    await talk(machine, [input]);
  }
});

describe('with a model', () => {
  beforeAll(() => import('openai'));

  test('saved at any point, it comes to the same', async () => {
    const replies = new Map([
      ['hm', decide('stay', 'Which day, please?')],
      ['the day after Carnival, you know', decide('stay', 'Which one is that?')],
      ['well', decide('given', 'Shall we?')],
      ['oh', decide('why', '')],
    ]);
    await using server = await startFakeOpenAI(({ body }) => {
      const messages = body.messages as { content: string }[];
      const words = messages.at(-1)?.content.split('\n')[0] ?? '';
      return replies.get(words) ?? { text: 'Yes?' };
    });
    const make = () => machineOf(FLOW, { llm: `openai/fake@${server.url}` });
    const inputs = [
      opened,
      '1 2 3 4 5 6',
      'yes',
      keys('13'),
      'hm',
      'oh',
      'well',
      'on Friday',
      'hm',
      'at noon',
    ];
    const machine = make();
    machine.assist('Be nice.');
    const turns = await talk(savedCopy(machine, make), inputs);
    for (const [index, input] of inputs.entries()) {
      expect(await talk(savedCopy(machine, make), inputs.slice(index))).toEqual(turns.slice(index));
      await talk(machine, [input]);
    }
    expect((await say(machine, 'yes')).outcome).toBe('done');
  });
});

test('a state that is none, or of another flow, is refused and changes nothing', () => {
  const machine = machineOf(FLOW);
  const before = machine.flowState;
  const bad = expect.objectContaining({ code: 'bad_state' });
  expect(() => machine.loadFlowState({})).toThrow(bad);
  expect(() => machine.loadFlowState(null)).toThrow(bad);
  expect(() => machine.loadFlowState({ ...before, node: 'gone' })).toThrow(bad);
  expect(() => machine.loadFlowState({ ...before, format: 2 })).toThrow(bad);
  expect(() =>
    machine.loadFlowState({
      ...before,
      beforeEnd: { node: 'gone', visit: before.visit, moves: 0 },
    }),
  ).toThrow(bad);
  expect(machine.flowState).toBe(before);
});

test('a state that was handed out is not changed by later turns', async () => {
  const machine = machineOf(FLOW);
  for (const input of INPUTS) {
    const before = machine.flowState;
    const copy = structuredClone(before);
    await machine.turn(input);
    expect(before).toEqual(copy);
  }
});

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFrozen(part);
  }
  return value;
}

test('advance changes nothing it is given and gives the same for the same', () => {
  const flow = Flow.parse(FLOW);
  const events = INPUTS.map((input, index): MachineEvent => {
    const atMs = NOW_MS + index;
    if (typeof input === 'string') return { type: 'said', text: input, atMs };
    if (input.kind === 'dtmf') return { type: 'dtmf', digits: input.digits, atMs };
    return input.kind === 'silence'
      ? { type: 'silence', count: input.count, atMs }
      : { type: 'opened', atMs };
  });
  let state = deepFrozen(initialState(flow));
  const asked = (effects: readonly Effect[]) => effects.some(({ type }) => type === 'ask');
  for (const event of events) {
    const first = advance(flow, state, deepFrozen(event));
    expect(advance(flow, state, event)).toEqual(first);
    state = deepFrozen(first.state);
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    if (!asked(first.effects)) continue;
    const proposal: MachineEvent = {
      type: 'decided',
      decision: { go: 'why', set: [{ slot: 'day', value: '2026-03-09' }] },
      evidence: ['Monday the ninth of March'],
      atMs: 'atMs' in event ? event.atMs : NOW_MS,
    };
    expect(advance(flow, state, deepFrozen(proposal))).toEqual(advance(flow, state, proposal));
    state = deepFrozen(advance(flow, state, { type: 'undecided', atMs: NOW_MS }).state);
  }
});
