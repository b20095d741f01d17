import type { llm } from '@livekit/agents';
import { soundsUnfinished } from './unfinished-utterance.ts';

/** Tells LiveKit's session by rules whether a transcript is the end of the caller's turn. */
export class RuleTurnDetector {
  readonly model = 'rules';
  readonly provider = 'superdialog';

  async supportsLanguage(): Promise<boolean> {
    return true;
  }

  /** Below it the session waits for its longest delay. */
  async unlikelyThreshold(): Promise<number> {
    return 0.5;
  }

  async predictEndOfTurn(chatCtx: llm.ChatContext): Promise<number> {
    const last = chatCtx.items.at(-1);
    const text = last instanceof Object && last.type === 'message' ? last.textContent : undefined;
    return soundsUnfinished(text ?? '') ? 0 : 1;
  }
}
