/**
 * `superdialog-voice`: machines, agents, sessions and models. Loads neither LiveKit nor speech models.
 *
 * @module superdialog-voice
 */
export type {
  Agent,
  AgentFeatures,
  Draft,
  HostEffect,
  Move,
  MoveReason,
  OwnStreamChunk,
  OwnTurnResult,
  Refusal,
  StreamChunk,
  ToolCall,
  TurnInput,
  TurnOptions,
  TurnResult,
} from './agent/agent.ts';
export { ChatAgent, type ChatAgentOptions } from './agent/chat-agent.ts';
export { type AnsweredToolCall, ChatContext, type ChatMessage } from './agent/chat-context.ts';
export type { ChatTurn } from './agent/chat-turn.ts';
export { DraftConflictError } from './agent/draft-conflict.ts';
export {
  LangChainAgent,
  type LangChainAgentOptions,
  type LangChainInput,
  type LangChainRunnable,
  RunnableError,
} from './agent/langchain-agent.ts';
export type { LangChainMessage } from './agent/langchain-chunks.ts';
export { LLMAgent, type LLMAgentOptions } from './agent/llm-agent.ts';
export { type AgentConfig, defineConfig, loadConfig } from './config.ts';
export { SuperdialogError, UsageError } from './errors.ts';
export { FlowError, type FlowProblem } from './flow/errors.ts';
export { Flow } from './flow/flow.ts';
export { FlowSet } from './flow/flow-set.ts';
export type { Edge, FlowNode, Slot, SlotType } from './flow/types.ts';
export type { Json, JsonObject } from './json.ts';
export {
  type CreateModelOptions,
  createModel,
  type ModelSettings,
  type ModelSpec,
} from './llm/create-model.ts';
export {
  type CustomModelOptions,
  type ModelFactory,
  registerProvider,
} from './llm/custom-provider.ts';
export { ModelError, type ModelErrorCode } from './llm/errors.ts';
export { type FallbackOptions, fallbackModel } from './llm/fallback-model.ts';
export type {
  LanguageModel,
  ModelCall,
  ModelDelta,
  ModelMessage,
  ModelRequest,
  ModelThought,
  ModelTool,
  ModelToolCall,
  ModelUsage,
  StreamOptions,
  WarmReport,
} from './llm/model.ts';
export type { ModelPrice, ModelPrices } from './llm/model-cost.ts';
export { advance } from './machine/core/advance.ts';
export type { Effect, MachineEvent } from './machine/core/events.ts';
export { type FlowState, initialState } from './machine/core/state.ts';
export { DialogMachine, type DialogMachineOptions } from './machine/dialog-machine.ts';
export { type WarmOptions, warmFlow } from './machine/warm.ts';
export type { AgentFactory } from './session/agent-state.ts';
export { FileSessionStore } from './session/file-store.ts';
export type { SessionAgent, SessionHandle } from './session/handle.ts';
export { SessionClosedError, TurnRunningError } from './session/held-session.ts';
export type { LeaseOptions } from './session/lease-locks.ts';
export {
  InProcessLockBackend,
  type LockBackend,
  LockTimeoutError,
  type SessionLock,
} from './session/lock.ts';
export { InMemorySessionStore } from './session/memory-store.ts';
export { NullSessionStore } from './session/null-store.ts';
export type { RedisCommands, RedisOptions } from './session/redis-connection.ts';
export { RedisLockBackend, type RedisLockOptions } from './session/redis-locks.ts';
export { RedisSessionStore, type RedisStoreOptions } from './session/redis-store.ts';
export { SessionReentryError } from './session/reentry.ts';
export { SessionIdError } from './session/session-id.ts';
export { SQLiteLockBackend } from './session/sqlite-locks.ts';
export { SQLiteSessionStore } from './session/sqlite-store.ts';
export {
  type SaveOptions,
  SessionConflictError,
  SessionCorruptError,
  SessionFormatError,
  type SessionRecord,
  type SessionStamp,
  type SessionStore,
  StoreUnreachableError,
} from './session/store.ts';
export { type StoreParts, storeOf } from './session/store-spec.ts';
export {
  type AcquireOptions,
  SessionLimitError,
  SessionWorker,
  type SessionWorkerOptions,
} from './session/worker.ts';
export type { ArgumentSchema, ArgumentsOf, StandardSchema } from './tools/arguments.ts';
export {
  type FunctionToolDefinition,
  functionTool,
} from './tools/function-tool.ts';
export { httpAuth } from './tools/http-auth.ts';
export type { HttpPolicy } from './tools/http-policy.ts';
export {
  type HttpToolDefinition,
  httpTool,
} from './tools/http-tool.ts';
export {
  discoverMcpTools,
  type McpDiscovery,
  type McpServer,
  type McpServerToolDefinition,
  type McpTools,
  mcpServerTool,
} from './tools/mcp.ts';
export { McpPackageMissingError, McpServerError } from './tools/mcp-errors.ts';
export type {
  Tool,
  ToolContext,
  ToolEffect,
  ToolResult,
} from './tools/tool.ts';
