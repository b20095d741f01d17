import type { FlowNode } from '../flow/types.ts';
import { landingOf } from './core/decided.ts';
import { legalOffers, type Offer, RETURN } from './core/offers.ts';
import { nodeOf, type Step } from './core/step.ts';

/**
 * Tokens that a decision's prompt spends on what the targets of its moves want said. A target that is
 * not told costs a second call if the move is taken, some 300 ms once; telling it is paid for in every
 * turn at the node. At 5,000 prompt tokens a second, a common speed, 300 ms are 1,500 tokens.
 *
 * Measured on a booking flow of 61 nodes in mid-call: its 54 nodes that ask have 161 targets, 2,460
 * tokens a node and up to 10,270. 500 tokens tell 100 of them, 1,500 tell 123 for 460 tokens a node,
 * 3,000 tell 135. Beyond that it takes 6,000 for the next 18, most of them one node of 5,000 tokens.
 */
const BUDGET_TOKENS = 1500;

/**
 * UTF-8 bytes a token, measured on that flow with Llama 2's tokenizer. Newer vocabularies make fewer
 * tokens of the same text.
 */
const BYTES_PER_TOKEN = 3.3;

/** The legal moves as a prompt lists them. */
export interface ToldMoves {
  lines: string[];
  /** Nodes that a move leads to and whose words the model cannot make: it was not told what for. */
  untold: ReadonlySet<string>;
}

/** Each move with its condition and, as far as the budget goes, what its words have to be about. */
export function tellMoves(step: Step): ToldMoves {
  const moves = legalOffers(step).map((offer) => ({ offer, landing: landingOf(step, offer) }));
  const toldWith = toldAnyway(step);
  const speaking = moves.flatMap(({ landing }) => (landing.kind === 'words' ? landing.node : []));
  const targets = [...new Set(speaking)].filter((node) => !toldWith.has(node));
  const told = withinBudget(step, targets);
  const lines = moves.map(({ offer, landing }) => {
    if (landing.kind !== 'words') return describe(step, offer, WITHOUT_TASK[landing.kind]);
    const task = told.get(landing.node);
    const before = toldWith.get(landing.node);
    if (before !== undefined) return describe(step, offer, `as for ${before}.`);
    if (task === undefined) return describe(step, offer, WITHOUT_TASK.untold);
    toldWith.set(landing.node, offer.id);
    // Indented, so that the lists of an instruction are not taken for moves.
    return describe(step, offer, task.replaceAll('\n', '\n  '));
  });
  return {
    lines: [...lines, ...routersOnTheWay(step, moves)],
    untold: new Set(targets.filter((node) => !told.has(node))),
  };
}

/**
 * What routers that are looked through are told: it says by which data to choose among their edges.
 * One with a single edge leaves no choice.
 */
function routersOnTheWay(step: Step, moves: readonly { offer: Offer }[]): string[] {
  const passed = moves.flatMap(({ offer }) => offer.path.slice(0, -1).map(({ target }) => target));
  return [...new Set(passed)].flatMap((id) => {
    const router = nodeOf(step.flow, id);
    if (router.instruction === undefined || router.edges.length < 2) return [];
    return [`How to choose at ${id}: ${taskOf(step, router).replaceAll('\n', '\n  ')}`];
  });
}

const WITHOUT_TASK = {
  fixed: 'nothing (""): fixed words follow.',
  untold: 'nothing (""): the words follow.',
  wait: 'one short sentence that you are looking into it; what comes of it is said later.',
};

/** What a node is there for, as the model is told. Empty if its data break it. */
export function taskOf(step: Step, node: FlowNode): string {
  if (node.instruction !== undefined) return step.render(node.instruction);
  const [words] = node.staticText;
  return words === undefined ? node.name : `the caller was told: ${step.render(words)}`;
}

/** Nodes whose words the model can make without being told more, and how a prompt refers to them. */
function toldAnyway({ state }: Step): Map<string, string> {
  const told = new Map([[state.node, 'this step']]);
  const frame = state.beforeEnd ?? state.stack.at(-1);
  if (frame !== undefined && frame.node !== state.node) told.set(frame.node, RETURN);
  return told;
}

/** The tasks that are told: the shortest first, so that the most moves need one call. */
function withinBudget(step: Step, targets: readonly string[]): Map<string, string> {
  const tasks = targets.map((node) => ({ node, task: taskOf(step, nodeOf(step.flow, node)) }));
  const told = new Map<string, string>();
  let left = BUDGET_TOKENS * BYTES_PER_TOKEN;
  for (const { node, task } of tasks.toSorted((a, b) => a.task.length - b.task.length)) {
    left -= Buffer.byteLength(task);
    if (left < 0) break;
    if (task !== '') told.set(node, task);
  }
  return told;
}

function describe(step: Step, offer: Offer, say: string): string {
  const carries = [...new Set(offer.path.flatMap((edge) => edge.requires))];
  const needs = carries.length > 0 ? ` Needs: ${carries.join(', ')}.` : '';
  const condition = offer.condition || nodeOf(step.flow, offer.target).name;
  return `- ${offer.id}: ${condition.replace(/\.$/, '')}.${needs} Say: ${say}`;
}
