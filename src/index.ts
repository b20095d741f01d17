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
export { ChatContext, type ChatMessage } from './agent/chat-context.ts';
export { type AgentConfig, defineConfig, loadConfig } from './config.ts';
export { SuperdialogError, UsageError } from './errors.ts';
export { FlowError, type FlowProblem } from './flow/errors.ts';
export { Flow } from './flow/flow.ts';
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
export type { HttpPolicy } from './tools/http-policy.ts';
