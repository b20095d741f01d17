import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { UsageError } from './errors.ts';
import type { Flow } from './flow/types.ts';
import type { JsonObject } from './json.ts';
import type { CreateModelOptions, ModelSpec } from './llm/create-model.ts';
import type { SessionAgent } from './session/handle.ts';
import type { LockBackend } from './session/lock.ts';
import type { SessionStore } from './session/store.ts';
import { isStoreSpec, STORE_SPECS } from './session/store-spec.ts';
import { isTimeZone } from './time-zone.ts';
import type { HttpPolicy } from './tools/http-policy.ts';
import type { Tool } from './tools/tool.ts';

/** What `agent.config.ts` says. Flags of the command line win over it. */
export interface AgentConfig {
  /** Names the agent in logs and reports. */
  name?: string;
  /** A flow, or the path of its file. Either this or `agent`. */
  flow?: string | Flow;
  /** Makes an agent of one's own for each session. */
  agent?: (sessionId: string) => SessionAgent | Promise<SessionAgent>;
  /**
   * A model or its URI, as in `openai/gpt-5.1`; of a list the next is asked when one fails. Without
   * one the flow decides by itself.
   */
  llm?: ModelSpec | readonly ModelSpec[];
  /** For all models: deadline of the first words, prices, when the next one is asked as well. */
  models?: Pick<CreateModelOptions, 'firstTokenMs' | 'prices' | 'hedgeAfterMs'>;
  /** Slots and data that every conversation knows from the start: addresses of services, say. */
  seed?: JsonObject;
  /** What the flow's tools run on, and tools for every node. See `DialogMachineOptions.tools`. */
  tools?: readonly Tool[];
  speech?: {
    /** The embedded recogniser: `local` (the base model) or `local/tiny`. */
    stt?: 'local' | 'local/base' | 'local/tiny';
    /** The embedded voices: `local` (slt) or `local/rms`. */
    tts?: 'local' | 'local/slt' | 'local/rms';
  };
  /**
   * A store, or its description: `memory`, `file:DIR`, `sqlite:FILE` or `redis://…`; the last two
   * bring their own locks. Default: nothing of a conversation is kept, but by `serve` in memory.
   */
  store?: SessionStore | string;
  lockBackend?: LockBackend;
  /** First words of an `agent` that does not open a conversation by itself. */
  greeting?: string;
  /** IANA name, for flows that name none. */
  timeZone?: string;
  /** ISO 3166-1 alpha-2, for flows that name none. */
  region?: string;
  /** Where the actions of flows may send requests to. Default: public addresses. */
  http?: HttpPolicy;
  limits?: {
    /** A call is ended after this long. */
    maxDurationMs?: number;
    /** The caller's silence that counts as one. */
    noInputMs?: number;
  };
}

const modelSpec = z.union([z.string().min(1), z.custom<ModelSpec>(isObject)]);

const configSchema = z
  .strictObject({
    name: z.string().min(1).optional(),
    flow: z.union([z.string().min(1), z.custom<Flow>(isObject)]).optional(),
    agent: z.custom<AgentConfig['agent']>((value) => typeof value === 'function').optional(),
    llm: z.union([modelSpec, z.array(modelSpec).min(1)]).optional(),
    models: z
      .strictObject({
        firstTokenMs: z.number().positive().optional(),
        hedgeAfterMs: z.number().positive().optional(),
        prices: z.custom<CreateModelOptions['prices']>(isObject).optional(),
      })
      .optional(),
    seed: z.record(z.string(), z.json()).optional(),
    tools: z.array(z.custom<Tool>(isTool, 'expected a tool, as functionTool makes one')).optional(),
    speech: z
      .strictObject({
        stt: z.enum(['local', 'local/base', 'local/tiny']).optional(),
        tts: z.enum(['local', 'local/slt', 'local/rms']).optional(),
      })
      .optional(),
    store: z
      .union([z.string().refine(isStoreSpec), z.custom<SessionStore>(isObject)], {
        error: `expected a store, or ${STORE_SPECS}`,
      })
      .optional(),
    lockBackend: z.custom<LockBackend>(isObject).optional(),
    greeting: z.string().optional(),
    timeZone: z.string().refine(isTimeZone, 'expected an IANA time zone').optional(),
    region: z
      .string()
      .regex(/^[A-Za-z]{2}$/, 'expected two letters')
      .optional(),
    http: z
      .strictObject({
        allowPrivate: z.union([z.boolean(), z.array(z.string())]).optional(),
        maxResponseBytes: z.number().positive().optional(),
      })
      .optional(),
    limits: z
      .strictObject({
        maxDurationMs: z.number().positive().optional(),
        noInputMs: z.number().positive().optional(),
      })
      .optional(),
  })
  .refine(({ flow, agent }) => flow === undefined || agent === undefined, {
    message: 'give either flow or agent, not both',
  });

/** Types the default export of `agent.config.ts`. It is checked when a command reads it. */
export function defineConfig(config: AgentConfig): AgentConfig {
  return config;
}

const FILE_NAMES = ['agent.config.ts', 'agent.config.js', 'agent.config.mjs'];

/** The configuration of the folder, empty if it has none. Throws a UsageError for a bad one. */
export async function loadConfig(folder: string = process.cwd()): Promise<AgentConfig> {
  const file = FILE_NAMES.map((name) => resolve(folder, name)).find((path) => existsSync(path));
  return file === undefined ? {} : checkConfig(await defaultExport(file), file);
}

async function defaultExport(file: string): Promise<unknown> {
  try {
    const module: { default?: unknown } = await import(pathToFileURL(file).href);
    return module.default;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${file} cannot be loaded: ${reason}`, { cause: error });
  }
}

function checkConfig(value: unknown, file: string): AgentConfig {
  if (value === undefined) {
    throw new UsageError(`${file} must end with: export default defineConfig({ … })`);
  }
  const checked = configSchema.safeParse(value);
  if (!checked.success) {
    const issues = checked.error.issues.map(({ path, message }) =>
      path.length > 0 ? `${path.join('.')}: ${message}` : message,
    );
    throw new UsageError(`${file}: ${issues.join('; ')}`);
  }
  // The schema checked it field by field; what is absent stays absent.
  return value as AgentConfig;
}

function isTool(value: unknown): boolean {
  return isObject(value) && typeof (value as Partial<Tool>).run === 'function';
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
