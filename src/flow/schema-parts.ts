import { z } from 'zod';
import { namedRecord } from '../named-record.ts';

/*
 * What a flow file has beside its nodes and edges: slots, actions, tools. Descriptions are for
 * editors, which show them at the field.
 */

export const text = z.string();
export const id = z.string().min(1);
export const textOrList = z.union([text, z.array(text).min(1)]);

export const jsonSchema = z.looseObject({
  type: text.optional(),
  properties: namedRecord(z.looseObject({ description: text.optional() })).optional(),
  required: z.array(text).optional(),
});

/** A map, or the list of its entries that editors write. */
export const keyValues = z.union([
  namedRecord(z.json()),
  z.array(z.looseObject({ key: id, value: z.json() })),
]);

const headerValue = z.union([text, z.number(), z.boolean(), z.null()]);
const headers = z.union([
  namedRecord(headerValue),
  z.array(z.looseObject({ key: id, value: headerValue })),
]);

const effect = z
  .enum(['read', 'write'])
  .optional()
  .describe(
    'read: running it twice does no harm. write: it runs once, after its turn has happened.',
  );

const slotOption = z.union([
  z.string().min(1),
  z.strictObject({
    value: z.string().min(1).describe('The value as the flow uses it.'),
    synonyms: z.array(z.string().min(1)).default([]).describe('Other names that callers give it.'),
  }),
]);

export const slot = z.strictObject({
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
    .default('text')
    .describe('What kind of value it is. Dates become YYYY-MM-DD, times HH:MM, phones E.164.'),
  values: z.array(slotOption).min(1).optional().describe('For enum: what the value can be.'),
  pattern: text
    .optional()
    .describe('Regular expression that the whole value has to fit; no lookaround, no \\1.'),
  length: z.int().min(1).optional().describe('For digits and text: how many characters it has.'),
  confirm: z.boolean().default(false).describe('Read back; it counts only after a yes.'),
  sensitive: z.boolean().default(false).describe('Masked in logs and reports.'),
  invalidates: z.array(id).default([]).describe('Slots that are cleared when this one changes.'),
  description: text
    .optional()
    .describe('What the value is, for the model and for reading it back: "date of birth".'),
});

export const action = z.looseObject({
  id: id.describe('Name by which nodes and edges set it off.'),
  name: text.optional().describe('Name for people.'),
  description: text.default('').describe('What it is for. Not sent.'),
  method: z
    .enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])
    .describe('HTTP method.'),
  url: text
    .min(1)
    .describe('Template. Values are percent-encoded; constants of environment_variables are not.'),
  headers: headers.nullish().describe('HTTP headers; values are templates.'),
  body: z
    .json()
    .optional()
    .describe('What is sent: a template, or an object whose texts are templates.'),
  timeout: z.number().positive().optional().describe('Seconds. Default 30.'),
  store_response_as: text
    .nullish()
    .describe('Name under which templates and guards see {success, status, data, error}.'),
  identifier: text.nullish().describe('Kept for editors; means nothing here.'),
  env_updates: z
    .array(
      z.looseObject({
        env_key: id.describe('Name that gets the value.'),
        result_path: text.describe('Where it stands in the result: data.customer.id'),
      }),
    )
    .nullish()
    .describe('Single values taken out of the result.'),
  run_once: z.boolean().nullish().describe('At most one success in a whole session.'),
  string_fields: z
    .array(text)
    .nullish()
    .describe('Fields of the body that stay texts though they look like numbers.'),
  condition: text.nullish().describe('Template; the action is skipped where it gives nothing.'),
  effect,
  idempotent: z
    .boolean()
    .optional()
    .describe(
      'The server does the effect of one Idempotency-Key once, so a write in doubt is sent again.',
    ),
});

export const tool = z.looseObject({
  id: id.describe('Name that the model calls: 1 to 64 letters, digits, _ or -.'),
  name: text.optional().describe('Stands in for a missing description.'),
  description: text.default('').describe('What it does and when to use it, for the model.'),
  input_schema: jsonSchema.nullish().describe('JSON Schema of its arguments: an object.'),
  type: z
    .enum(['python', 'http', 'mcp'])
    .optional()
    .describe('Who runs it. Without a type, or with python: a function of the host.'),
  handler_id: text.nullish().describe("Name of the host's function. Default: the id."),
  effect,
  url: text.nullish().describe('For http: the address; {name} takes that argument.'),
  method: z
    .enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
    .nullish()
    .describe('For http. Default POST.'),
  headers: headers.nullish().describe('For http: headers as they are sent.'),
  auth: z
    .strictObject({
      type: z.literal('bearer').describe('The one kind there is.'),
      token: text.min(1).describe('Sent as Authorization: Bearer …'),
    })
    .nullish()
    .describe('For http.'),
  server: text.nullish().describe('For mcp: the address of the server that has the tool.'),
});
