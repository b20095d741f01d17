import type { JsonObject } from '../json.ts';
import {
  type ArgumentCheck,
  type ArgumentSchema,
  type ArgumentsOf,
  isStandard,
  jsonCheck,
  modelSchema,
  type StandardSchema,
  standardCheck,
} from './arguments.ts';
import { failed, succeeded } from './result.ts';
import { DEFAULT_TIMEOUT_MS, TimeLimitError, withinTime } from './time-limit.ts';
import { toJson } from './to-json.ts';
import type { Tool, ToolContext, ToolEffect, ToolResult } from './tool.ts';
import { checkToolName } from './tool-name.ts';

/** A function, and what a model has to know to call it. */
export interface FunctionToolDefinition<Args> {
  name: string;
  description: string;
  /** JSON Schema for the model, where the schema's library cannot write it. */
  inputSchema?: JsonObject;
  /** Default `write`. */
  effect?: ToolEffect;
  /** Default 10,000. */
  timeoutMs?: number;
  /** Gets checked arguments; what it returns must be JSON. It may throw, and should heed the signal. */
  run(args: Args, context: ToolContext): unknown;
}

/**
 * A function as a tool. Wrong arguments, errors and time-outs are failed results; an error's message
 * stays out of them, because it may quote what it was given. Throws a UsageError for a bad definition.
 */
export function functionTool<Schema extends ArgumentSchema>(
  definition: FunctionToolDefinition<ArgumentsOf<Schema>> & { schema: Schema },
): Tool;
export function functionTool({
  schema,
  ...definition
}: FunctionToolDefinition<unknown> & { schema: ArgumentSchema }): Tool {
  return isStandard(schema) ? standardTool(schema, definition) : jsonTool(schema, definition);
}

function standardTool(schema: StandardSchema, definition: FunctionToolDefinition<unknown>): Tool {
  const inputSchema = definition.inputSchema ?? modelSchema(definition.name, schema);
  return toolOf(definition, inputSchema, standardCheck(schema));
}

function jsonTool(schema: JsonObject, definition: FunctionToolDefinition<unknown>): Tool {
  return toolOf(definition, definition.inputSchema ?? schema, jsonCheck(definition.name, schema));
}

function toolOf(
  { name, description, effect = 'write', timeoutMs, run }: FunctionToolDefinition<unknown>,
  inputSchema: JsonObject,
  check: ArgumentCheck<unknown>,
): Tool {
  checkToolName(name);
  return {
    name,
    description,
    inputSchema,
    effect,
    run: (args, context) => runChecked(args, context, { check, run, timeoutMs }),
  };
}

interface CheckedFunction {
  check: ArgumentCheck<unknown>;
  run: FunctionToolDefinition<unknown>['run'];
  timeoutMs: number | undefined;
}

async function runChecked(
  args: JsonObject,
  context: ToolContext,
  { check, run, timeoutMs = DEFAULT_TIMEOUT_MS }: CheckedFunction,
): Promise<ToolResult> {
  try {
    return await withinTime(timeoutMs, context.signal, async (signal) => {
      const checked = await check(args);
      if ('problem' in checked) return failed(`wrong arguments: ${checked.problem}`);
      return resultOf(await run(checked.value, { ...context, signal }));
    });
  } catch (error) {
    context.signal.throwIfAborted();
    return failed(
      error instanceof TimeLimitError ? error.message : `the function threw ${kindOf(error)}`,
    );
  }
}

function resultOf(value: unknown): ToolResult {
  try {
    return succeeded(toJson(value));
  } catch {
    return failed('the function returned something that cannot be written as JSON');
  }
}

/** The error's class. */
function kindOf(error: unknown): string {
  const name = error instanceof Error ? error.constructor.name : typeof error;
  return name === '' ? 'Error' : name;
}
