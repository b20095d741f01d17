import type { Template } from '../../flow/template.ts';
import type { FlowNode, Lines } from '../../flow/types.ts';
import { own } from '../../record.ts';
import { spokenValue } from '../../understanding/index.ts';
import type { Step } from './step.ts';

/**
 * Speaks the node where the call is: its fixed words, or words that the model composes. False if it
 * has words and none of them could be rendered.
 */
export function speakNode(step: Step, notes: readonly string[] = []): boolean {
  const { node } = step;
  const count = own(step.state.spoken, node.id) ?? 0;
  const variants = [...node.staticText.slice(count % node.staticText.length), ...node.staticText];
  step.update({ spoken: { ...step.state.spoken, [node.id]: count + 1 } });
  const words = firstRendered(step, variants);
  if (words !== undefined) step.speak(words);
  else if (node.instruction !== undefined) speakByModel(step, notes);
  else if (variants.length > 0) return false;
  step.updateVisit({ spoken: true });
  return true;
}

/** Speaks a node that waits for the caller, who is not left in silence. */
export function speakAndWait(step: Step, notes: readonly string[] = []): void {
  if (speakNode(step, notes)) return;
  step.speak(lineAt(step, 'recovery', 0));
  step.updateVisit({ spoken: true });
}

/** The first text that its data do not break. */
function firstRendered(step: Step, templates: readonly Template[]): string | undefined {
  for (const template of templates) {
    const text = step.tryRender(template);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** The variant of the node's fixed words that is next. */
export function nextWords({ node, state }: Step): Template | undefined {
  const count = own(state.spoken, node.id) ?? 0;
  return node.staticText[count % node.staticText.length];
}

/** The words that came with the decision, if they were made for this node; else words of its own. */
export function speakByModel(step: Step, notes: readonly string[] = []): void {
  const { id } = step.node;
  if (step.wordsFor === id) {
    step.wordsFor = null;
    step.effects.push({ type: 'pass_words' });
  } else {
    step.effects.push({ type: 'compose', node: id, notes });
  }
}

/** The node's question once more, or the value that waits for a yes read back once more. */
export function askAgain(step: Step, notes: readonly string[] = []): void {
  const { confirming } = step.state.visit;
  if (confirming !== null) readBack(step, confirming);
  else if (isMute(step.node)) step.speak(lineAt(step, 'recovery', 0));
  else speakAndWait(step, notes);
}

/** A router, say, where a chain broke off: it has no question that could be asked again. */
function isMute({ staticText, instruction, type }: FlowNode): boolean {
  return type === 'router' || (staticText.length === 0 && instruction === undefined);
}

/** Reads a value back to the caller, who has to confirm it. */
export function readBack(step: Step, name: string): void {
  const slot = step.flow.slots.get(name);
  const value = own(step.state.slots, name);
  if (slot === undefined || value === undefined) return;
  const counter = `slot ${name}`;
  const count = own(step.state.spoken, counter) ?? 0;
  step.update({ spoken: { ...step.state.spoken, [counter]: count + 1 } });
  step.updateVisit({ confirming: name });
  const text = lineAt(step, 'confirm', count, {
    value: spokenValue(slot, value),
    slot: slot.description ?? name.replaceAll('_', ' '),
  });
  step.speak(text);
}

/** The line of the node, else of the flow; where there are fewer variants they come round again. */
export function lineAt(
  step: Step,
  name: keyof Lines,
  index: number,
  data: Record<string, string> = {},
): string {
  const lines = ladder(step, name);
  const template = lines[index % lines.length];
  return template === undefined ? '' : step.render(template, data);
}

export function ladder(step: Step, name: keyof Lines): Lines[keyof Lines] {
  return step.node.lines[name] ?? step.flow.lines[name];
}

/** True if what is spoken on entering needs no model. */
export function hasFixedWords(node: FlowNode): boolean {
  return node.staticText.length > 0 || node.instruction === undefined;
}
