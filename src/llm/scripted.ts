import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import type { Json } from '../json.ts';
import { MODEL_ERROR_CODES, ModelError } from './errors.ts';
import type { LanguageModel, ModelDelta, ModelRequest } from './model.ts';

const json: z.ZodType<Json> = z.json();

const entrySchema = z
  .strictObject({
    when: z
      .string()
      .transform((source, context) => {
        try {
          return new RegExp(source, 'iu');
        } catch {
          context.addIssue({ code: 'custom', message: 'must be a regular expression' });
          return z.NEVER;
        }
      })
      .optional(),
    node: z.string().optional(),
    after: z.string().optional(),
    calls: z
      .array(
        z.strictObject({ tool: z.string(), arguments: z.record(z.string(), json).default({}) }),
      )
      .min(1, 'must hold at least one call')
      .optional(),
    reply: z
      .union(
        [
          z.string(),
          z.strictObject({
            go: z.string().default('stay'),
            set: z.record(z.string(), json).default({}),
            say: z.string().default(''),
          }),
        ],
        'must be a text, or an object with go, set (slots by name) and say',
      )
      .optional(),
    delayMs: z.number().nonnegative().default(0),
    error: z.enum(MODEL_ERROR_CODES, `must be one of ${MODEL_ERROR_CODES.join(', ')}`).optional(),
  })
  .refine(
    ({ reply, calls, error }) =>
      (reply === undefined && calls === undefined) !== (error === undefined),
    { message: 'must have a reply, calls or an error' },
  );

type Entry = z.infer<typeof entrySchema>;

const scriptSchema = z.array(entrySchema).min(1, 'must hold at least one entry');

/**
 * A model whose replies stand in a YAML file, for tests and demos:
 *
 * ```yaml
 * - when: block|stolen            # regular expression, found in the caller's latest words; no case
 *   node: main                    # only at this node
 *   reply: { go: block, set: { digits: "1234" }, say: Your card is blocked. }
 * - reply: Sorry, what was that?  # a text is the whole reply as a model would have written it
 *   delayMs: 200                  # before the first word
 * - node: broken
 *   error: model_unavailable      # a code of ModelError
 * - when: balance
 *   calls: [{ tool: get_balance, arguments: { account: savings } }]
 * - after: get_balance            # only when this tool has just answered; others do not fit then
 *   reply: You have twelve euros.
 * ```
 *
 * The first entry that fits answers, however often it fits: a script keeps no count, so calls can
 * share it. An entry without `when` and `node` fits always. Where no entry fits, the stream throws a
 * `ModelError`. Words come one by one. A reply object is written as JSON if the request has a
 * schema; otherwise only its `say` comes, as for a model that was asked for words alone.
 *
 * `path` is taken from the working directory. Throws a UsageError with line and column.
 */
export function loadScriptedModel(path: string): LanguageModel {
  const entries = readScript(path);
  const uri = `scripted/${path}`;
  return {
    uri,
    structured: true,
    stream: (request, options = {}) => play(uri, entries, request, options.signal),
  };
}

async function* play(
  uri: string,
  entries: Entry[],
  request: ModelRequest,
  signal: AbortSignal | undefined,
): AsyncGenerator<ModelDelta> {
  signal?.throwIfAborted();
  const words = request.about?.words ?? request.messages.findLast(isUser)?.content ?? '';
  const node = request.about?.node;
  const tools = answeredTools(request);
  const entry = entries.find((candidate) => fits(candidate, { words, node, tools }));
  if (entry === undefined) {
    const place = node === undefined ? '' : ` at node "${node}"`;
    throw new ModelError(
      'model_bad_request',
      `${uri}: no entry fits what the caller said${place}. Add one, or a last one without when and node.`,
    );
  }
  if (entry.delayMs > 0) await wait(entry.delayMs, signal);
  if (entry.error !== undefined) {
    throw new ModelError(entry.error, `${uri}: the script answers with ${entry.error} here.`);
  }
  for (const text of textOf(entry.reply, request).match(/\s*\S+|\s+$/g) ?? []) {
    signal?.throwIfAborted();
    yield { type: 'text', text };
  }
  const earlier = request.messages.filter(({ role }) => role === 'tool').length;
  for (const [index, call] of (entry.calls ?? []).entries()) {
    const id = `call_${earlier + index + 1}`;
    yield { type: 'tool_call', id, name: call.tool, arguments: call.arguments };
  }
  yield { type: 'done', stop: 'end' };
}

