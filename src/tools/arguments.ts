import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { UsageError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { compileSchemaPattern } from '../understanding/pattern.ts';
import { toJson } from './to-json.ts';

/** A schema of a library that follows https://standardschema.dev: the part that is needed here. */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    /** Checks a value. */
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
    /** Of a library that can write its schemas as JSON Schema too. */
    readonly jsonSchema?: {
      /** The schema as JSON Schema. */
      readonly input: (options: { target: 'draft-2020-12' }) => Record<string, unknown>;
    };
  };
}

type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a tool takes: a schema of a library, or JSON Schema of an object. */
export type ArgumentSchema = StandardSchema | JsonObject;

/** What `run` gets: a standard schema's output, or what the model wrote. */
export type ArgumentsOf<Schema> = Schema extends StandardSchema<infer Output> ? Output : JsonObject;

export type CheckedArguments<Output> = { value: Output } | { problem: string };

/** Checks arguments. `problem` says what is wrong and where, without quoting a value. */
export type ArgumentCheck<Output> = (args: JsonObject) => Promise<CheckedArguments<Output>>;

/** Draft 2020-12. One for all: with `addUsedSchema` off it keeps nothing of what it compiles. */
const ajv = new Ajv2020({
  strict: false,
  allErrors: true,
  addUsedSchema: false,
  // A pattern of a schema meets what a model wrote: it must not be able to stall the process.
  code: { regExp: Object.assign(compileSchemaPattern, { code: 'compileSchemaPattern' }) },
});
addFormats.default(ajv);

export function isStandard(schema: ArgumentSchema): schema is StandardSchema {
  return '~standard' in schema;
}

/** The schema as the model is to see it. Throws a UsageError if it cannot be written so. */
export function modelSchema(tool: string, schema: ArgumentSchema): JsonObject {
  if (!isStandard(schema)) return schema;
  const { jsonSchema, vendor } = schema['~standard'];
  const written = toJson(jsonSchema?.input({ target: 'draft-2020-12' }));
  if (!isObject(written)) {
    throw new UsageError(
      `tool "${tool}": schemas of ${vendor} cannot be written as JSON Schema. ` +
        'Give the JSON Schema for the model as inputSchema.',
    );
  }
  return written;
}

/** Throws a UsageError if the JSON Schema is not valid. */
export function jsonCheck(tool: string, schema: JsonObject): ArgumentCheck<JsonObject> {
  const validate = compile(tool, schema);
  return async (args) => {
    if (validate(args)) return { value: args };
    const problems = (validate.errors ?? []).map(({ instancePath, message = 'is not valid' }) =>
      `${instancePath.slice(1).replaceAll('/', '.')} ${message}`.trim(),
    );
    return { problem: problems.join('; ') };
  };
}

export function standardCheck<Output>(schema: StandardSchema<Output>): ArgumentCheck<Output> {
  return async (args) => {
    const result = await validated(schema, args);
    if (result === undefined) return { problem: 'they could not be checked' };
    if (result.issues === undefined) return { value: result.value };
    const quotable = (message: string) => !textsIn(args).some((text) => message.includes(text));
    const problems = result.issues.map(({ path = [], message }) => {
      const place = path.map((part) => String(typeof part === 'object' ? part.key : part));
      return `${place.join('.')} ${quotable(message) ? message : 'is not valid'}`.trim();
    });
    return { problem: problems.join('; ') };
  };
}

/** `undefined` if a check of the schema's own threw. */
async function validated<Output>(
  schema: StandardSchema<Output>,
  args: JsonObject,
): Promise<StandardResult<Output> | undefined> {
  try {
    return await schema['~standard'].validate(args);
  } catch {
    return undefined;
  }
}

function compile(tool: string, { $schema: _, ...schema }: JsonObject) {
  try {
    return ajv.compile(schema);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`tool "${tool}": its schema is no valid JSON Schema: ${reason}`);
  }
}

/** Values long enough to be recognised in a message that quotes them. */
function textsIn(value: Json): string[] {
  if (value !== null && typeof value === 'object') return Object.values(value).flatMap(textsIn);
  const text = String(value);
  return typeof value !== 'boolean' && value !== null && text.length >= 3 ? [text] : [];
}

function isObject(value: Json): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
