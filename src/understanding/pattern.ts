const anchored = new WeakMap<RegExp, RegExp>();

/**
 * A pattern as a flow author writes it: case does not matter, Unicode classes work.
 * Throws a plain Error with the reason.
 *
 * Utterances are cut at 1,000 characters before they are matched, which bounds patterns of ordinary
 * shape. It does not bound one that nests unlimited repeats, such as `(a+)+b`: such a pattern can
 * still take for ever, and only its author can prevent that.
 */
export function compilePattern(source: string): RegExp {
  if (source.trim() === '')
    throw new Error('a pattern must not be empty: it would match everything');
  try {
    return new RegExp(source, 'iu');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `not a regular expression: ${reason.replace(/^Invalid regular expression: /, '')}`,
    );
  }
}

/** Whether the pattern matches the whole of a text, whichever way it was anchored. */
export function matchesWhole(pattern: RegExp, text: string): boolean {
  let whole = anchored.get(pattern);
  if (whole === undefined) {
    whole = new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gy]/g, ''));
    anchored.set(pattern, whole);
  }
  return whole.test(text);
}
