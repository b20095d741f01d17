import type { JsonObject } from '../../json.ts';
import { normaliseValue } from '../../understanding/index.ts';
import type { Step } from './step.ts';

/**
 * What the host knows before the caller says it. A slot's value counts as confirmed; a name that is
 * no slot is data for templates and guards.
 */
export function seed(step: Step, values: JsonObject): void {
  for (const [name, value] of Object.entries(values)) {
    const slot = step.flow.slots.get(name);
    if (slot === undefined) {
      step.update({ variables: { ...step.state.variables, [name]: value } });
      continue;
    }
    const normal = normaliseValue(slot, value, step.context);
    if (normal.ok) step.setSlot(name, normal.value, { by: 'flow', confirmed: true });
    else step.refused({ rule: 'value', slot: name, reason: normal.reason });
  }
}
