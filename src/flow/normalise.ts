import type { JsonObject } from '../json.ts';
import { intents as builtInIntents } from '../understanding/intents.ts';
import { actionsOf, triggered } from './actions.ts';
import { Compile } from './compile.ts';
import { forbidsSpeech, isAlways, predicateOf } from './condition.ts';
import type { FlowPlace, FlowProblem } from './errors.ts';
import { knownNames, urlNames } from './known-names.ts';
import { ENGLISH_LINES, LINE_NAMES } from './lines.ts';
import { referenceProblems } from './references.ts';
import type { EdgeFile, FlowFile, LinesFile, MatchFile, NodeFile } from './schema.ts';
import { declareSlots, declareUsedNames } from './slots.ts';
import { toolsAt, toolsOf } from './tools.ts';
import type {
  Assignment,
  Edge,
  EdgeMatch,
  Flow,
  FlowNode,
  Intent,
  Lines,
  NodeType,
  Transfer,
} from './types.ts';

const DEFAULT_MATCH = { threshold: 0.8, margin: 0.1 };

/** Turns a file of the right shape into a flow, which is not to be used if there are problems. */
export function normalise(
  file: FlowFile,
  source: { name: string; file?: string },
): { flow: Flow; problems: readonly FlowProblem[] } {
  const compile = new Compile();
  const intents = intentsOf(file, compile);
  const context = { compile, intents, file };
  const language = given(file.agent_language) ?? 'en';
  const environment = environmentOf(file);
  const slots = declareSlots(file, compile);
  const nodes = new Map(file.nodes.map((node) => [node.id, nodeOf(node, context)]));
  const globalEdges = (file.global_edges ?? []).map((edge) => edgeOf(edge, {}, true, context));
  const tools = toolsOf(file, compile);
  const known = knownNames(file, environment, tools.keys());
  const actions = actionsOf(file, compile, urlNames(known, slots));
  const lines = flowLinesOf(file, language, compile);
  const systemPrompt = compile.template(file.system_prompt, { field: 'system_prompt' });
  declareUsedNames(slots, compile.names, known, compile);

  const problems = [...compile.problems, ...referenceProblems(file, intents)];
  const flow: Flow = {
    name: file.name ?? source.name,
    systemPrompt,
    initialNode: file.initial_node,
    language,
    nodes,
    globalEdges,
    actions,
    tools,
    environment,
    slots,
    intents,
    lines,
    limits: {
      ...(file.limits?.maxTurns !== undefined && { maxTurns: file.limits.maxTurns }),
      ...(file.limits?.maxDurationMs !== undefined && { maxDurationMs: file.limits.maxDurationMs }),
    },
    match: {
      threshold: file.match?.threshold ?? DEFAULT_MATCH.threshold,
      margin: file.match?.margin ?? DEFAULT_MATCH.margin,
    },
    ...optional('version', file.version),
    ...optional('file', source.file),
    ...optional('objective', given(file.objective)),
    ...optional('gender', given(file.agent_gender)),
    ...optional('tone', given(file.agent_tone)),
    ...optional('timeZone', file.time_zone),
    ...optional('region', file.region?.toUpperCase()),
  };
  return { flow, problems };
}

interface Context {
  compile: Compile;
  file: FlowFile;
  intents: ReadonlyMap<string, Intent>;
}

function nodeOf(node: NodeFile, context: Context): FlowNode {
  const { compile } = context;
  const place: FlowPlace = { node: node.id };
  const instruction = given(node.instruction);
  const texts = textsOf(node);
  return {
    id: node.id,
    name: node.name ?? node.id,
    type: typeOf(node, instruction, texts),
    staticText: compile.templates(texts, { ...place, field: 'static_text' }),
    autoProceed: node.auto_proceed ?? false,
    edges: (node.edges ?? []).map((edge) => edgeOf(edge, place, false, context)),
    collect: node.collect ?? [],
    onEnter: triggered(node.actions, 'on_enter'),
    onExit: triggered(node.actions, 'on_exit'),
    criteria: node.completion_criteria ?? [],
    allowSkip: node.allow_skip ?? true,
    hangUp: node.hang_up ?? false,
    interruptible: node.interruptible ?? true,
    mustBeHeard: node.must_be_heard ?? false,
    endpointing: {
      ...optional('minMs', node.endpointing?.minMs),
      ...optional('maxMs', node.endpointing?.maxMs),
    },
    tools: toolsAt(node, context.file),
    lines: linesOf(node.lines ?? {}, { ...place, field: 'lines' }, compile),
    ...(instruction !== undefined && {
      instruction: compile.template(instruction, { ...place, field: 'instruction' }),
    }),
    ...optional('outcome', node.outcome),
    ...optional('maxTurns', node.max_turns ?? undefined),
    ...optional('transfer', transferOf(node, compile)),
  };
}

function textsOf(node: NodeFile): string[] {
  const texts = typeof node.static_text === 'string' ? [node.static_text] : node.static_text;
  return (texts ?? []).filter((text) => text.trim() !== '');
}

