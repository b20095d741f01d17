/** Compiles a pattern of a flow: case-insensitive, Unicode. Throws an Error that says what is wrong. */
export function compilePattern(source: string): RegExp {
  return new RegExp(source, 'iu');
}
