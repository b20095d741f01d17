import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { UsageError } from '../../src/errors.ts';
import type { JsonObject } from '../../src/json.ts';
import { functionTool } from '../../src/tools/function-tool.ts';

const SECRET = 'card 4929';
const context = () => ({ signal: new AbortController().signal });

const booking = { name: 'book', description: 'Books a table.' };
const jsonSchema: JsonObject = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: { date: { type: 'string', format: 'date' }, people: { type: 'integer' } },
  required: ['date'],
  additionalProperties: false,
};

test('a zod schema checks the arguments, fills in its defaults and is shown to the model', async () => {
  const tool = functionTool({
    ...booking,
    schema: z.object({ date: z.string(), people: z.number().default(2) }),
    run: ({ date, people }) => ({ date, twice: people * 2 }),
  });
  expect(tool.inputSchema).toMatchObject({
    type: 'object',
    properties: { date: { type: 'string' }, people: { default: 2 } },
    required: ['date'],
  });
  expect(await tool.run({ date: 'today' }, context())).toEqual({
    success: true,
    status: null,
    data: { date: 'today', twice: 4 },
    error: null,
  });
});

test('a JSON Schema, of any draft it names, checks the arguments too', async () => {
  const tool = functionTool({ ...booking, schema: jsonSchema, run: (args) => args });
  expect(tool.inputSchema).toBe(jsonSchema);
  expect((await tool.run({ date: '2026-03-01' }, context())).success).toBe(true);
});

test.each([
  ['zod', z.strictObject({ date: z.iso.date(), people: z.number().optional() })],
  ['JSON Schema', jsonSchema],
])('%s: wrong arguments never reach the function, and are not quoted', async (_, schema) => {
  const run = vi.fn();
  const tool = functionTool({ ...booking, schema, run });
  const result = await tool.run({ date: SECRET, people: SECRET }, context());
  expect(result.success).toBe(false);
  expect(result.error).toMatch(/^wrong arguments: .*date.*people/);
  expect(result.error).not.toContain('4929');
  expect(run).not.toHaveBeenCalled();
});

test("a schema's own message that quotes a value is replaced", async () => {
  const schema = z.object({
    date: z.string().refine(() => false, { error: ({ input }) => `no: ${input}` }),
  });
  const tool = functionTool({ ...booking, schema, run: () => null });
  expect((await tool.run({ date: SECRET }, context())).error).toBe(
    'wrong arguments: date is not valid',
  );
});

test('a schema that throws is a failure', async () => {
  const schema = z.object({
    date: z.string().refine(() => {
      throw new Error(SECRET);
    }),
  });
  const tool = functionTool({ ...booking, schema, run: () => null });
  expect((await tool.run({ date: 'x' }, context())).error).toBe(
    'wrong arguments: they could not be checked',
  );
});

test('what a function throws is a failure without its message', async () => {
  for (const run of [
    () => {
      throw new RangeError(SECRET);
    },
    () => Promise.reject(new RangeError(SECRET)),
  ]) {
    const tool = functionTool({ ...booking, schema: z.object({}), run });
    expect(await tool.run({}, context())).toEqual({
      success: false,
      status: null,
      data: null,
      error: 'the function threw RangeError',
    });
  }
});

test('what cannot be written as JSON is a failure, nothing is null', async () => {
  const returning = (value: unknown) =>
    functionTool({ ...booking, schema: z.object({}), run: () => value }).run({}, context());
  expect((await returning(1n)).error).toMatch(/JSON/);
  expect(await returning(undefined)).toMatchObject({ success: true, data: null });
});

test('a function that ignores its signal is given up at the time limit', async () => {
  let stopped: AbortSignal | undefined;
  const tool = functionTool({
    ...booking,
    schema: z.object({}),
    timeoutMs: 20,
    run: (_, { signal }) => {
      stopped = signal;
      return new Promise(() => undefined);
    },
  });
  expect((await tool.run({}, context())).error).toBe('no answer within 20 ms');
  expect(stopped?.aborted).toBe(true);
});

test("the caller's signal rejects with its reason and reaches the function", async () => {
  const controller = new AbortController();
  const tool = functionTool({
    ...booking,
    schema: z.object({}),
    run: (_, { signal, idempotencyKey }) => {
      expect(idempotencyKey).toBe('key-1');
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('stopped')));
      });
    },
  });
  const running = tool.run({}, { signal: controller.signal, idempotencyKey: 'key-1' });
  setImmediate(() => controller.abort(new Error('the caller hung up')));
  await expect(running).rejects.toThrow('the caller hung up');
});

test('a function writes unless it says that it only reads', () => {
  const tool = { ...booking, schema: z.object({}), run: () => null };
  expect(functionTool(tool).effect).toBe('write');
  expect(functionTool({ ...tool, effect: 'read' }).effect).toBe('read');
});

test('a bad definition is refused at once', () => {
  const run = () => null;
  const schema = z.object({});
  expect(() => functionTool({ ...booking, name: 'book a table', schema, run })).toThrow(UsageError);
  expect(() => functionTool({ ...booking, schema: { type: 'thing' }, run })).toThrow(UsageError);
  const { validate, vendor, version } = schema['~standard'];
  const mute = { '~standard': { validate, vendor, version } };
  expect(() => functionTool({ ...booking, schema: mute, run })).toThrow(/inputSchema/);
  const inputSchema = { type: 'object' };
  expect(functionTool({ ...booking, schema: mute, inputSchema, run }).inputSchema).toBe(
    inputSchema,
  );
});
