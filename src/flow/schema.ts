import { z } from 'zod';
import { namedRecord } from '../named-record.ts';
import { isTimeZone } from '../time-zone.ts';
import { action, id, jsonSchema, keyValues, slot, text, textOrList, tool } from './schema-parts.ts';

/*
 * The flow file as it is written. Objects of the original library are loose: exports of its editor
 * carry keys that mean nothing here. Objects of our own are strict, so that a typing error is found.
 */

const actionTrigger = z.looseObject({
  trigger: z.enum(['on_enter', 'on_exit']).describe('When, at a node. At an edge: on the way.'),
  action_id: id.describe('Id of the action.'),
});

const criterion = z.looseObject({
  key: id.describe('Slot that has to be filled.'),
  description: text.default('').describe('What it is, for the model.'),
  required: z.boolean().default(true).describe('False: good to have.'),
});

const share = z.number().min(0).max(1).optional();

const match = z.strictObject({
  dtmf: textOrList.optional().describe('Keys of the telephone: "1", "#", or several.'),
  patterns: z
    .array(text)
    .min(1)
    .optional()
    .describe('Regular expressions, without regard to case; no lookaround, no \\1.'),
  examples: z
    .array(text)
    .min(1)
    .optional()
    .describe('Sentences that callers say, compared by words.'),
  intent: id.optional().describe('Name of a list in intents, or yes, no, goodbye, repeat, …'),
  collected: z.literal(true).optional().describe('All slots of collect are filled.'),
  always: z.literal(true).optional().describe('Taken if nothing else is.'),
  silence: z.int().min(1).optional().describe('Taken at the n-th silence in a row.'),
  threshold: share.describe('How alike an example has to be, 0 to 1. Default: that of the flow.'),
});

const edge = z.looseObject({
  id: id.describe('Name of the move. Not stay, not return, and without >.'),
  condition: text
    .default('')
    .describe('When to take it, for the model. "always" and comparisons need no model.'),
  target_node_id: id.nullish().describe('Id of the node it leads to.'),
  guard: text.nullish().describe('Jinja expression over the data; the edge is closed while false.'),
  input_schema: jsonSchema
    .nullish()
    .describe('JSON Schema of slots that the move carries; the required ones must be filled.'),
  criteria: z.array(criterion).nullish().describe('Slots that must be filled for this move.'),
  is_fallback: z.boolean().nullish().describe('Taken where the call gets no further here.'),
  actions: z.array(actionTrigger).nullish().describe('Actions that run on the way.'),
  match: match.optional().describe('What lets it be taken without a model.'),
  set: namedRecord(z.json())
    .optional()
    .describe('Data that the move sets; texts are templates, null clears a slot.'),
  detour: z
    .boolean()
    .optional()
    .describe('For global edges: false does not come back. Default true.'),
});

const line = textOrList.optional();

const lines = z.strictObject({
  recovery: line.describe('The model or the engine has failed.'),
  hold: line.describe('Something takes longer than a second.'),
  no_input: line.describe('The caller is silent: first time, second time, …'),
  no_match: line.describe('The caller was not understood: first time, second time, …'),
  partial: line.describe('The caller has given the beginning of a value.'),
  confirm: line.describe('Reads a value back; sees slot and value.'),
  goodbye: line.describe('The engine has to end the call.'),
  transfer_failed: line.describe('Nobody took the call.'),
});

