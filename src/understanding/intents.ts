import { english } from './english.ts';
import { compilePattern } from './pattern.ts';
import type { Intent } from './types.ts';

/** The intents that every flow may name without defining them. Its own of the same name win. */
export const intents: ReadonlyMap<string, Intent> = new Map(
  Object.entries(english.intents).map(([name, { examples, patterns }]) => [
    name,
    { examples, patterns: patterns.map(compilePattern) },
  ]),
);
