import type { ChatMessage } from '../agent/chat-context.ts';
import type { Flow, FlowNode, Slot } from '../flow/types.ts';
import type { Json, JsonObject } from '../json.ts';
import type { ModelMessage, ModelRequest } from '../llm/model.ts';
import { own } from '../record.ts';
import { mentions } from './core/choose.ts';
import { missingCriteria } from './core/gate.ts';
import { canReturn, possibleOffers, RETURN, STAY } from './core/offers.ts';
import type { FlowState } from './core/state.ts';
import { Step } from './core/step.ts';
import { taskOf, tellMoves } from './targets.ts';

/** What a prompt is made from. */
export interface PromptSource {
  flow: Flow;
  state: FlowState;
  nowMs: number;
  history: readonly ChatMessage[];
  /** Names of the tools on offer; what they last answered is data of the call. */
  tools: readonly string[];
}

/** Upper bound of a reply, in tokens: some four spoken sentences and the decision before them. */
const MAX_TOKENS = 400;

/**
 * Messages of the conversation that a prompt holds. No phone call comes near; a chat of days does.
 * They are forgotten many at once: the prompt's beginning, which providers cache, then stays the same
 * for as many.
 */
const MAX_MESSAGES = 100;
const FORGET_AT_ONCE = 40;

const FORM_WITH_SCHEMA =
  'Reply with one JSON object and nothing else: "go" first, then "set", then "say".';
const FORM_WITHOUT_SCHEMA =
  'Reply with one line that holds a JSON object with "go" and "set", then a line break, then the words to say, as plain text.';

/** A request for a decision, and what its reply cannot hold. */
export interface DecisionRequest extends ModelRequest {
  /** Nodes that the decision may lead to and for which the reply has no words to be spoken. */
  untold: ReadonlySet<string>;
}

/** Of a tool's earlier answer, in characters. */
const MAX_ANSWER_LENGTH = 2000;

/** Asks for the decision and the words of a turn in one completion. */
export function decisionRequest(source: PromptSource, structured: boolean): DecisionRequest {
  const { flow, state, nowMs } = source;
  const step = new Step(flow, state, nowMs);
  const { lines, untold } = tellMoves(step);
  const task = [
    ...situation(step, source.tools),
    '',
    'Moves ("go"):',
    `- ${STAY}: none of the others fits, or something is still missing. Say: answer the caller briefly and end with what this step asks.`,
    ...(canReturn(step)
      ? [`- ${RETURN}: the side question is settled. Say: go back to what was asked before.`]
      : []),
    ...lines,
    '',
    structured ? FORM_WITH_SCHEMA : FORM_WITHOUT_SCHEMA,
  ];
  return {
    system: systemPrompt(flow, step),
    messages: withTask(source, task),
    maxTokens: MAX_TOKENS,
    about: aboutOf(source, state.node),
    untold,
    ...(structured && { schema: decisionSchema(flow, step.node) }),
  };
}

/** Asks for words alone, where the move has been decided already. */
export function wordsRequest(
  source: PromptSource,
  nodeId: string,
  notes: readonly string[],
): ModelRequest {
  const step = new Step(source.flow, { ...source.state, node: nodeId }, source.nowMs);
  const task = [
    ...situation(step, source.tools),
    ...notes.map((note) => `Take into account: ${note}`),
    '',
    'Reply with the words to say now and nothing else: no JSON, no labels.',
  ];
  return {
    system: systemPrompt(source.flow, step),
    messages: withTask(source, task),
    maxTokens: MAX_TOKENS,
    about: aboutOf(source, nodeId),
  };
}

/** Constant per node, so that a provider compiles it once: every move it can ever offer, every slot. */
export function decisionSchema(flow: Flow, node: FlowNode): NonNullable<ModelRequest['schema']> {
  const moves = possibleOffers(flow, node).map((offer) => offer.id);
  const slots = [...flow.slots.keys()];
  const value = { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] };
  const name = slots.length > 0 ? { type: 'string', enum: slots } : { type: 'string' };
  return {
    name: 'decision',
    schema: objectSchema({
      go: { type: 'string', enum: [...new Set([STAY, RETURN, ...moves])] },
      set: { type: 'array', items: objectSchema({ slot: name, value }) },
      say: { type: 'string' },
    }),
  };
}

