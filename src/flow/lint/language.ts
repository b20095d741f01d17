import type { Rule } from './finding.ts';

/** The built-in intents know English words only. */
const ENGLISH = /^en\b/i;

/** Flows in another language that count on English words for yes and no. */
export const intentsOfLanguage: Rule = ({ file, flow }) => {
  if (ENGLISH.test(flow.language)) return [];
  const missing = ['yes', 'no'].filter((name) => !Object.hasOwn(file.intents ?? {}, name));
  if (missing.length === 0) return [];
  return [
    {
      rule: 'language-intents',
      severity: 'warning',
      field: 'intents',
      message: `the flow is in "${flow.language}", but the intents ${missing.join(' and ')} that are built in are English`,
      advice: `define ${missing.map((name) => `intents.${name}`).join(' and ')} in the flow`,
    },
  ];
};
