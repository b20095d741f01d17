import type { Slot } from '../../flow/types.ts';
import type { Json } from '../../json.ts';
import { own, without } from '../../record.ts';
import {
  correction,
  type Extraction,
  extractSlot,
  type Span,
  textAnswer,
} from '../../understanding/index.ts';
import type { SlotInfo } from './state.ts';
import type { Step } from './step.ts';

/** What the slots of a flow took from an utterance. */
export interface Heard {
  /** Pieces of the utterance that are values. */
  taken: Span[];
  /** A value was filled, changed or begun. */
  progress: boolean;
  /** A value was too long for its slot, and is asked for again. */
  tooLong: boolean;
}

/** Types that are told apart from other words well enough to be taken without being asked for. */
const UNASKED = new Set<Slot['type']>(['date', 'time', 'datetime', 'email', 'phone', 'enum']);

/** Takes the values out of what the caller said: those asked for first, then any other (rule 5). */
export function listen(step: Step, text: string): Heard {
  const heard: Heard = { taken: [], progress: false, tooLong: false };
  const asked = askedSlots(step);
  for (const slot of asked) {
    if (slot.type === 'text' && slot.pattern === undefined) continue;
    listenForAsked(step, text, slot, heard);
  }
  const others = [...step.flow.slots.values()].filter((slot) => !asked.includes(slot));
  listenForUnasked(step, text, others, heard);
  return heard;
}

/** Takes the whole utterance for the free text that the node collects. True if it was one. */
export function listenForText(step: Step, text: string): boolean {
  const slot = askedSlots(step).find(
    ({ name, type, pattern }) =>
      type === 'text' && pattern === undefined && step.node.collect.includes(name),
  );
  const answer = slot && textAnswer(text, slot);
  if (slot === undefined || answer === undefined) return false;
  fill(step, slot, answer.value, { by: 'caller', confirmed: false, words: answer.words });
  return true;
}

/** Fills a slot; a change clears what depends on it. Confirmation is asked for where the slot says so. */
export function fill(step: Step, slot: Slot, value: Json, info: SlotInfo): void {
  const { state } = step;
  const before = own(state.slots, slot.name);
  const same = before !== undefined && JSON.stringify(before) === JSON.stringify(value);
  const wasConfirmed = same && own(state.slotInfo, slot.name)?.confirmed === true;
  step.setSlot(slot.name, value, { ...info, confirmed: wasConfirmed || !slot.confirm });
  dropPartial(step, slot.name);
  if (same) return;
  step.update({ selfLoops: 0 });
  for (const name of slot.invalidates) clear(step, name);
}

/** Forgets a slot, and what an action has stored under its name. */
export function clear(step: Step, name: string): void {
  const { state } = step;
  const isIt = (other: string) => other === name;
  step.update({
    slots: without(state.slots, isIt),
    slotInfo: without(state.slotInfo, isIt),
    variables: without(state.variables, isIt),
  });
  if (state.visit.confirming === name) step.updateVisit({ confirming: null });
  dropPartial(step, name);
}

/** The slots that this node asks for and has not got or is just reading back, in order. */
export function askedSlots(step: Step): Slot[] {
  const { node, flow, state } = step;
  const names = [
    ...node.collect,
    ...node.criteria.map((criterion) => criterion.key),
    ...node.edges.flatMap((edge) => edge.requires),
  ];
  return [...new Set(names)].flatMap((name) => {
    const slot = flow.slots.get(name);
    const wanted = !Object.hasOwn(state.slots, name) || state.visit.confirming === name;
    return slot !== undefined && wanted ? [slot] : [];
  });
}

function listenForAsked(step: Step, text: string, slot: Slot, heard: Heard): void {
  const before = own(step.state.visit.partials, slot.name);
  const joined = before === undefined ? undefined : `${before} ${text}`;
  const whole = joined === undefined ? undefined : best(step, joined, slot, []);
  if (before !== undefined && whole?.status === 'complete') {
    take(step, slot, shifted(whole, before.length + 1, text.length), heard);
    return;
  }
  const alone = best(step, text, slot, heard.taken);
  if (alone?.status === 'complete') {
    take(step, slot, alone, heard);
  } else if (whole?.status === 'too_long' || alone?.status === 'too_long') {
    dropPartial(step, slot.name);
    heard.tooLong = true;
  } else if (alone?.status === 'partial') {
    heard.taken.push(alone);
    heard.progress = true;
    const words = before === undefined ? alone.words : `${before} ${alone.words}`;
    step.updateVisit({ partials: { ...step.state.visit.partials, [slot.name]: words } });
  }
}

/** The first value that no other slot has taken; of a correction, the new one comes first. */
function best(
  step: Step,
  text: string,
  slot: Slot,
  taken: readonly Span[],
): Extraction | undefined {
  const found = extractSlot(text, slot, step.context).filter((value) => !overlaps(value, taken));
  return found.find(({ status }) => status === 'complete') ?? found[0];
}

function listenForUnasked(step: Step, text: string, slots: readonly Slot[], heard: Heard): void {
  const { cue, cues } = correction(text);
  const found = slots.filter(canBeUnasked).flatMap((slot) => {
    const value = best(step, text, slot, heard.taken);
    const filled = Object.hasOwn(step.state.slots, slot.name);
    return value?.status === 'complete' && (!filled || cue) ? [{ slot, value, filled }] : [];
  });
  for (const { slot, value, filled } of found) {
    const rivals = found.filter((other) => other.slot !== slot && overlaps(other.value, [value]));
    if (rivals.some((rival) => rival.filled === filled) || overlaps(value, heard.taken)) continue;
    take(step, slot, value, heard);
    // The "no" of "no, on Friday" has done its work; it answers nothing else.
    if (filled) heard.taken.push(...cues);
  }
}

function canBeUnasked({ type, pattern, length }: Slot): boolean {
  return UNASKED.has(type) || pattern !== undefined || (type === 'digits' && length !== undefined);
}

function take(step: Step, slot: Slot, value: Extraction, heard: Heard): void {
  heard.taken.push(value);
  heard.progress = true;
  fill(step, slot, value.value, { by: 'caller', confirmed: false, words: value.words });
}

function dropPartial(step: Step, name: string): void {
  const { partials } = step.state.visit;
  step.updateVisit({ partials: without(partials, (other) => other === name) });
}

/** The same value, placed in the utterance alone, without what was said in the turns before. */
function shifted(value: Extraction, by: number, length: number): Extraction {
  const from = Math.max(0, value.from - by);
  return { ...value, from, to: Math.min(length, Math.max(from, value.to - by)) };
}

function overlaps(value: Span, spans: readonly Span[]): boolean {
  return spans.some((span) => value.from < span.to && span.from < value.to);
}
