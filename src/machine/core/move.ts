import type { MoveReason } from '../../agent/agent.ts';
import type { Assignment, Edge } from '../../flow/types.ts';
import type { Json } from '../../json.ts';
import { own } from '../../record.ts';
import { clear } from './listen.ts';
import { type Frame, newVisit } from './state.ts';
import { nodeOf, type Step, templateData } from './step.ts';

/** Detours deep; beyond it the oldest is forgotten. */
const MAX_FRAMES = 5;
/** An ordinary move away from a detour, and one more: the call went elsewhere. */
const MOVES_THAT_DROP_A_FRAME = 2;

/** Goes back to the interrupted node, or to the one before a farewell that was cut off. */
export function backToFrame(step: Step): void {
  const { state } = step;
  const frame = state.beforeEnd ?? state.stack.at(-1);
  if (frame === undefined) return;
  step.update({
    node: frame.node,
    visit: frame.visit,
    stack: state.beforeEnd === null ? state.stack.slice(0, -1) : [],
    beforeEnd: null,
    outcome: null,
  });
  step.moved('return', state.node, 'return');
}

/** One edge: what it sets, the new node, counters to zero. */
export function cross(step: Step, edge: Edge, by: MoveReason): void {
  const { state, flow } = step;
  const from = state.node;
  const target = nodeOf(flow, edge.target);
  const stack = stackAfter(step, edge);
  const returned = edge.isGlobal ? undefined : state.stack.at(-1);
  const visits = Object.values(state.visits).reduce((sum, count) => sum + count, 1);
  // An effect that is asked for again after a self-loop is the same effect (rule 17).
  const number = from === target.id ? state.visit.number : visits;
  step.update({
    node: target.id,
    visit:
      returned?.node === target.id && stack.length < state.stack.length
        ? returned.visit
        : newVisit(number),
    visits: { ...state.visits, [target.id]: (own(state.visits, target.id) ?? 0) + 1 },
    selfLoops: from === target.id ? state.selfLoops + 1 : 0,
    stack: target.type === 'final' ? [] : stack,
    beforeEnd: target.type === 'final' ? { node: from, visit: state.visit, moves: 0 } : null,
  });
  assign(step, edge);
  step.moved(edge.id, from, by);
}

function assign(step: Step, edge: Edge): void {
  for (const { name, value } of edge.set) {
    const result = assigned(step, edge, value);
    if (result === undefined) continue;
    if (step.flow.slots.has(name) && result === null) clear(step, name);
    else if (step.flow.slots.has(name)) step.setSlot(name, result, { by: 'flow', confirmed: true });
    else step.update({ variables: { ...step.state.variables, [name]: result } });
  }
}

/** A template that fails sets nothing, and is recorded. */
function assigned(step: Step, edge: Edge, value: Assignment['value']): Json | undefined {
  try {
    return value(templateData(step.flow, step.state));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    step.refused({ rule: 'template', edge: edge.id, reason });
    return undefined;
  }
}

/** A detour pushes the node it leaves, or the one before a cut farewell; ordinary moves pop it or, two in a row, drop it. */
function stackAfter({ state }: Step, edge: Edge): Frame[] {
  if (edge.isGlobal && edge.detour) {
    const left = state.beforeEnd ?? { node: state.node, visit: state.visit, moves: 0 };
    return [...state.stack, left].slice(-MAX_FRAMES);
  }
  const top = state.stack.at(-1);
  if (top === undefined) return state.stack;
  const below = state.stack.slice(0, -1);
  if (top.node === edge.target) return below;
  const moves = top.moves + 1;
  return moves >= MOVES_THAT_DROP_A_FRAME ? below : [...below, { ...top, moves }];
}
