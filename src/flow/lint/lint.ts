import { readFlow } from '../flow.ts';
import { pathOf } from '../places.ts';
import { parseFlowText } from '../source.ts';
import type { Finding, Rule, Severity } from './finding.ts';
import { unknownKey } from './keys.ts';
import { intentsOfLanguage } from './language.ts';
import { alike, unexplained } from './listening.ts';
import { unknownName, unusedSlot } from './names.ts';
import { contradiction, guessedRouter } from './prompts.ts';
import { unusedAction, unusedTool } from './unreached.ts';
import {
  deadEnd,
  maxTurns,
  needsModel,
  routerExit,
  silentLoop,
  unreachable,
  unusedEdges,
} from './ways.ts';

const RULES: readonly Rule[] = [
  unreachable,
  deadEnd,
  silentLoop,
  routerExit,
  maxTurns,
  unusedEdges,
  needsModel,
  contradiction,
  guessedRouter,
  unknownName,
  unusedSlot,
  unusedAction,
  unusedTool,
  unknownKey,
  alike,
  unexplained,
  intentsOfLanguage,
];

const ORDER: readonly Severity[] = ['error', 'warning', 'info'];

/**
 * What is wrong or odd in the text of a flow file, the worst first, then in the file's order. What
 * keeps a flow from being loaded is an error of the rule `load`. Throws a FlowError for a text that
 * has not the shape of a flow.
 */
export function lintFlow(text: string, file?: string): Finding[] {
  const source = parseFlowText(text, file);
  const reading = readFlow(source, { name: 'flow', ...(file !== undefined && { file }) });
  const refused = reading.problems.map(
    (problem): Finding => ({ ...problem, rule: 'load', severity: 'error', advice: '' }),
  );
  const found = RULES.flatMap((rule) => rule(reading)).map((finding) => {
    const line = source.lineOf(pathOf(finding, source.data));
    return line === undefined ? finding : { ...finding, line };
  });
  return [...refused, ...found].sort(
    (a, b) =>
      ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity) || (a.line ?? 0) - (b.line ?? 0),
  );
}
