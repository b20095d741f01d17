import type {
  Agent,
  AgentFeatures,
  Draft,
  StreamChunk,
  TurnInput,
  TurnOptions,
  TurnResult,
} from '../agent/agent.ts';
import type { ChatContext } from '../agent/chat-context.ts';

/** An agent of the protocol, with whatever else it offers. */
export type SessionAgent = Agent & Partial<AgentFeatures>;

/** One held session: its agent, alone in reach of the holder until the handle is disposed. */
export interface SessionHandle extends AsyncDisposable, Pick<Agent, 'turn'> {
  readonly id: string;
  readonly chatCtx: ChatContext;
  /** The agent's state, or `null` for an agent that has none. */
  readonly flowState: object | null;
  turn(input: string | TurnInput, options?: TurnOptions & { stream?: false }): Promise<TurnResult>;
  turn(
    input: string | TurnInput,
    options: TurnOptions & { stream: true },
  ): AsyncIterable<StreamChunk>;
  /**
   * Works a turn out without letting it happen. An agent that cannot draft does the whole turn
   * when the stream is read; its history is then corrected through `heard` alone.
   */
  draft(input: string | TurnInput, options?: TurnOptions): Draft;
  /** Tells what was played of a message; less than all of it marks the message interrupted. */
  heard(messageId: string, text: string): void;
  assist(text: string): void;
  /** Saves the session now. */
  checkpoint(): Promise<void>;
}
