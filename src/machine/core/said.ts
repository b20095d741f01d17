import { own } from '../../record.ts';
import { analyse, correction, isCovered } from '../../understanding/index.ts';
import { endHere, isUnderWay, resume } from './chain.ts';
import { chooseByWords, isIntent, SAID_AMONG_OTHERS } from './choose.ts';
import { attempt, beginTurn, endTurn, noteProgress } from './evaluation.ts';
import { jump, jumps } from './jump.ts';
import { endCall, leaveWhenWornOut, noMatch, overLimit } from './ladder.ts';
import { clear, type Heard, listen, listenForText } from './listen.ts';
import { globalEdges, ownEdges } from './offers.ts';
import type { Step } from './step.ts';
import { wayByData } from './way-on.ts';
import { askAgain, hasFixedWords, lineAt, readBack } from './words.ts';

/** What the caller said, understood as far as no model is needed for it (rules 4 and 5). */
export function said(step: Step, text: string): void {
  beginTurn(step, text);
  if (overLimit(step)) endCall(step, 'limit');
  else if (isUnderWay(step)) saidMeanwhile(step, text);
  else if (step.state.beforeEnd !== null) afterCutFarewell(step, text);
  else understand(step, text);
}

/** A move was cut off while it waited for an action. It goes on, unless the caller wants elsewhere. */
function saidMeanwhile(step: Step, text: string): void {
  const { choice } = chooseByWords(step, jumps(step), text, []);
  if (choice !== undefined && jump(step, choice)) return;
  step.update({ pending: { text, progress: false, unheard: true } });
  resume(step);
  hearLate(step);
}

/**
 * Hears what was said while a move was under way, once it rests: values and global edges. It is no
 * answer to a question that the caller has not heard, and it costs no model call: words that nothing
 * here understands stand in the history.
 */
export function hearLate(step: Step): void {
  const { pending, ended } = step.state;
  if (pending?.unheard !== true || isUnderWay(step)) return;
  // A router that the model is asked about has the caller's words before it.
  if (step.effects.some(({ type }) => type === 'ask')) return;
  const { text } = pending;
  step.update({ pending: { text, progress: false } });
  if (!ended && takeUnasked(step, text)) return;
  endTurn(step);
}

/** True if what was said leads on. */
function takeUnasked(step: Step, text: string): boolean {
  const heard = listen(step, text);
  if (heard.progress) noteProgress(step);
  const { choice } = chooseByWords(step, globalEdges(step.flow, step.node), text, heard.taken);
  if (choice !== undefined) return attempt(step, choice);
  return heard.progress && followSlots(step);
}

/** Reads back the first value that waits for a yes; else goes where the collected data lead. */
export function followSlots(step: Step): boolean {
  const { pending, visit } = step.state;
  const waiting = unconfirmedSlot(step);
  // Read back again only if something came of the turn: else the ladder of misses leads on.
  if (waiting !== undefined && (waiting !== visit.confirming || pending?.progress === true)) {
    readBack(step, waiting);
    endTurn(step);
    return true;
  }
  const onward = wayByData(step, false);
  return onward !== undefined && onward.by !== 'always' && attempt(step, onward);
}

/** Reads an utterance, or keys that stand for one, at the node where the call is. */
export function understand(step: Step, text: string): void {
  const readBackValue = valueReadBack(step);
  const heard = listen(step, text);
  if (valueReadBack(step) === readBackValue && answersReadBack(step, text)) return;
  if (heard.progress) noteProgress(step);
  if (startsOver(step, text, heard)) return;

  const local = chooseByWords(step, ownEdges(step.node), text, heard.taken);
  if (local.choice !== undefined && attempt(step, local.choice)) return;
  const global = chooseByWords(step, globalEdges(step.flow, step.node), text, heard.taken);
  const best = Math.max(local.best, global.best);
  const scored = best >= step.flow.match.threshold;
  const freeText = !scored && !heard.progress && listenForText(step, text);
  if (freeText) noteProgress(step);
  if (global.choice === undefined && followSlots(step)) return;
  if (global.choice !== undefined && attempt(step, global.choice)) return;
  const always = ownEdges(step.node).find((edge) => edge.match?.always === true);
  if (always !== undefined && attempt(step, { edge: always, by: 'always' })) return;
  if (heard.tooLong) return noMatch(step);
  const isValue = freeText || (best < SAID_AMONG_OTHERS && isCovered(analyse(text), heard.taken));
  undecided(step, isValue && step.state.pending?.progress === true);
}

/** `understood`: the utterance was a value and no more. One that was almost a move is more. */
function undecided(step: Step, understood: boolean): void {
  if (!understood) {
    step.effects.push({ type: 'ask' });
  } else if (Object.keys(step.state.visit.partials).length > 0) {
    // A value given in pieces is one utterance.
    step.updateVisit({ utterances: step.state.visit.utterances - 1 });
    step.speak(lineAt(step, 'partial', 0));
    endTurn(step);
  } else {
    goOnAsking(step);
  }
}

/** The value that the caller is to confirm, as text. */
function valueReadBack({ state: { slots, visit } }: Step): string | undefined {
  return visit.confirming === null ? undefined : JSON.stringify(own(slots, visit.confirming));
}

/** Yes or no to a value that was read back. False: it was neither. */
function answersReadBack(step: Step, text: string): boolean {
  const { slotInfo, visit } = step.state;
  const name = visit.confirming;
  const info = name === null ? undefined : own(slotInfo, name);
  if (name === null || info === undefined) return false;
  if (isIntent(step, 'yes', text, [])) {
    step.update({ slotInfo: { ...slotInfo, [name]: { ...info, confirmed: true } } });
    step.updateVisit({ confirming: null });
    noteProgress(step);
    if (!followSlots(step)) goOnAsking(step);
    return true;
  }
  if (!isIntent(step, 'no', text, []) && !correction(text).cue) return false;
  clear(step, name);
  noteProgress(step);
  askAgain(step);
  endTurn(step);
  return true;
}

/** The utterance was understood to its end, but the node wants more. */
function goOnAsking(step: Step): void {
  if (leaveWhenWornOut(step)) return;
  if (hasFixedWords(step.node)) {
    askAgain(step);
    endTurn(step);
  } else {
    step.effects.push({ type: 'ask' });
  }
}

/** "Start again": what this node has collected is forgotten and asked for anew. */
function startsOver(step: Step, text: string, heard: Heard): boolean {
  const collected = [...step.node.collect, ...step.node.criteria.map(({ key }) => key)];
  if (collected.length === 0 || !isIntent(step, 'start_over', text, heard.taken)) return false;
  for (const name of collected) clear(step, name);
  noteProgress(step);
  askAgain(step);
  endTurn(step);
  return true;
}

function unconfirmedSlot(step: Step): string | undefined {
  return [...step.flow.slots.values()].find(
    ({ name, confirm }) => confirm && Object.hasOwn(step.state.slots, name) && !step.isFilled(name),
  )?.name;
}

/** The caller cut into the farewell. A goodbye ends the call after all; more than that is answered. */
function afterCutFarewell(step: Step, text: string): void {
  const farewell = ['goodbye', 'acknowledge', 'yes'].some((name) => isIntent(step, name, text, []));
  if (farewell) {
    endHere(step);
    endTurn(step);
    return;
  }
  const global = chooseByWords(step, globalEdges(step.flow, step.node), text, []);
  if (global.choice !== undefined && attempt(step, global.choice)) return;
  step.effects.push({ type: 'ask' });
}
