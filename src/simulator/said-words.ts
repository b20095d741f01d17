import type { CallReport } from '../call/report.ts';
import type { Utterance } from './scripted-caller.ts';
import { type WordErrors, wordErrorRate, wordErrors } from './word-error-rate.ts';

/**
 * Puts what the script said beside what was heard: `said` stands with the first turn that the
 * utterance led to, and `wordErrorRate` is over all utterances whose words are known, with all the
 * turns that were understood from them (a long pause makes two of one).
 *
 * `decidedAtMs` has one entry for each turn, from the call's start.
 */
export function addSaidWords(
  report: CallReport,
  decidedAtMs: readonly number[],
  utterances: readonly Utterance[],
): CallReport {
  const turns = report.turns.map((turn) => ({ ...turn }));
  const errors: WordErrors[] = [];
  for (const [index, { said, startedAtMs }] of utterances.entries()) {
    if (said === null) continue;
    const untilMs = utterances[index + 1]?.startedAtMs ?? Number.POSITIVE_INFINITY;
    const heard = turns.filter((turn, at) => {
      const atMs = decidedAtMs[at] ?? 0;
      return turn.input === 'text' && atMs >= startedAtMs && atMs < untilMs;
    });
    errors.push(wordErrors(said, heard.map((turn) => turn.user ?? '').join(' ')));
    if (heard[0] !== undefined) heard[0].said = said;
  }
  return { ...report, turns, wordErrorRate: wordErrorRate(errors) };
}
