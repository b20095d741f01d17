import { z } from 'zod';
import { namedValues } from '../named-record.ts';
import { flowSchema } from './schema.ts';

/** The JSON Schema (draft 2020-12) of a flow file, for editors. */
export function flowJsonSchema(): object {
  const { $schema, ...rest } = describe(flowSchema);
  return {
    $schema,
    title: 'superdialog flow',
    description: 'A conversation on rails: nodes, edges, slots and the words of a voice agent.',
    ...rest,
  };
}

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What an author writes, before defaults are filled in. */
function describe(schema: z.ZodType): JsonSchema {
  const described = z.toJSONSchema(schema, {
    io: 'input',
    // A refinement has no JSON Schema: the loader checks it.
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      const valueSchema = namedValues(zodSchema);
      if (valueSchema === undefined) return;
      const { $schema: _, ...values } = describe(valueSchema);
      Object.assign(jsonSchema, { type: 'object', additionalProperties: values });
    },
  });
  return withoutReferences(described);
}

/** The one schema that refers to itself is `z.json()`, and anything goes there. */
function withoutReferences(described: JsonSchema): JsonSchema {
  const text = JSON.stringify(described, (key, value) => {
    if (key === '$defs') return undefined;
    if (!isReference(value)) return value;
    const { $ref: _, ...rest } = value;
    return rest;
  });
  return JSON.parse(text);
}

function isReference(value: unknown): value is { $ref: unknown } {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, '$ref');
}
