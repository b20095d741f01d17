import type { Json, JsonObject } from '../json.ts';
import type { Intent, Pattern, Slot } from '../understanding/types.ts';
import type { Guard, Template, TemplateData } from './template.ts';

export type { Intent, Slot, SlotOption, SlotType } from '../understanding/types.ts';

export type NodeType = 'instruction' | 'static' | 'router' | 'final';

/** What lets an edge be taken without a model. An intent's examples and patterns stand in `intent`. */
export interface EdgeMatch {
  dtmf: readonly string[];
  patterns: readonly Pattern[];
  examples: readonly string[];
  intent?: { name: string } & Intent;
  collected: boolean;
  always: boolean;
  /** Taken at the n-th silence in a row. */
  silence?: number;
  /** 0 to 1; overrides the flow's. */
  threshold?: number;
}

/** Data that a move sets; `null` clears a slot. Texts of the file are templates. */
export interface Assignment {
  name: string;
  value(data: TemplateData): Json;
}

/** A way from a node to another one. */
export interface Edge {
  id: string;
  /** Prose for the model. Empty where a guard or a match says it all. */
  condition: string;
  target: string;
  guard?: Guard;
  match?: EdgeMatch;
  /** Slots that must be filled and valid before this edge is taken. */
  requires: readonly string[];
  isFallback: boolean;
  isGlobal: boolean;
  set: readonly Assignment[];
  /** Ids of the actions to run on the way. */
  actions: readonly string[];
  /** A global edge that returns to where the caller was. */
  detour: boolean;
}

export interface Criterion {
  key: string;
  description: string;
  required: boolean;
}

export interface Transfer {
  to: Template;
  mode: 'cold' | 'warm';
  announce?: Template;
}

/** An HTTP request that a move or a node sends. */
export interface Action {
  id: string;
  name: string;
  method: string;
  url: Template;
  headers: readonly { name: string; value: Template }[];
  /** Throws if a template in it fails on the data. */
  body?: (data: TemplateData) => Json;
  timeoutMs: number;
  /** Name under which its result is data. */
  storeAs?: string;
  /** Data taken out of the result, by the path of its parts. */
  envUpdates: readonly { name: string; path: string }[];
  /** At most one success in a session. */
  runOnce: boolean;
  /** Fields of a JSON body that stay texts though they look like numbers. */
  stringFields: readonly string[];
  /** Skipped where this renders to nothing. */
  condition?: Template;
  effect: 'read' | 'write';
  /** The server does the effect of one `Idempotency-Key` once: what is in doubt may be sent again. */
  idempotent: boolean;
}

/** A place in the conversation. */
export interface FlowNode {
  id: string;
  name: string;
  type: NodeType;
  instruction?: Template;
  /** Variants of the words spoken on entry; empty where a model makes them from `instruction`. */
  staticText: readonly Template[];
  outcome?: string;
  autoProceed: boolean;
  edges: readonly Edge[];
  collect: readonly string[];
  criteria: readonly Criterion[];
  /** Ids of the actions to run on entering and on leaving. */
  onEnter: readonly string[];
  onExit: readonly string[];
  allowSkip: boolean;
  maxTurns?: number;
  transfer?: Transfer;
  hangUp: boolean;
  lines: Partial<Lines>;
  /** False: what is said here cannot be cut off. */
  interruptible: boolean;
  /** Said again at the next chance if it was cut off. */
  mustBeHeard: boolean;
  /** How long a pause of the caller's has to be to end their turn here. */
  endpointing: Endpointing;
  /** Ids of the tools on offer here, in the order of the file. */
  tools: readonly string[];
}

export interface Endpointing {
  minMs?: number;
  maxMs?: number;
}

/** Something that a flow lets the model call. */
export interface FlowTool {
  id: string;
  /** Where the host finds it: `handler_id`, else the id. */
  handler: string;
  /** What the file does not say, the tool that runs it does. */
  description?: string;
  /** JSON Schema of the arguments: an object. */
  inputSchema?: JsonObject;
  effect?: 'read' | 'write';
  /** What runs it: the host's function, a request, a tool of an MCP server. */
  source: ToolSource;
}

export type ToolSource =
  | { type: 'host' }
  | { type: 'http'; url: string; method: HttpToolMethod; headers: Readonly<Record<string, string>> }
  | { type: 'mcp'; server: string };

export type HttpToolMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The sentences the engine itself needs. A ladder is a list: first miss, second miss, … */
export interface Lines {
  recovery: readonly Template[];
  hold: readonly Template[];
  noInput: readonly Template[];
  noMatch: readonly Template[];
  /** Said to a caller who has given the beginning of a value. */
  partial: readonly Template[];
  /** Sees `slot` (its description or name) and `value` (in spoken form). */
  confirm: readonly Template[];
  goodbye: readonly Template[];
  transferFailed: readonly Template[];
}

/** A conversation on rails: checked, templates compiled, defaults filled in. Immutable. */
export interface Flow {
  name: string;
  version?: string;
  /** Where it was read from; absent for text and objects. */
  file?: string;
  systemPrompt: Template;
  objective?: string;
  /** BCP 47 language tag, as in `en`. */
  language: string;
  gender?: string;
  tone?: string;
  initialNode: string;
  nodes: ReadonlyMap<string, FlowNode>;
  globalEdges: readonly Edge[];
  actions: ReadonlyMap<string, Action>;
  tools: ReadonlyMap<string, FlowTool>;
  environment: Readonly<JsonObject>;
  /** Every slot that counts as declared, by name. */
  slots: ReadonlyMap<string, Slot>;
  intents: ReadonlyMap<string, Intent>;
  lines: Lines;
  limits: { maxTurns?: number; maxDurationMs?: number };
  /** IANA name. */
  timeZone?: string;
  /** ISO 3166-1 alpha-2, for phone numbers. */
  region?: string;
  match: { threshold: number; margin: number };
}
