import type { MoveReason } from '../../agent/agent.ts';
import type { Flow } from '../../flow/types.ts';
import type { Json, JsonObject } from '../../json.ts';

/** Where a filled slot's value came from, and whether it counts yet. */
export interface SlotInfo {
  by: 'caller' | 'model' | 'flow';
  /** False while a slot with `confirm` waits for the caller's yes. */
  confirmed: boolean;
  /** The caller's words it stands on. */
  words?: string;
}

/** One stay at a node, from entering to leaving it. */
export interface Visit {
  /** Counts the visits of the session, so that it names this one; a self-loop keeps it. */
  number: number;
  /** Caller's turns committed in this visit. */
  utterances: number;
  /** True once the node's words have begun. */
  spoken: boolean;
  /** Turns in a row that neither moved nor filled anything. */
  misses: number;
  /** The caller's words of values that are not complete yet, by slot. */
  partials: Record<string, string>;
  /** The slot whose value is being read back. */
  confirming: string | null;
  /** Caller's turn at which a move was first refused for missing criteria, by edge. */
  insisted: Record<string, number>;
}

/** An interrupted node, to go back to after a detour. */
export interface Frame {
  node: string;
  visit: Visit;
  /** Ordinary moves since the detour began; the second drops the frame. */
  moves: number;
}

/** What the evaluation of the running turn has come to so far. `null` between turns. */
export interface Pending {
  /** The utterance, or the keys pressed. */
  text: string;
  /** The turn filled, changed, confirmed or cleared something, or a value has begun. */
  progress: boolean;
  /** It was said while a move waited for an action, and is heard where that comes to rest. */
  unheard?: true;
}

/** A piece of a move that is due. Edges are named by their id and, for own edges, their node. */
export type Work =
  | { do: 'leave'; node: string | null; edge: string; by: MoveReason }
  | { do: 'cross'; node: string | null; edge: string; by: MoveReason }
  | { do: 'enter' }
  | { do: 'run'; action: string }
  /** `spoken`: the words of the node are out already. */
  | { do: 'settle'; spoken: boolean }
  | { do: 'rest' };

/** The whole state of a machine: plain JSON, copied on write, never changed in place. */
export interface FlowState {
  format: 1;
  /** Names the session, so that the effects of two never share a ledger key. */
  session: string;
  flow: { name: string; version?: string };
  node: string;
  visit: Visit;
  /** Number of visits so far, by node. */
  visits: Record<string, number>;
  /** How often the words of a node were spoken; chooses among variants. */
  spoken: Record<string, number>;
  slots: Record<string, Json>;
  slotInfo: Record<string, SlotInfo>;
  /** What moves have set and actions have stored. */
  variables: JsonObject;
  stack: Frame[];
  /** Self-loops in a row that changed no slot. */
  selfLoops: number;
  /** Silences in a row. */
  silences: number;
  /** Caller's turns in the whole session. */
  turns: number;
  startedAtMs: number | null;
  /** Keys pressed and not used yet. */
  typedAhead: string;
  /** Whispers that take effect with the next turn that asks the model. */
  whispers: string[];
  /** Effects with their results, so that each happens once. */
  ledger: JsonObject;
  pending: Pending | null;
  /** What is left of a move that waits for an action. */
  work: Work[];
  /** Nodes that the chain of this turn has gone through, questions to the model included. */
  passed: string[];
  /** The action that the move waits for. */
  running: { action: string; key: string } | null;
  /** A human speaks in the agent's place: what is said is noted, and nothing moves. */
  takenOver: boolean;
  ended: boolean;
  outcome: string | null;
  /** The node before the final one, for a caller who cuts into the farewell. */
  beforeEnd: Frame | null;
}

export function newVisit(number: number): Visit {
  return {
    number,
    utterances: 0,
    spoken: false,
    misses: 0,
    partials: {},
    confirming: null,
    insisted: {},
  };
}

/** The state before the opening turn. */
export function initialState(flow: Flow, session = ''): FlowState {
  return {
    format: 1,
    session,
    flow: { name: flow.name, ...(flow.version !== undefined && { version: flow.version }) },
    node: flow.initialNode,
    visit: newVisit(0),
    visits: {},
    spoken: {},
    slots: {},
    slotInfo: {},
    variables: {},
    stack: [],
    selfLoops: 0,
    silences: 0,
    turns: 0,
    startedAtMs: null,
    typedAhead: '',
    whispers: [],
    ledger: {},
    pending: null,
    work: [],
    passed: [],
    running: null,
    takenOver: false,
    ended: false,
    outcome: null,
    beforeEnd: null,
  };
}
