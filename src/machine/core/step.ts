import type { HostEffect, Move, MoveReason, Refusal } from '../../agent/agent.ts';
import type { Guard, Template, TemplateData } from '../../flow/template.ts';
import type { Edge, Flow, FlowNode } from '../../flow/types.ts';
import type { Json } from '../../json.ts';
import { own } from '../../record.ts';
import { spokenValue, type UnderstandingContext } from '../../understanding/index.ts';
import type { Candidate, Effect } from './events.ts';
import type { FlowState, SlotInfo, Visit } from './state.ts';

/**
 * One call of `advance` in the making: the state so far and the effects so far. It lives only
 * inside that call; the states it replaces are never changed.
 */
export class Step {
  readonly flow: Flow;
  readonly nowMs: number;
  readonly effects: Effect[] = [];
  readonly #refusals = new Set<string>();
  state: FlowState;
  /** The node that the running decision's words were made for. */
  wordsFor: string | null = null;

  constructor(flow: Flow, state: FlowState, nowMs: number) {
    this.flow = flow;
    this.state = state;
    this.nowMs = nowMs;
  }

  get node(): FlowNode {
    return nodeOf(this.flow, this.state.node);
  }

  get context(): UnderstandingContext {
    return {
      nowMs: this.nowMs,
      timeZone: this.flow.timeZone ?? 'UTC',
      region: this.flow.region ?? 'US',
    };
  }

  update(change: Partial<FlowState>): void {
    this.state = { ...this.state, ...change };
  }

  updateVisit(change: Partial<Visit>): void {
    this.update({ visit: { ...this.state.visit, ...change } });
  }

  setSlot(name: string, value: Json, info: SlotInfo): void {
    const { slots, slotInfo } = this.state;
    this.update({
      slots: { ...slots, [name]: value },
      slotInfo: { ...slotInfo, [name]: info },
    });
  }

  /** Filled, and confirmed where the slot asks for it; or known from an action, a tool or a move. */
  isFilled(name: string): boolean {
    const { slots, slotInfo, variables } = this.state;
    if (Object.hasOwn(slots, name)) return own(slotInfo, name)?.confirmed === true;
    return (own(variables, name) ?? '') !== '';
  }

  moved(edge: string, from: string, by: MoveReason): void {
    const move: Move = { edge, from, to: this.state.node, by };
    this.effects.push({ type: 'moved', move });
  }

  /** Records a refusal, once: the same check may be made several times in a turn. */
  refused(refusal: Refusal): void {
    const key = JSON.stringify(refusal);
    if (this.#refusals.has(key)) return;
    this.#refusals.add(key);
    this.effects.push({ type: 'refused', refusal });
  }

  considered(candidates: readonly Candidate[]): void {
    this.effects.push({ type: 'considered', candidates });
  }

  host(effect: HostEffect): void {
    this.effects.push({ type: 'host', effect });
  }

  speak(text: string): void {
    if (text.trim() !== '') this.effects.push({ type: 'speak', text: text.trim() });
  }

  /** A template that fails is left out and recorded: it is never spoken raw. */
  render(template: Template, extra: TemplateData = {}): string {
    return this.tryRender(template, extra) ?? '';
  }

  /** `undefined` for a template that fails, which is recorded. */
  tryRender(template: Template, extra: TemplateData = {}): string | undefined {
    try {
      const spoken = template.names.has('spoken') && { spoken: spokenSlots(this.flow, this.state) };
      return template.render({ ...templateData(this.flow, this.state), ...spoken, ...extra });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.refused({ rule: 'template', reason: `${template.source}: ${reason}` });
      return undefined;
    }
  }

  /** A guard that fails on the data is false, and recorded. */
  holds(guard: Guard, edge: Edge): boolean {
    try {
      return guard.test(templateData(this.flow, this.state));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.refused({ rule: 'guard', edge: edge.id, reason: `${guard.source}: ${reason}` });
      return false;
    }
  }
}

/** What templates and guards see: slots over what was set or stored over the environment. */
export function templateData(flow: Flow, state: FlowState): TemplateData {
  return { ...flow.environment, ...state.variables, ...state.slots };
}

/** The slots as a voice says them. */
function spokenSlots(flow: Flow, state: FlowState): Record<string, string> {
  return Object.fromEntries(
    Object.entries(state.slots).flatMap(([name, value]) => {
      const slot = flow.slots.get(name);
      return slot === undefined ? [] : [[name, spokenValue(slot, value)]];
    }),
  );
}

export function nodeOf(flow: Flow, id: string): FlowNode {
  const node = flow.nodes.get(id);
  if (node === undefined) throw new Error(`no node "${id}" in flow "${flow.name}"`);
  return node;
}
