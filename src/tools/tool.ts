import type { Json, JsonObject } from '../json.ts';

/** Whether running it twice does no harm. A `write` waits until its turn is committed. */
export type ToolEffect = 'read' | 'write';

/** What came of a tool or an action. A failure is data, never an exception. */
export interface ToolResult {
  success: boolean;
  /** HTTP status, where there was one. */
  status: number | null;
  data: Json;
  /** What went wrong, for the flow and the log; holds no secrets. */
  error: string | null;
}

/** What a running tool is given beside its arguments. */
export interface ToolContext {
  signal: AbortSignal;
  /** The same for every attempt at the same effect; goes out as `Idempotency-Key`. */
  idempotencyKey?: string;
}

/** Something that a model may call or a flow may run. */
export interface Tool {
  /** Name as the model sees it; matches /^[\w-]{1,64}$/. */
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments: an object. */
  readonly inputSchema: JsonObject;
  readonly effect: ToolEffect;
  /** Never rejects but with the signal's reason. */
  run(args: JsonObject, context: ToolContext): Promise<ToolResult>;
}
