import { ChatContext } from '../agent/chat-context.ts';
import type { Json } from '../json.ts';
import { type AgentFactory, type AgentState, keepsWhispers, putInto } from './agent-state.ts';
import type { SessionAgent } from './handle.ts';

/** A turn that the agent has begun, and that may still be taken back. */
export interface UndecidedTurn {
  before: AgentState;
  discard: () => void;
}

/**
 * The agent of a held session. What an agent cannot take back by itself is taken back here: the agent
 * is given up, and a new one is made where it was before.
 */
export class LiveAgent {
  readonly #id: string;
  readonly #factory: AgentFactory;
  #agent: SessionAgent;
  #whispers: readonly string[];
  /** So many of them the running turn has seen. */
  #seen = 0;
  /** Where the next agent begins. The present one did what did not happen, or is still at it. */
  #rewound: AgentState | undefined;
  #undecided: UndecidedTurn | undefined;

  constructor(
    id: string,
    factory: AgentFactory,
    agent: SessionAgent,
    whispers: readonly string[] = [],
  ) {
    this.#id = id;
    this.#factory = factory;
    this.#agent = agent;
    this.#whispers = whispers;
  }

  /** The agent itself. Turns of an agent without drafts take it from `ready`. */
  get agent(): SessionAgent {
    return this.#agent;
  }

  /** True if the agent is where the session is. */
  get isIntact(): boolean {
    return this.#rewound === undefined;
  }

  get chatCtx(): ChatContext {
    return this.#rewound === undefined
      ? this.#agent.chatCtx
      : new ChatContext(this.#rewound.messages);
  }

  get flowState(): object | null {
    if (this.#rewound === undefined) return this.#agent.flowState ?? null;
    const { flowState } = this.#rewound;
    return typeof flowState === 'object' ? flowState : null;
  }

  get whispers(): readonly string[] {
    return this.#whispers;
  }

  /** What has happened, without a turn that may still be taken back. */
  get settled(): AgentState {
    return this.#undecided?.before ?? this.#rewound ?? this.#present;
  }

  /** A copy, for `rewind`. */
  get state(): AgentState {
    if (this.#rewound !== undefined) return this.#rewound;
    const { flowState, ...present } = this.#present;
    return { ...present, flowState: flowState === null ? null : structuredClone(flowState) };
  }

  get #present(): AgentState {
    return {
      messages: [...this.#agent.chatCtx.items],
      // The agent promises plain JSON here.
      flowState: (this.#agent.flowState ?? null) as Json,
      whispers: this.#whispers,
    };
  }

  /** The agent, where the session is. */
  async ready(): Promise<SessionAgent> {
    if (this.#rewound === undefined) return this.#agent;
    const agent = await this.#factory(this.#id);
    putInto(agent, this.#rewound);
    if (keepsWhispers(agent)) this.#whispers = [];
    this.#agent = agent;
    this.#rewound = undefined;
    return agent;
  }

  /** The agent begins a turn. An earlier one about which nobody has decided was discarded before. */
  begin(turn: UndecidedTurn): void {
    this.#undecided = turn;
    this.#seen = this.#whispers.length;
  }

  /** The turn that was begun has happened, and has seen the whispers. */
  decide(): void {
    this.#undecided = undefined;
    this.#whispers = this.#whispers.slice(this.#seen);
    this.#seen = 0;
  }

  discardUndecided(): void {
    this.#undecided?.discard();
  }

  /** What was whispered since the turn began is kept. */
  rewind(state: AgentState): void {
    this.#whispers = [...state.whispers, ...this.#whispers.slice(this.#seen)];
    this.#seen = 0;
    this.#undecided = undefined;
    this.#rewound = { ...state, whispers: this.#whispers };
  }

  assist(text: string): void {
    if (this.#rewound === undefined) {
      this.#agent.assist(text);
      if (keepsWhispers(this.#agent)) return;
    }
    this.#whispers = [...this.#whispers, text];
    if (this.#rewound !== undefined) this.#rewound = { ...this.#rewound, whispers: this.#whispers };
  }

  heard(messageId: string, text: string): void {
    if (this.#rewound === undefined && this.#agent.heard !== undefined) {
      this.#agent.heard(messageId, text);
      return;
    }
    const corrected = this.chatCtx.copy();
    if (corrected.setHeard(messageId, text)) this.loadChatCtx(corrected);
  }

  loadChatCtx(chat: ChatContext): void {
    if (this.#rewound === undefined) this.#agent.loadChatCtx(chat);
    else this.#rewound = { ...this.#rewound, messages: chat.items };
  }
}