const node = z.looseObject({
  id: id.describe('Name by which edges lead here.'),
  name: text.optional().describe('Name for people.'),
  instruction: text.nullish().describe('What this step is for, for the model. Template.'),
  static_text: textOrList.nullish().describe('Words as they are spoken, or variants. Templates.'),
  is_final: z.boolean().nullish().describe('The call ends here, when the words were heard.'),
  outcome: text.optional().describe('How the call ended, for the report.'),
  node_type: z
    .enum(['instruction', 'static', 'router', 'final'])
    .nullish()
    .describe('Default: by the words it has. A router has none and never speaks.'),
  auto_proceed: z.boolean().nullish().describe('Speaks and goes on without listening.'),
  edges: z.array(edge).nullish().describe('Ways on from here.'),
  actions: z.array(actionTrigger).nullish().describe('Actions that run on entering or leaving.'),
  completion_criteria: z
    .array(criterion)
    .nullish()
    .describe('What has to be known before the call moves on.'),
  allow_skip: z
    .boolean()
    .nullish()
    .describe('False: no insisting of the caller gets past the criteria. Default true.'),
  max_turns: z
    .int()
    .min(1)
    .nullish()
    .describe('After so many utterances the fallback edge is taken.'),
  interruptible: z.boolean().nullish().describe('False: the caller cannot cut these words off.'),
  tools: z
    .array(z.union([id, tool]))
    .nullish()
    .describe('Tools on offer here, by id or written out. Without any: all of the flow.'),
  collect: z.array(id).optional().describe('Slots that this node asks for.'),
  must_be_heard: z.boolean().optional().describe('Said again if it was cut off.'),
  transfer: z
    .strictObject({
      to: text.min(1).describe('tel: or sip: address. Template.'),
      mode: z.enum(['cold', 'warm']).default('cold').describe('warm: it is announced first.'),
      announce: text.optional().describe('What the other side hears. Template.'),
    })
    .optional()
    .describe('Hands the call over when the words were heard.'),
  hang_up: z.boolean().optional().describe('Hangs up when the words were heard.'),
  lines: lines.optional().describe("The engine's own sentences at this node."),
  endpointing: z
    .strictObject({
      minMs: z.number().min(0).optional().describe('Shortest pause, in milliseconds.'),
      maxMs: z.number().min(0).optional().describe('Longest pause, in milliseconds.'),
    })
    .optional()
    .describe("How long a pause ends the caller's turn here."),
});

const intent = z.strictObject({
  examples: z.array(text).default([]).describe('Sentences that callers say.'),
  patterns: z.array(text).default([]).describe('Regular expressions, without regard to case.'),
});

export const flowSchema = z.looseObject({
  name: text.optional().describe('Name of the flow. Default: that of the file.'),
  version: text.optional().describe('Stands in saved states and reports.'),
  system_prompt: text.default('').describe('Who the agent is, for the model. Template.'),
  initial_node: id.describe('Id of the node where a call begins.'),
  nodes: z.array(node).min(1).describe('The steps of the conversation.'),
  global_edges: z
    .array(edge)
    .nullish()
    .describe('Moves on offer everywhere, as "I want a person".'),
  actions: z.array(action).nullish().describe('HTTP requests that nodes and edges set off.'),
  global_actions: z.array(action).nullish().describe('The same as actions.'),
  environment_variables: keyValues.nullish().describe('Constants for templates and guards.'),
  env_vars: keyValues.nullish().describe('The same as environment_variables.'),
  tools: z.array(tool).nullish().describe('What the model may call.'),
  objective: text.nullish().describe('What the call has to achieve, for the model.'),
  agent_language: text.nullish().describe('Language tag, as in en-GB. Default en.'),
  agent_gender: text.nullish().describe('For the model, in languages where it matters.'),
  agent_tone: text.nullish().describe('How the agent talks, for the model.'),
  slots: namedRecord(slot).optional().describe('The values that the flow collects, by name.'),
  intents: namedRecord(intent)
    .optional()
    .describe('Lists of ways to say one thing, by name. yes, no and others are built in.'),
  lines: lines.optional().describe('The sentences that the engine itself may need.'),
  limits: z
    .strictObject({
      maxTurns: z.int().min(1).optional().describe('Turns after which the call ends.'),
      maxDurationMs: z.number().positive().optional().describe('Milliseconds.'),
    })
    .optional()
    .describe('Bounds of a whole conversation.'),
  time_zone: text
    .refine(isTimeZone, 'expected an IANA time zone, as in Europe/London')
    .optional()
    .describe('IANA name. "Tomorrow" is counted in it.'),
  region: text
    .regex(/^[A-Za-z]{2}$/, 'expected two letters, as in GB')
    .optional()
    .describe('Country of phone numbers without a country code, as in GB.'),
  match: z
    .strictObject({
      threshold: share.describe('How alike an example has to be, 0 to 1. Default 0.8.'),
      margin: share.describe('How far the next best has to be away. Default 0.1.'),
    })
    .optional()
    .describe('How examples are compared.'),
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
