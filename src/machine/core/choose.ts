import type { MoveReason } from '../../agent/agent.ts';
import type { Edge } from '../../flow/types.ts';
import {
  analyse,
  type MatchScore,
  type Span,
  scoreMatch,
  type Utterance,
} from '../../understanding/index.ts';
import type { Candidate } from './events.ts';
import type { Step } from './step.ts';

export interface Choice {
  edge: Edge;
  by: MoveReason;
}

/** What listening to the edges came to: one that decides, or how near the best one came (0 to 1). */
export interface Matched {
  choice?: Choice;
  best: number;
}

/**
 * Finds the edge whose patterns or examples the utterance meets. Two within the margin, or a match
 * that leaves something unsaid ("yes, but …"), decide nothing.
 */
export function chooseByWords(
  step: Step,
  edges: readonly Edge[],
  text: string,
  taken: readonly Span[],
): Matched {
  const utterance = analyse(text);
  const scored = edges
    .flatMap((edge) => scoresOf(edge, utterance, taken))
    .filter(({ edge }) => edge.guard === undefined || step.holds(edge.guard, edge))
    .sort((a, b) => b.score - a.score);
  const [first, ...others] = scored;
  if (first === undefined) return { best: 0 };
  const rival = others.find(({ edge }) => edge.target !== first.edge.target);
  const verdict = verdictOn(step, first, rival);
  step.considered([
    candidateOf(first, verdict, rival),
    ...others.map((other) => candidateOf(other, 'not_asked')),
  ]);
  const decides = verdict === 'decides';
  return {
    best: first.score,
    ...(decides && { choice: { edge: first.edge, by: first.reason } }),
  };
}

function verdictOn(step: Step, first: Scored, rival: Scored | undefined): Candidate['verdict'] {
  const { threshold, margin } = step.flow.match;
  if (first.score < (first.edge.match?.threshold ?? threshold)) return 'below_threshold';
  if (!first.covers) return 'leaves_words';
  return first.score - (rival?.score ?? 0) < margin ? 'too_close' : 'decides';
}

function candidateOf(
  { edge, score, reason }: Scored,
  verdict: Candidate['verdict'],
  rival?: Scored,
): Candidate {
  return {
    edge: edge.id,
    score,
    by: reason,
    verdict,
    ...(verdict === 'too_close' && rival !== undefined && { rival: rival.edge.id }),
  };
}

interface Scored extends MatchScore {
  edge: Edge;
  reason: MoveReason;
}

/** An edge's own words and those of its intent count together: "no, that is all" is one answer. */
function scoresOf(edge: Edge, utterance: Utterance, taken: readonly Span[]): Scored[] {
  const { match } = edge;
  if (match === undefined) return [];
  const { intent } = match;
  const words = {
    patterns: [...match.patterns, ...(intent?.patterns ?? [])],
    examples: [...match.examples, ...(intent?.examples ?? [])],
  };
  const score = scoreMatch(utterance, words, taken);
  if (score.by === undefined) return [];
  const byIntent =
    intent !== undefined &&
    scoreMatch(utterance, intent, taken).score > scoreMatch(utterance, match, taken).score;
  return [{ ...score, edge, reason: byIntent ? 'intent' : score.by }];
}

/** True if the utterance is, as a whole, this intent: the flow's own or a built-in one. */
export function isIntent(step: Step, name: string, text: string, taken: readonly Span[]): boolean {
  const intent = step.flow.intents.get(name);
  if (intent === undefined) return false;
  const { score, covers } = scoreMatch(analyse(text), intent, taken);
  return covers && score >= step.flow.match.threshold;
}

/** An example of which all words were said scores at least so much, whatever else was said. */
export const SAID_AMONG_OTHERS = 0.6;

/** True if the intent is somewhere in the utterance, as the yes in "yes, on the third". */
export function mentions(step: Step, name: string, text: string): boolean {
  const intent = step.flow.intents.get(name);
  return intent !== undefined && scoreMatch(analyse(text), intent, []).score >= SAID_AMONG_OTHERS;
}
