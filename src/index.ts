export type {
  Agent,
  AgentFeatures,
  Draft,
  HostEffect,
  Move,
  MoveReason,
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
export { type CreateModelOptions, createModel, type ModelSpec } from './llm/create-model.ts';
export { registerProvider } from './llm/custom-provider.ts';
export { ModelError } from './llm/errors.ts';
export { fallbackModel } from './llm/fallback-model.ts';
export type {
  LanguageModel,
  ModelCall,
  ModelDelta,
  ModelMessage,
  ModelRequest,
  ModelUsage,
} from './llm/model.ts';
export type { ModelPrice, ModelPrices } from './llm/model-cost.ts';
export { advance } from './machine/core/advance.ts';
export type { Effect, MachineEvent } from './machine/core/events.ts';
export { type FlowState, initialState } from './machine/core/state.ts';
export {
  DialogMachine,
  type DialogMachineOptions,
  DraftConflictError,
} from './machine/dialog-machine.ts';
export type { SessionAgent, SessionHandle } from './session/handle.ts';
export { SessionClosedError } from './session/held-session.ts';
export { InProcessLockBackend, type LockBackend, type SessionLock } from './session/lock.ts';
export { InMemorySessionStore } from './session/memory-store.ts';
export { NullSessionStore } from './session/null-store.ts';
export { SessionConflictError, type SessionRecord, type SessionStore } from './session/store.ts';
export {
  SessionLimitError,
  SessionWorker,
  type SessionWorkerOptions,
} from './session/worker.ts';
export type { ArgumentSchema, ArgumentsOf, StandardSchema } from './tools/arguments.ts';
export {
  type FunctionToolDefinition,
  type FunctionToolDefinition,
  functionTool,
  functionTool,
} from './tools/function-tool.ts';
export { httpAuth } from './tools/http-auth.ts';
export type { HttpPolicy } from './tools/http-policy.ts';
export {
  type HttpToolDefinition,
  type HttpToolDefinition,
  httpTool,
  httpTool,
} from './tools/http-tool.ts';
export {
  discoverMcpTools,
  discoverMcpTools,
  type McpDiscovery,
  type McpDiscovery,
  type McpServer,
  type McpServer,
  type McpServerToolDefinition,
  type McpTools,
  type McpTools,
  mcpServerTool,
} from './tools/mcp.ts';
export { McpPackageMissingError, McpServerError } from './tools/mcp-errors.ts';
export type {
  Tool,
  Tool,
  ToolContext,
  ToolContext,
  ToolEffect,
  ToolEffect,
  ToolResult,
  ToolResult,
} from './tools/tool.ts';