function objectSchema(properties: JsonObject): JsonObject {
  return {
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

/**
 * The same in every request of a call, so that providers can cache it, as long as the data are that the
 * flow's own text names: where that is a slot, the prompt changes with it and the cache begins anew.
 */
function systemPrompt(flow: Flow, step: Step): string {
  const parts = [
    step.render(flow.systemPrompt),
    flow.objective && `Objective: ${flow.objective}`,
    `You are on the telephone. Language: ${flow.language}.`,
    flow.tone && `Tone: ${flow.tone}.`,
    flow.gender && `Speak as: ${flow.gender}.`,
    'Your words are read aloud as they stand: one to three short sentences, no lists, no markup, no symbols.',
    'Only claim what this conversation or the task says. Record only values that the caller has said.',
  ];
  return parts.filter((part) => part !== undefined && part !== '').join('\n');
}

function situation(step: Step, tools: readonly string[]): string[] {
  const { node, state } = step;
  const missing = [...new Set([...node.collect, ...missingCriteria(step)])].filter(
    (name) => !step.isFilled(name),
  );
  return [
    `This step: ${taskOf(step, node)}`,
    ...(missing.length > 0
      ? [`Still missing here: ${missing.map((name) => describeSlot(step, name)).join('; ')}`]
      : []),
    `Known so far: ${knownValues(state)}`,
    ...tools.flatMap((name) => lastAnswer(state, name)),
    ...(state.visit.confirming === null
      ? []
      : [`The caller has just been asked whether ${state.visit.confirming} is right.`]),
    ...state.whispers.map((whisper) => `Supervisor, not for the caller's ears: ${whisper}`),
  ];
}

/** What a tool answered earlier in the call: the history does not hold it. */
function lastAnswer(state: FlowState, tool: string): string[] {
  const result = own(state.variables, tool);
  if (result === undefined) return [];
  return [`${tool} last answered: ${JSON.stringify(result).slice(0, MAX_ANSWER_LENGTH)}`];
}

function knownValues(state: FlowState): string {
  const known = Object.entries(state.slots);
  if (known.length === 0) return 'nothing yet';
  return known.map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join(', ');
}

function describeSlot(step: Step, name: string): string {
  const slot: Slot | undefined = step.flow.slots.get(name);
  const criterion = step.node.criteria.find(({ key }) => key === name);
  const options = slot?.options.map((option) => option.value) ?? [];
  const details = [
    slot?.type,
    slot?.description ?? criterion?.description,
    options.length > 0 ? `one of ${options.join(', ')}` : undefined,
  ].filter((detail) => detail !== undefined && detail !== '');
  return `${name} (${details.join('; ')})`;
}

function aboutOf({ history }: PromptSource, node: string): NonNullable<ModelRequest['about']> {
  const words = history.findLast(({ role }) => role === 'user')?.content ?? '';
  return { node, words };
}

/** The conversation, and the task behind the caller's last words. */
function withTask({ history }: PromptSource, task: readonly string[]): ModelMessage[] {
  const messages: ModelMessage[] = [];
  const spoken = history.flatMap(({ role, content }) =>
    role === 'user' || role === 'assistant' ? { role, content } : [],
  );
  for (const { role, content } of spoken.slice(forgotten(spoken.length))) {
    const last = messages.at(-1);
    if (last?.role === role) last.content += `\n${content}`;
    else messages.push({ role, content });
  }
  const text = `[Task]\n${task.join('\n')}`;
  const last = messages.at(-1);
  if (last?.role === 'user') last.content += `\n\n${text}`;
  else messages.push({ role: 'user', content: text });
  return messages;
}

/** Messages from the beginning that a long conversation leaves out. */
function forgotten(messages: number): number {
  return Math.max(0, Math.ceil((messages - MAX_MESSAGES) / FORGET_AT_ONCE) * FORGET_AT_ONCE);
}

/** All that the values of a decision may be grounded in (rule 7). */
export function evidenceOf({ flow, state, history, nowMs }: PromptSource): string[] {
  const agrees = mentions(new Step(flow, state, nowMs), 'yes', state.pending?.text ?? '');
  const said = history.filter(({ role }) => role === 'user').map(({ content }) => content);
  const lastHeard = history.findLast(({ role }) => role === 'assistant')?.content;
  const data: Json[] = [...Object.values(state.slots), ...Object.values(state.variables)];
  const call = own(state.variables, 'call');
  return [
    ...said,
    ...(agrees && lastHeard !== undefined ? [lastHeard] : []),
    ...[...data, ...(call === undefined ? [] : [call])].flatMap(textsIn),
  ];
}

function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(textsIn) : [];
}
