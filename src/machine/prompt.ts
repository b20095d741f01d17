import type { ChatMessage } from '../agent/chat-context.ts';
import type { Flow, FlowNode, Slot } from '../flow/types.ts';
import type { Json, JsonObject } from '../json.ts';
import type { ModelMessage, ModelRequest } from '../llm/model.ts';
import { own } from '../record.ts';
import { mentions } from './core/choose.ts';
import { type Landing, landingOf } from './core/decided.ts';
import { missingCriteria } from './core/gate.ts';
import { canReturn, legalOffers, type Offer, possibleOffers, RETURN, STAY } from './core/offers.ts';
import type { FlowState } from './core/state.ts';
import { nodeOf, Step } from './core/step.ts';

/** What a prompt is made from. */
export interface PromptSource {
  flow: Flow;
  state: FlowState;
  nowMs: number;
  history: readonly ChatMessage[];
}

/** Upper bound of a reply, in tokens: some four spoken sentences and the decision before them. */
const MAX_TOKENS = 400;

const FORM_WITH_SCHEMA =
  'Reply with one JSON object and nothing else: "go" first, then "set", then "say".';
const FORM_WITHOUT_SCHEMA =
  'Reply with one line that holds a JSON object with "go" and "set", then a line break, then the words to say, as plain text.';

/** Asks for the decision and the words of a turn in one completion. */
export function decisionRequest(source: PromptSource, structured: boolean): ModelRequest {
  const { flow, state, nowMs } = source;
  const step = new Step(flow, state, nowMs);
  const task = [
    ...situation(step),
    '',
    'Moves ("go"):',
    `- ${STAY}: none of the others fits, or something is still missing. Say: answer the caller briefly and end with what this step asks.`,
    ...(canReturn(step)
      ? [`- ${RETURN}: the side question is settled. Say: go back to what was asked before.`]
      : []),
    ...legalOffers(step).map((offer) => describeOffer(step, offer)),
    '',
    structured ? FORM_WITH_SCHEMA : FORM_WITHOUT_SCHEMA,
  ];
  return {
    system: systemPrompt(flow, step),
    messages: withTask(source, task),
    maxTokens: MAX_TOKENS,
    about: aboutOf(source, state.node),
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
    ...situation(step),
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

/** Stays the same over a whole call, so that providers can cache it. */
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

function situation(step: Step): string[] {
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
    ...(state.visit.confirming === null
      ? []
      : [`The caller has just been asked whether ${state.visit.confirming} is right.`]),
    ...state.whispers.map((whisper) => `Supervisor, not for the caller's ears: ${whisper}`),
  ];
}

function taskOf(step: Step, node: FlowNode): string {
  if (node.instruction !== undefined) return step.render(node.instruction);
  const [words] = node.staticText;
  return words === undefined ? node.name : `the caller was told: ${step.render(words)}`;
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

/** A move with its condition, and what its words have to be about. */
function describeOffer(step: Step, offer: Offer): string {
  const carries = [...new Set(offer.path.flatMap((edge) => edge.requires))];
  const needs = carries.length > 0 ? ` Needs: ${carries.join(', ')}.` : '';
  const landing = landingOf(step, offer);
  return `- ${offer.id}: ${offer.condition || nodeOf(step.flow, offer.target).name}.${needs} Say: ${wordsFor(step, landing)}`;
}

function aboutOf({ history }: PromptSource, node: string): NonNullable<ModelRequest['about']> {
  const words = history.findLast(({ role }) => role === 'user')?.content ?? '';
  return { node, words };
}

function wordsFor(step: Step, landing: Landing): string {
  switch (landing.kind) {
    case 'words':
      return taskOf(step, nodeOf(step.flow, landing.node));
    case 'fixed':
      return 'nothing (""): fixed words follow.';
    case 'action':
      return 'one short sentence that you are looking into it; what comes of it is said later.';
  }
}

/** The conversation, and the task behind the caller's last words. */
function withTask({ history }: PromptSource, task: readonly string[]): ModelMessage[] {
  const messages: ModelMessage[] = [];
  for (const { role, content } of history) {
    if (role !== 'user' && role !== 'assistant') continue;
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
