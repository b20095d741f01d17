import { z } from 'zod';
import { namedRecord } from '../named-record.ts';
import { isTimeZone } from '../time-zone.ts';

/*
 * The flow file as it is written. Objects of the original library are loose: exports of its editor
 * carry keys that mean nothing here. Objects of our own are strict, so that a typing error is found.
 */

const text = z.string();
const id = z.string().min(1);
const textOrList = z.union([text, z.array(text).min(1)]);
const jsonSchema = z.looseObject({
  type: z.string().optional(),
  properties: namedRecord(z.looseObject({ description: text.optional() })).optional(),
  required: z.array(text).optional(),
});

const keyValues = z.union([
  namedRecord(z.json()),
  z.array(z.looseObject({ key: id, value: z.json() })),
]);

const actionTrigger = z.looseObject({
  trigger: z.enum(['on_enter', 'on_exit']),
  action_id: id,
});

const criterion = z.looseObject({
  key: id,
  description: text.default(''),
  required: z.boolean().default(true),
});

const match = z.strictObject({
  dtmf: textOrList.optional(),
  patterns: z.array(text).min(1).optional(),
  examples: z.array(text).min(1).optional(),
  intent: id.optional(),
  collected: z.literal(true).optional(),
  always: z.literal(true).optional(),
  silence: z.int().min(1).optional(),
  threshold: z.number().min(0).max(1).optional(),
});

const edge = z.looseObject({
  id,
  condition: text.default(''),
  target_node_id: id.nullish(),
  guard: text.nullish(),
  input_schema: jsonSchema.nullish(),
  criteria: z.array(criterion).nullish(),
  is_fallback: z.boolean().nullish(),
  actions: z.array(actionTrigger).nullish(),
  match: match.optional(),
  set: namedRecord(z.json()).optional(),
  detour: z.boolean().optional(),
});

const lines = z.strictObject({
  recovery: textOrList.optional(),
  hold: textOrList.optional(),
  no_input: textOrList.optional(),
  no_match: textOrList.optional(),
  partial: textOrList.optional(),
  confirm: textOrList.optional(),
  goodbye: textOrList.optional(),
  transfer_failed: textOrList.optional(),
});

const tool = z.looseObject({
  id,
  name: text.optional(),
  description: text.default(''),
  input_schema: jsonSchema.nullish(),
  type: z.enum(['python', 'http', 'mcp']).optional(),
  handler_id: text.nullish(),
  effect: z.enum(['read', 'write']).optional(),
  url: text.nullish(),
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).nullish(),
  headers: keyValues.nullish(),
  auth: z.strictObject({ type: z.literal('bearer'), token: text.min(1) }).nullish(),
  server: text.nullish(),
});

const node = z.looseObject({
  id,
  name: text.optional(),
  instruction: text.nullish(),
  static_text: textOrList.nullish(),
  is_final: z.boolean().nullish(),
  outcome: text.optional(),
  node_type: z.enum(['instruction', 'static', 'router', 'final']).nullish(),
  auto_proceed: z.boolean().nullish(),
  edges: z.array(edge).nullish(),
  actions: z.array(actionTrigger).nullish(),
  completion_criteria: z.array(criterion).nullish(),
  allow_skip: z.boolean().nullish(),
  max_turns: z.int().min(1).nullish(),
  interruptible: z.boolean().nullish(),
  tools: z.array(z.union([id, tool])).nullish(),
  collect: z.array(id).optional(),
  must_be_heard: z.boolean().optional(),
  transfer: z
    .strictObject({
      to: text.min(1),
      mode: z.enum(['cold', 'warm']).default('cold'),
      announce: text.optional(),
    })
    .optional(),
  hang_up: z.boolean().optional(),
  lines: lines.optional(),
  endpointing: z
    .strictObject({ minMs: z.number().min(0).optional(), maxMs: z.number().min(0).optional() })
    .optional(),
});

const slotOption = z.union([
  z.string().min(1),
  z.strictObject({ value: z.string().min(1), synonyms: z.array(z.string().min(1)).default([]) }),
]);

const slot = z.strictObject({
  type: z
    .enum([
      'text',
      'number',
      'integer',
      'digits',
      'date',
      'time',
      'datetime',
      'phone',
      'email',
      'enum',
      'boolean',
    ])
    .default('text'),
  values: z.array(slotOption).min(1).optional(),
  pattern: text.optional(),
  length: z.int().min(1).optional(),
  confirm: z.boolean().default(false),
  sensitive: z.boolean().default(false),
  invalidates: z.array(id).default([]),
  description: text.optional(),
});

const action = z.looseObject({
  id,
  name: text.optional(),
  description: text.default(''),
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']),
  url: text.min(1),
  headers: keyValues.nullish(),
  body: z.json().optional(),
  timeout: z.number().positive().optional(),
  store_response_as: text.nullish(),
  identifier: text.nullish(),
  env_updates: z.array(z.looseObject({ env_key: id, result_path: text })).nullish(),
  run_once: z.boolean().nullish(),
  string_fields: z.array(text).nullish(),
  condition: text.nullish(),
  effect: z.enum(['read', 'write']).optional(),
});

export const flowSchema = z.looseObject({
  name: text.optional(),
  version: text.optional(),
  system_prompt: text.default(''),
  initial_node: id,
  nodes: z.array(node).min(1),
  global_edges: z.array(edge).nullish(),
  actions: z.array(action).nullish(),
  global_actions: z.array(action).nullish(),
  environment_variables: keyValues.nullish(),
  env_vars: keyValues.nullish(),
  tools: z.array(tool).nullish(),
  objective: text.nullish(),
  agent_language: text.nullish(),
  agent_gender: text.nullish(),
  agent_tone: text.nullish(),
  slots: namedRecord(slot).optional(),
  intents: namedRecord(
    z.strictObject({
      examples: z.array(text).default([]),
      patterns: z.array(text).default([]),
    }),
  ).optional(),
  lines: lines.optional(),
  limits: z
    .strictObject({
      maxTurns: z.int().min(1).optional(),
      maxDurationMs: z.number().positive().optional(),
    })
    .optional(),
  time_zone: text.refine(isTimeZone, 'expected an IANA time zone, as in Europe/London').optional(),
  region: text.regex(/^[A-Za-z]{2}$/, 'expected two letters, as in GB').optional(),
  match: z
    .strictObject({
      threshold: z.number().min(0).max(1).optional(),
      margin: z.number().min(0).max(1).optional(),
    })
    .optional(),
});

export type FlowFile = z.infer<typeof flowSchema>;
export type NodeFile = z.infer<typeof node>;
export type EdgeFile = z.infer<typeof edge>;
export type SlotFile = z.infer<typeof slot>;
export type LinesFile = z.infer<typeof lines>;
export type MatchFile = z.infer<typeof match>;
export type ActionFile = z.infer<typeof action>;
export type ActionTriggerFile = z.infer<typeof actionTrigger>;
export type ToolFile = z.infer<typeof tool>;
export type JsonSchemaFile = z.infer<typeof jsonSchema>;