function typeOf(node: NodeFile, instruction: string | undefined, texts: string[]): NodeType {
  if (node.is_final === true) return 'final';
  if (node.node_type !== undefined && node.node_type !== null) return node.node_type;
  if (instruction === undefined) return texts.length > 0 ? 'static' : 'router';
  return forbidsSpeech(instruction) ? 'router' : 'instruction';
}

function transferOf(node: NodeFile, compile: Compile): Transfer | undefined {
  if (node.transfer === undefined) return undefined;
  const { to, mode, announce } = node.transfer;
  return {
    to: compile.template(to, { node: node.id, field: 'transfer.to' }),
    mode,
    ...(announce !== undefined && {
      announce: compile.template(announce, { node: node.id, field: 'transfer.announce' }),
    }),
  };
}

function edgeOf(edge: EdgeFile, at: FlowPlace, isGlobal: boolean, context: Context): Edge {
  const { compile } = context;
  const place: FlowPlace = { ...at, edge: edge.id };
  const always = isAlways(edge.condition);
  const predicate = always ? undefined : predicateOf(edge.condition);
  const guardSource = given(edge.guard) ?? predicate;
  const guard =
    guardSource === undefined
      ? undefined
      : compile.guard(guardSource, { ...place, field: edge.guard ? 'guard' : 'condition' });
  const matchFile = always ? { ...edge.match, always: true as const } : edge.match;
  return {
    id: edge.id,
    condition: always || predicate !== undefined ? '' : edge.condition.trim(),
    target: edge.target_node_id ?? '',
    requires: requiredSlots(edge),
    isFallback: edge.is_fallback ?? false,
    isGlobal,
    set: assignmentsOf(edge, place, compile),
    actions: triggered(edge.actions),
    detour: isGlobal && (edge.detour ?? true),
    ...optional('guard', guard),
    ...optional('match', matchFile && matchOf(matchFile, place, context)),
  };
}

function requiredSlots(edge: EdgeFile): string[] {
  const criteria = (edge.criteria ?? []).filter((criterion) => criterion.required);
  return [...new Set([...(edge.input_schema?.required ?? []), ...criteria.map(({ key }) => key)])];
}

function assignmentsOf(edge: EdgeFile, place: FlowPlace, compile: Compile): Assignment[] {
  return Object.entries(edge.set ?? {}).map(([name, value]) => {
    if (typeof value !== 'string') return { name, value: () => value };
    const template = compile.template(value, { ...place, field: `set.${name}` });
    return { name, value: (data) => template.render(data) };
  });
}

function matchOf(match: MatchFile, place: FlowPlace, { compile, intents }: Context): EdgeMatch {
  const intent = match.intent === undefined ? undefined : intents.get(match.intent);
  return {
    dtmf: typeof match.dtmf === 'string' ? [match.dtmf] : (match.dtmf ?? []),
    patterns: compile.patterns(match.patterns ?? [], { ...place, field: 'match.patterns' }),
    examples: match.examples ?? [],
    collected: match.collected ?? false,
    always: match.always ?? false,
    ...(intent !== undefined &&
      match.intent !== undefined && {
        intent: { name: match.intent, ...intent },
      }),
    ...optional('silence', match.silence),
    ...optional('threshold', match.threshold),
  };
}

/** The built-in intents, and the flow's own, which may stand in their place. */
function intentsOf(file: FlowFile, compile: Compile): Map<string, Intent> {
  const own = Object.entries(file.intents ?? {}).map(([name, { examples, patterns }]) => {
    const place = { field: `intents.${name}.patterns` };
    return [name, { examples, patterns: compile.patterns(patterns, place) }] as const;
  });
  return new Map([...builtInIntents, ...own]);
}

function flowLinesOf(file: FlowFile, language: string, compile: Compile): Lines {
  const place: FlowPlace = { field: 'lines' };
  const own = linesOf(file.lines ?? {}, place, compile);
  if (!/^en\b/i.test(language)) {
    const missing = Object.entries(LINE_NAMES).filter(([, name]) => own[name] === undefined);
    if (missing.length > 0) {
      const names = missing.map(([name]) => name).join(', ');
      compile.problem(place, `a flow in "${language}" must bring its own lines; missing: ${names}`);
    }
  }
  const english = linesOf(ENGLISH_LINES, place, compile);
  return {
    recovery: [],
    hold: [],
    noInput: [],
    noMatch: [],
    partial: [],
    confirm: [],
    goodbye: [],
    transferFailed: [],
    ...english,
    ...own,
  };
}

function linesOf(lines: LinesFile, place: FlowPlace, compile: Compile): Partial<Lines> {
  const found: Partial<Lines> = {};
  for (const [key, name] of Object.entries(LINE_NAMES)) {
    const line = lines[key as keyof LinesFile];
    if (line === undefined) continue;
    found[name] = compile.templates(line, { ...place, field: `${place.field}.${key}` });
  }
  return found;
}

function environmentOf(file: FlowFile): JsonObject {
  const given = file.environment_variables ?? file.env_vars ?? {};
  const entries = Array.isArray(given)
    ? given.map(({ key, value }) => [key, value] as const)
    : Object.entries(given);
  return Object.fromEntries(entries);
}

/** The text, unless there is none worth the name. */
function given(text: string | null | undefined): string | undefined {
  return text === null || text === undefined || text.trim() === '' ? undefined : text;
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}
