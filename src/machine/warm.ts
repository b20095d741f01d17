import { closure } from '../flow/lint/graph.ts';
import type { Flow, FlowNode } from '../flow/types.ts';
import { createModel, type ModelSpec } from '../llm/create-model.ts';
import type { LanguageModel, ModelRequest, WarmReport } from '../llm/model.ts';
import { ownEdges } from './core/offers.ts';
import { nodeOf } from './core/step.ts';
import { isAnnouncement } from './core/way-on.ts';
import { decisionSchema } from './prompt.ts';

/** How a flow is warmed. */
export interface WarmOptions {
  signal?: AbortSignal;
  /** Requests at the same time. Default 4. */
  concurrency?: number;
}

/**
 * Has the providers compile the schemas of a flow before a caller would have to wait for it: one that
 * they see first takes seconds, and is then kept for a while. There is one short request per schema,
 * from the initial node outwards; a flow of 60 nodes costs some 20,000 tokens in all. Models that are
 * held to no schema are not asked. Failures are reported, one report per request and model; where all
 * models of a list fail, no more are asked. Throws only the signal's reason.
 */
export async function warmFlow(
  flow: Flow,
  llm: ModelSpec | readonly ModelSpec[],
  { signal, concurrency = 4 }: WarmOptions = {},
): Promise<WarmReport[]> {
  const model = createModel(llm);
  const requests = model.structured ? warmRequests(flow) : [];
  const reports: WarmReport[] = [];
  const work = async () => {
    for (let request = requests.shift(); request !== undefined; request = requests.shift()) {
      const answers = await warm(model, request, signal);
      reports.push(...answers);
      if (answers.every(({ error }) => error !== undefined)) requests.length = 0;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return reports;
}

/** One request per schema: nodes that offer the same share theirs. */
export function warmRequests(flow: Flow): ModelRequest[] {
  const asking = inOrderOfNeed(flow).filter(canAsk);
  const schemas = asking.map((node) => decisionSchema(flow, node));
  const distinct = new Map(schemas.map((schema) => [JSON.stringify(schema), schema]));
  return [...distinct.values()].map((schema) => ({
    // A provider's cache of the real prompt would be gone before the first call.
    system: 'This is a test.',
    messages: [{ role: 'user', content: 'Reply with the shortest object there is.' }],
    schema,
  }));
}

/** All that a call can come to: along edges from its beginning, then by global edges. */
function inOrderOfNeed(flow: Flow): FlowNode[] {
  const next = (id: string) => nodeOf(flow, id).edges.map(({ target }) => target);
  const globals = flow.globalEdges.map(({ target }) => target);
  const ids = new Set([...closure([flow.initialNode], next), ...closure(globals, next)]);
  return [...ids].map((id) => nodeOf(flow, id));
}

async function warm(
  model: LanguageModel,
  request: ModelRequest,
  signal: AbortSignal | undefined,
): Promise<WarmReport[]> {
  return (await model.warm?.(request, signal === undefined ? {} : { signal })) ?? [];
}

/** Whether the model can come to be asked at this node what a caller meant. */
function canAsk(node: FlowNode): boolean {
  if (isAnnouncement(node)) return false;
  return node.type !== 'router' || ownEdges(node).some(({ condition }) => condition !== '');
}