/** The tools whose answers this request brings. */
function answeredTools({ messages }: ModelRequest): string[] {
  const last = messages.findLast((message) => message.role === 'assistant');
  return last?.toolCalls?.map(({ name }) => name) ?? [];
}

function isUser(message: { role: string }): boolean {
  return message.role === 'user';
}

interface Situation {
  words: string;
  node: string | undefined;
  tools: readonly string[];
}

function fits(entry: Entry, { words, node, tools }: Situation): boolean {
  return (
    (entry.when === undefined || entry.when.test(words)) &&
    (entry.node === undefined || entry.node === node) &&
    (entry.after === undefined ? tools.length === 0 : tools.includes(entry.after))
  );
}

function textOf(reply: Entry['reply'], request: ModelRequest): string {
  if (reply === undefined || typeof reply === 'string') return reply ?? '';
  if (request.schema === undefined) return reply.say;
  const set = Object.entries(reply.set).map(([slot, value]) => ({ slot, value }));
  return JSON.stringify({ go: reply.go, set, say: reply.say });
}

/** The signal's own reason, where the timer would throw an error of its own. */
async function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

function readScript(path: string): Entry[] {
  const counter = new LineCounter();
  const document = parseDocument(readText(path), { lineCounter: counter, prettyErrors: false });
  const fail = (offset: number, message: string) => {
    const { line, col } = counter.linePos(offset);
    return new UsageError(`${path}:${line}:${col}: ${message}`);
  };
  const [syntax] = document.errors;
  if (syntax !== undefined) throw fail(syntax.pos[0], syntax.message);
  const result = scriptSchema.safeParse(document.toJS());
  if (result.success) return result.data;
  const { path: place, message } = faultOf(result.error.issues);
  const name = place.length === 0 ? 'the script' : place.join('.');
  throw fail(offsetOf(document, place), `${name} ${message}`);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new UsageError(
      `cannot read the script ${path} (${reason}); expected scripted/<file.yaml>`,
    );
  }
}

interface Fault {
  path: PropertyKey[];
  message: string;
}

function faultOf(issues: z.core.$ZodIssue[]): Fault {
  const [issue] = issues;
  if (issue === undefined) return { path: [], message: 'is not valid' };
  if (issue.code === 'unrecognized_keys') {
    return { path: [...issue.path, issue.keys[0] ?? ''], message: 'is not known' };
  }
  if (issue.code === 'invalid_union') {
    // An object was meant where something inside it is wrong.
    const inside = issue.errors.flat().find((e) => e.path.length > 0 || 'keys' in e);
    if (inside !== undefined) {
      const fault = faultOf([inside]);
      return { ...fault, path: [...issue.path, ...fault.path] };
    }
  }
  return { path: issue.path, message: issue.message };
}

/** Where the key or list item at `path` begins, or the nearest thing around it. */
function offsetOf(document: Document, path: PropertyKey[]): number {
  const last = path.at(-1);
  if (last === undefined) return 0;
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const pair = isMap(parent)
    ? parent.items.find(({ key }) => isScalar(key) && key.value === last)
    : undefined;
  const node = pair?.key ?? document.getIn(path, true);
  const offset = isNode(node) ? node.range?.[0] : undefined;
  return offset ?? offsetOf(document, path.slice(0, -1));
}
