import type { LinesFile } from './schema.ts';
import type { Lines } from './types.ts';

/** The lines of a flow file by the name the machine uses. */
export const LINE_NAMES = {
  recovery: 'recovery',
  hold: 'hold',
  no_input: 'noInput',
  no_match: 'noMatch',
  partial: 'partial',
  confirm: 'confirm',
  goodbye: 'goodbye',
  transfer_failed: 'transferFailed',
} as const satisfies Record<keyof LinesFile, keyof Lines>;

/** What the engine says in English where a flow has no line of its own. */
export const ENGLISH_LINES: Required<LinesFile> = {
  recovery: ["I'm sorry, something went wrong on my side. Could you say that once more?"],
  hold: ['One moment, please.', 'Just a second.'],
  no_input: ["Sorry, I didn't hear anything.", 'Are you still there?'],
  no_match: ["Sorry, I didn't get that.", "I'm sorry, I still didn't understand."],
  partial: ['Yes, go on.'],
  confirm: ['I have {{ value }} as your {{ slot }}. Is that right?'],
  goodbye: ['Thank you for calling. Goodbye.'],
  transfer_failed: ["I'm sorry, I can't connect you right now."],
};
