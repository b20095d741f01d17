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
  /** The history. */
  readonly chatCtx: ChatContext;
  /** The agent's state, or `null` for an agent that has none. */
  readonly flowState: object | null;
  /** Aborted when the session was lost to another holder: nothing is saved any more. */
  readonly signal?: AbortSignal;
  /**
   * One turn at a time: a second one is refused with a TurnRunningError until the stream of the first
   * has ended, or was returned. A whole turn that fails, and a stream that ends before its first
   * words, leave the session as it was; a stream that is cut later stands with the words it yielded.
   */
  turn(input: string | TurnInput, options?: TurnOptions & { stream?: false }): Promise<TurnResult>;
  /** Does one turn and streams its words; the result comes last. */
  turn(
    input: string | TurnInput,
    options: TurnOptions & { stream: true },
  ): AsyncIterable<StreamChunk>;
  /**
   * Works a turn out without letting it happen. An agent that cannot draft does the whole turn when
   * the stream is read; if it is not committed, the agent is put back where it was.
   */
  draft(input: string | TurnInput, options?: TurnOptions): Draft;
  /** Tells what was played of a message; less than all of it marks the message interrupted. */
  heard(messageId: string, text: string): void;
  /** Whispers guidance to the agent, for its next turn. */
  assist(text: string): void;
  /** Saves the session now. */
  checkpoint(): Promise<void>;
}
