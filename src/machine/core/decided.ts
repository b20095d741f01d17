import type { Refusal } from '../../agent/agent.ts';
import { own } from '../../record.ts';
import { isGrounded, normaliseValue } from '../../understanding/index.ts';
import { take } from './chain.ts';
import { attempt, endTurn, noteProgress } from './evaluation.ts';
import type { Decision, Effect } from './events.ts';
import { refusalOf } from './gate.ts';
import { answered, noMatch } from './ladder.ts';
import { fill } from './listen.ts';
import { backToFrame } from './move.ts';
import {
  canReturn,
  fallbackEdge,
  legalOffers,
  type Offer,
  possibleOffers,
  RETURN,
  STAY,
} from './offers.ts';
import { followSlots } from './said.ts';
import { Step } from './step.ts';
import { askAgain, lineAt, speakAndWait, speakByModel } from './words.ts';

/** The model has proposed a move and values. What is sound is done, the rest is refused and recorded. */
export function decided(step: Step, decision: Decision, evidence: readonly string[]): void {
  const offer = offerNamed(legalOffers(step), decision.go);
  // Before the values: the model's words were made for what it knew.
  const landing = offer && landingOf(step, offer);
  acceptValues(step, decision, evidence);
  if (decision.go === STAY) return stay(step);
  if (decision.go === RETURN && canReturn(step)) return comeBack(step);
  if (offer === undefined) return refuse(step, refusalOfUnoffered(step, decision.go));
  const refusal = refusalOf(step, offer, 'model');
  if (refusal !== undefined) return refuse(step, refusal);
  step.wordsFor = landing?.kind === 'words' ? landing.node : null;
  take(step, offer, 'model');
  if (landing?.kind === 'wait') bridge(step);
  endTurn(step);
}

/** There is no model to ask: what could be understood stands, and the question is asked again. */
export function undecided(step: Step): void {
  const { pending, beforeEnd } = step.state;
  if (isOnTheWay(step)) return goOnUnread(step);
  if (beforeEnd !== null) return comeBack(step);
  if (pending?.progress !== true) return noMatch(step);
  askAgain(step);
  endTurn(step);
}

/** Why a move is not on offer: its guard is false, or this node has no such edge. */
function refusalOfUnoffered(step: Step, edge: string): Refusal {
  const closed = possibleOffers(step.flow, step.node).find(({ id }) => id === edge);
  const refusal = closed && refusalOf(step, closed, 'model');
  return refusal ?? { rule: 'offered', edge, reason: 'no such move is offered here' };
}

/** What an offer would bring to be said, were it taken now. */
export type Landing =
  /** Words that the model makes for this node. */
  | { kind: 'words'; node: string }
  /** Fixed words alone. */
  | { kind: 'fixed' }
  /** Something has to be waited for before anything can be said: an action, or a router's question. */
  | { kind: 'wait' };

export function landingOf(step: Step, offer: Offer): Landing {
  const trial = new Step(step.flow, step.state, step.nowMs);
  take(trial, offer, 'model');
  let spoken = false;
  for (const effect of trial.effects) {
    if (effect.type === 'compose') return { kind: 'words', node: effect.node };
    if (WAITS.has(effect.type)) return { kind: spoken ? 'fixed' : 'wait' };
    spoken ||= effect.type === 'speak';
  }
  return { kind: 'fixed' };
}

const WAITS = new Set<Effect['type']>(['run', 'ask']);

/** The model's words bridge the time of what has to be waited for before any other words. */
function bridge(step: Step): void {
  const wait = step.effects.findIndex(({ type }) => WAITS.has(type));
  if (wait >= 0) step.effects.splice(wait, 0, { type: 'pass_words', bridging: true });
}

/** The id of an offer, or of a node that exactly one offer leads to. */
function offerNamed(offers: readonly Offer[], name: string): Offer | undefined {
  const byId = offers.find((offer) => offer.id === name);
  if (byId !== undefined) return byId;
  const byTarget = offers.filter((offer) => offer.target === name);
  return byTarget.length === 1 ? byTarget[0] : undefined;
}

/** Takes over the values that are declared, valid and, where they are exact, grounded (rule 7). */
function acceptValues(step: Step, { set }: Decision, evidence: readonly string[]): void {
  for (const { slot: name, value } of set) {
    const slot = step.flow.slots.get(name);
    const refuseValue = (rule: string, reason: string) =>
      step.refused({ rule, slot: name, reason });
    if (slot === undefined) {
      refuseValue('undeclared', 'the flow has no such slot');
      continue;
    }
    const normal = normaliseValue(slot, value, step.context);
    if (!normal.ok) {
      refuseValue('value', normal.reason);
    } else if (!isGrounded(slot, normal.value, evidence, step.context)) {
      refuseValue('grounding', 'nothing that was said in this call holds this value');
    } else {
      const before = own(step.state.slots, name);
      fill(step, slot, normal.value, { by: 'model', confirmed: false });
      if (JSON.stringify(before) !== JSON.stringify(normal.value)) noteProgress(step);
    }
  }
}

function stay(step: Step): void {
  step.wordsFor = step.node.id;
  if (isOnTheWay(step)) return goOnUnread(step);
  if (followSlots(step)) return;
  if (answered(step)) return;
  speakByModel(step);
  endTurn(step);
}

function comeBack(step: Step): void {
  backToFrame(step);
  if (step.node.staticText.length > 0) {
    askAgain(step);
  } else {
    step.wordsFor = step.node.id;
    speakByModel(step);
  }
  endTurn(step);
}

/** A refused move is not spoken: the question is asked again, with what is missing. */
function refuse(step: Step, refusal: Refusal): void {
  step.refused(refusal);
  if (isOnTheWay(step)) return goOnUnread(step);
  if (followSlots(step)) return;
  if (answered(step)) return;
  if (step.node.instruction === undefined) askAgain(step);
  else step.effects.push({ type: 'compose', node: step.node.id, notes: [refusal.reason] });
  endTurn(step);
}

/** The model was asked for the way on from a node that does not wait for the caller. */
function isOnTheWay({ node, state }: Step): boolean {
  return node.type === 'router' || (node.autoProceed && state.visit.utterances === 0);
}

/** Nobody can tell where it leads: the fallback edge, else its own words, if it has any. */
function goOnUnread(step: Step): void {
  const edge = fallbackEdge(step.node);
  if (edge !== undefined && attempt(step, { edge, by: 'fallback' })) return;
  if (step.node.type === 'router') step.speak(lineAt(step, 'recovery', 0));
  else if (!step.state.visit.spoken) speakAndWait(step);
  endTurn(step);
}
