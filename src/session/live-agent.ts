import { ChatContext } from '../agent/chat-context.ts';
import type { Json } from '../json.ts';
import { type AgentFactory, type AgentState, keepsWhispers, putInto } from './agent-state.ts';
import type { SessionAgent } from './handle.ts';

/**
 * The agent of a held session. What an agent cannot take back by itself is taken back here: the agent
 * is given up, and a new one is made where it was before.
 */
export class LiveAgent {
  readonly #id: string;
  readonly #factory: AgentFactory;
  #agent: SessionAgent;
  #whispers: readonly string[];
  /** Where the next agent begins. The present one did what did not happen, or is still at it. */
  #rewound: AgentState | undefined;

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

  /** A copy, for `rewind`. */
  get state(): AgentState {
    if (this.#rewound !== undefined) return this.#rewound;
    return {
      messages: [...this.#agent.chatCtx.items],
      flowState: copyOf(this.#agent.flowState ?? null),
      whispers: this.#whispers,
    };
  }

  /** The agent, where the session is. */
  async ready(): Promise<SessionAgent> {
    if (this.#rewound === undefined) return this.#agent;
    const agent = await this.#factory(this.#id);
    putInto(agent, this.#rewound);
    this.#agent = agent;
    this.#rewound = undefined;
    return agent;
  }

  rewind(state: AgentState): void {
    this.#rewound = state;
    this.#whispers = state.whispers;
  }

  assist(text: string): void {
    if (this.#rewound !== undefined) {
      this.rewind({ ...this.#rewound, whispers: [...this.#whispers, text] });
      return;
    }
    this.#agent.assist(text);
    if (!keepsWhispers(this.#agent)) this.#whispers = [...this.#whispers, text];
  }

  /** A turn has happened, and has seen them. */
  forgetWhispers(): void {
    this.#whispers = [];
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

/** The agent promises plain JSON. */
function copyOf(flowState: object | null): Json {
  return flowState === null ? null : (structuredClone(flowState) as Json);
}
