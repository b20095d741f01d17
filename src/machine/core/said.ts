import { analyse, isCovered } from '../../understanding/index.ts';
import { chooseByWords, isIntent } from './choose.ts';
import { attempt, beginTurn, endTurn, noteProgress } from './evaluation.ts';
import { endCall, noMatch } from './ladder.ts';
import { clear, type Heard, listen, listenForText } from './listen.ts';
import { wayByData } from './move.ts';
import { globalEdges, ownEdges } from './offers.ts';
import type { Step } from './step.ts';
import { askAgain, hasFixedWords, lineAt, readBack } from './words.ts';

/** What the caller said, understood as far as no model is needed for it (rules 4 and 5). */
export function said(step: Step, text: string): void {
  beginTurn(step, text);
  if (overLimit(step)) return endCall(step, 'limit');
  if (step.state.beforeEnd !== null) return afterCutFarewell(step, text);
  if (step.state.confirming !== null && answersReadBack(step, text)) return;
  understand(step, text);
}

/** Reads back the first value that waits for a yes; else goes where the collected data lead. */
export function followSlots(step: Step): boolean {
  const waiting = unconfirmedSlot(step);
  if (waiting !== undefined) {
    readBack(step, waiting);
    endTurn(step);
    return true;
  }
  const onward = wayByData(step, false);
  return onward !== undefined && onward.by !== 'always' && attempt(step, onward);
}

function understand(step: Step, text: string): void {
  const heard = listen(step, text);
  if (heard.progress) noteProgress(step);
  if (startsOver(step, text, heard)) return;

  const own = chooseByWords(step, ownEdges(step.node), text, heard.taken);
  if (own.choice !== undefined && attempt(step, own.choice)) return;
  const global = chooseByWords(step, globalEdges(step.flow, step.node), text, heard.taken);
  const scored = Math.max(own.best, global.best) >= step.flow.match.threshold;
  const freeText = !scored && !heard.progress && listenForText(step, text);
  if (freeText) noteProgress(step);
  if (global.choice === undefined && followSlots(step)) return;
  if (global.choice !== undefined && attempt(step, global.choice)) return;
  const always = ownEdges(step.node).find((edge) => edge.match?.always === true);
  if (always !== undefined && attempt(step, { edge: always, by: 'always' })) return;
  undecided(step, text, heard, freeText);
}

function undecided(step: Step, text: string, heard: Heard, freeText: boolean): void {
  if (heard.tooLong) return noMatch(step);
  const progress = step.state.pending?.progress === true;
  const understood = progress && (freeText || isCovered(analyse(text), heard.taken));
  if (!understood) {
    step.effects.push({ type: 'ask' });
    return;
  }
  if (Object.keys(step.state.visit.partials).length > 0) step.speak(lineAt(step, 'partial', 0));
  else if (hasFixedWords(step.node)) askAgain(step);
  else {
    step.effects.push({ type: 'ask' });
    return;
  }
  endTurn(step);
}

/** The caller answers whether a value was read back rightly. False: the answer is none of that. */
function answersReadBack(step: Step, text: string): boolean {
  const name = step.state.confirming;
  const slot = name === null ? undefined : step.flow.slots.get(name);
  if (name === null || slot === undefined) return false;
  if (isIntent(step, 'yes', text, [])) {
    step.update({
      confirming: null,
      slotInfo: { ...step.state.slotInfo, [name]: { by: 'caller', confirmed: true } },
    });
    noteProgress(step);
    if (!followSlots(step)) settleAnswered(step);
    return true;
  }
  if (isIntent(step, 'no', text, [])) {
    clear(step, name);
    noteProgress(step);
    askAgain(step);
    endTurn(step);
    return true;
  }
  clearForCorrection(step, name, text);
  return false;
}

/** A new value in place of the one read back: the old one goes, so that the new one is asked for. */
function clearForCorrection(step: Step, name: string, text: string): void {
  const before = step.state;
  clear(step, name);
  const found = listen(step, text).progress;
  step.state = found ? step.state : before;
}

function settleAnswered(step: Step): void {
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
    ({ name, confirm }) =>
      confirm && Object.hasOwn(step.state.slots, name) && !step.isFilled(name),
  )?.name;
}

/** The caller cut into the farewell. A goodbye ends the call after all; more than that is answered. */
function afterCutFarewell(step: Step, text: string): void {
  const farewell = ['goodbye', 'acknowledge', 'yes'].some((name) => isIntent(step, name, text, []));
  if (farewell) {
    step.update({ ended: true });
    endTurn(step);
    return;
  }
  const global = chooseByWords(step, globalEdges(step.flow, step.node), text, []);
  if (global.choice !== undefined && attempt(step, global.choice)) return;
  step.effects.push({ type: 'ask' });
}

function overLimit({ flow, state, nowMs }: Step): boolean {
  const { maxTurns = Infinity, maxDurationMs = Infinity } = flow.limits;
  return state.turns > maxTurns || nowMs - (state.startedAtMs ?? nowMs) > maxDurationMs;
}
