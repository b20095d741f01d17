import { RE2JS, RE2JSSyntaxException } from 're2js';
import type { Pattern } from './types.ts';

/**
 * Steps of a compiled pattern. One of this size takes some 25 ms for the longest utterance that is
 * looked at; what people write has ten to a hundred.
 */
const MOST_STEPS = 1000;

/**
 * A pattern as a flow author writes it: case does not matter, and white space is that of Unicode.
 * It runs on an engine whose time grows with the text's length alone, so that no pattern can stall a
 * call. Such an engine looks neither ahead nor behind and knows no back references. Throws a plain
 * Error with the reason.
 */
export function compilePattern(source: string): Pattern {
  if (source.trim() === '')
    throw new Error('a pattern must not be empty: it would match everything');
  const compiled = compile(source, RE2JS.CASE_INSENSITIVE);
  const inItsCase = compile(source, 0);
  return {
    source,
    find(text) {
      // Most patterns do not fit, and that is found out three to ten times faster.
      if (!compiled.test(text)) return undefined;
      const match = compiled.matcher(text);
      return match.find() ? { from: match.start(), to: match.end() } : undefined;
    },
    fitsWhole: (text) => compiled.testExact(text),
    fitsInCase: (text) => inItsCase.testExact(text),
  };
}

/** A `pattern` of a JSON Schema on the same engine: it fits anywhere, and case matters. */
export function compileSchemaPattern(source: string): { test(text: string): boolean } {
  return compile(source, 0);
}

function compile(source: string, flags: number): RE2JS {
  const compiled = parsed(source, flags);
  const steps = compiled.programSize();
  if (steps > MOST_STEPS) {
    throw new Error(
      `a pattern of ${steps} steps, where ${MOST_STEPS} are allowed: let its repeats in {} be fewer, or say + or *`,
    );
  }
  return compiled;
}

function parsed(source: string, flags: number): RE2JS {
  try {
    return RE2JS.compile(inItsEscapes(source), flags);
  } catch (error) {
    throw new Error(`not a regular expression: ${reasonOf(error)}`);
  }
}

const ESCAPE = /\\(?:u\{([\da-f]+)\}|u((?!d[89a-f])[\da-f]{4})|(.))/gis;

/**
 * The escapes of JavaScript that the engine has other words for, and white space of all kinds: its
 * own `\s` is ASCII, and recognisers write 20 000 with a blank that is not.
 */
function inItsEscapes(source: string): string {
  return source.replace(ESCAPE, (written, braced, four, letter) => {
    if (letter === 's') return '\\p{White_Space}';
    if (letter === 'S') return '\\P{White_Space}';
    return letter === undefined ? `\\x{${braced ?? four}}` : written;
  });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof RE2JSSyntaxException)) {
    return error instanceof Error ? error.message : String(error);
  }
  const part = error.getPattern() ?? '';
  const advice = ADVICE.find(({ about }) => about.test(part))?.advice;
  const reason = `${error.getDescription()}${part === '' ? '' : `: ${part}`}`;
  return advice === undefined ? reason : `${part} ${advice}`;
}

/** What to write instead of what this engine does not have. */
const ADVICE: readonly { about: RegExp; advice: string }[] = [
  {
    about: /^\(\?<?[=!]/,
    advice:
      'looks ahead or behind, which is not possible here: write the text itself that has to stand there, ' +
      'give a slot its length with "length", and give what must not fit an edge of its own',
  },
  {
    about: /^\\[1-9k]/,
    advice: 'refers back to a group, which is not possible here: write out what it may be',
  },
  {
    about: /^\\p\{\w+=/i,
    advice: 'is not known here: write the name alone, as in \\p{Greek}',
  },
  {
    about: /^\\p/i,
    advice: 'is not known here: write a short name, as in \\p{L}, \\p{Lu}, \\p{N} or \\p{Greek}',
  },
  {
    about: /^\{\d+/,
    advice: 'repeats more than 1000 times, together with the repeats around it: say + or *',
  },
];
