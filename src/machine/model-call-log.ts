import type { ModelCall } from '../llm/model.ts';
import type { MalformedReason } from './decision-parser.ts';

/** Why a model was asked. Beyond the first of a turn each has a reason of its own. */
export type CallCause =
  /** What the caller meant, and the words. */
  | 'decision'
  /** The words of a place that the flow itself decided to go to. */
  | 'words'
  /** What the caller meant, after a tool has answered. */
  | 'tool_answer'
  /** Which way a router leads. */
  | 'router'
  /** The words behind an action. */
  | 'action_answer'
  /** The words after a move that was refused. */
  | 'refused'
  /** The decision came without words. */
  | 'missing_words'
  /** Data led elsewhere than the words were made for. */
  | 'landed_elsewhere'
  /** The decision's prompt had no room for what is to be said at that place. */
  | 'beyond_budget';

export type TurnModelCall = ModelCall & {
  cause: CallCause;
  /** How a reply that was to decide did not keep to the form. */
  malformed?: readonly MalformedReason[];
};

/** The requests of one turn, in the order in which they were asked. */
export class ModelCallLog {
  readonly items: TurnModelCall[] = [];

  /** The place of a request that is asked now: it may lead to others before it is over. */
  begin(): number {
    return this.items.length;
  }

  /** Notes what a request came to, with all that it took at several providers. */
  add(
    calls: readonly ModelCall[],
    cause: CallCause,
    {
      place = this.begin(),
      malformed = [],
    }: { place?: number; malformed?: readonly MalformedReason[] } = {},
  ): void {
    // The others failed, or were slower.
    const answered = calls.findLastIndex(({ outcome }) => outcome === 'answered');
    const read = Math.max(0, answered);
    const noted = calls.map((call, index) => ({
      ...call,
      cause,
      ...(index === read && malformed.length > 0 && { malformed }),
    }));
    this.items.splice(place, 0, ...noted);
  }
}
