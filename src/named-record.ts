import { z } from 'zod';

const valueSchemas = new WeakMap<object, z.ZodType>();

/** The schema of the values, if this is the schema of a named record. */
export function namedValues(schema: object): z.ZodType | undefined {
  return valueSchemas.get(schema);
}

/**
 * An object whose names are data. Unlike `z.record` it keeps a name such as `__proto__`; read the
 * result with `own` or `Object.entries`.
 */
export function namedRecord<T>(value: z.ZodType<T>): z.ZodType<Record<string, T>> {
  const record = z
    .custom<object>(isPlainObject, 'expected an object')
    .transform((input, context) => {
      const entries = Object.entries(input).map(([name, raw]) => {
        const checked = value.safeParse(raw);
        for (const issue of checked.error?.issues ?? []) {
          context.issues.push({
            ...issue,
            path: [name, ...issue.path],
            input: raw,
          } as z.core.$ZodRawIssue);
        }
        return [name, checked.data] as const;
      });
      // A name without a value left an issue, which fails the whole.
      return Object.fromEntries(entries) as Record<string, T>;
    });
  valueSchemas.set(record, value);
  return record;
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
