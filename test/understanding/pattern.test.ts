import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../src/understanding/index.ts';
import { compileSchemaPattern } from '../../src/understanding/pattern.ts';

const run = promisify(execFile);

describe('a pattern', () => {
  it('does not mind case', () => {
    expect(compilePattern('iban').fitsWhole('IBAN')).toBe(true);
    expect(compilePattern('grüße').find('Viele GRÜßE')).toEqual({ from: 6, to: 11 });
    expect(compilePattern('(?-i:[A-Z])\\d').fitsWhole('a1')).toBe(false);
  });

  it('says where it fits first, in UTF-16 units', () => {
    expect(compilePattern('b+').find('😀 abb b')).toEqual({ from: 4, to: 6 });
    expect(compilePattern('c').find('ab')).toBeUndefined();
  });

  it.each([
    ['a|ab', 'ab', true],
    ['^a|b$', 'ab', false],
    ['^\\d{4}$', '4711', true],
    ['\\d{4}', '47110', false],
    ['a$', 'a\n', false],
  ])('/%s/ and the whole of "%s": %s', (source, text, fits) => {
    expect(compilePattern(source).fitsWhole(text)).toBe(fits);
  });

  it.each([
    ['\\s', '20\u00a0000'],
    ['[\\s]', '20\u202f000'],
    ['[^\\S]', '20\u2009000'],
    ['\\u00e9', 'Café'],
    ['\\u{1F600}', 'hello 😀'],
    ['\\p{Greek}', 'αβγ'],
    ['(?<word>\\p{L}+)-', 'é-'],
    ['a\\/b', 'a/b'],
    ['\\d\\-\\d', '1-2'],
  ])('/%s/ is found in "%s"', (source, text) => {
    expect(compilePattern(source).find(text)).toBeDefined();
  });

  it('knows other than ASCII letters by their class, not by \\w or \\b', () => {
    expect(compilePattern('^\\p{L}+$').fitsWhole('Übung')).toBe(true);
    expect(compilePattern('^\\w+$').fitsWhole('Übung')).toBe(false);
    expect(compilePattern('\\bübung').find('eine Übung')).toBeUndefined();
  });

  it.each([
    ['(', 'not a regular expression: missing closing )'],
    ['[a', 'not a regular expression: missing closing ]'],
    [' ', 'must not be empty'],
    ['a(?=b)', 'looks ahead or behind, which is not possible here: write the text'],
    ['^(?!no)', 'looks ahead or behind'],
    ['(?<=a)b', 'looks ahead or behind'],
    ['(?<!a)b', 'looks ahead or behind'],
    ['(a)\\1', 'refers back to a group, which is not possible here: write out'],
    ['(?<x>a)\\k<x>', 'refers back to a group'],
    ['\\u00e', 'invalid escape sequence: \\u'],
    ['\\ud83d\\ude00', 'invalid escape sequence: \\u'],
    ['\\p{Script=Greek}', 'write the name alone, as in \\p{Greek}'],
    ['\\p{Letter}', 'write a short name, as in \\p{L}'],
    ['a{1,2000}', '{1,2000} repeats more than 1000 times'],
    ['(abc|de?f){300}', 'where 1000 are allowed'],
    ['(a{0,40}){0,40}', '{0,40} repeats more than 1000 times, together with'],
  ])('/%s/ is refused with a reason', (source, reason) => {
    expect(() => compilePattern(source)).toThrow(reason);
  });
});

it('a pattern of a schema minds case, and fits anywhere', () => {
  expect(compileSchemaPattern('b').test('abc')).toBe(true);
  expect(compileSchemaPattern('B').test('abc')).toBe(false);
});

/**
 * Expressions that mean the same in JavaScript, with its flags i and u. What is repeated is never
 * empty: there the two differ, as in (\b|a){1,3}.
 */
const letter = fc.constantFrom(
  'a',
  'b',
  'B',
  '1',
  'é',
  'ß',
  '😀',
  '\\d',
  '\\w',
  '.',
  '[^a]',
  '[ab1]',
);
const letters = fc.array(letter, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(''));
const either = fc
  .array(letters, { minLength: 1, maxLength: 3 })
  .map((all) => `(?:${all.join('|')})`);
const repeat = fc.constantFrom('', '?', '*', '+', '{2}', '{1,3}', '??', '*?', '+?', '{0,2}?');
const place = fc.constantFrom('\\b', '^', '$', '\\p{L}');
const part = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(either, repeat).map((both) => both.join('')) },
  { weight: 1, arbitrary: place },
);
const sequence = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));
const expression = fc.array(sequence, { minLength: 1, maxLength: 2 }).map((all) => all.join('|'));

it('finds what JavaScript finds', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'A', '1', 'é', 'É', '😀', ' ', 'ß', '-'), { maxLength: 6 })
    .map((characters) => characters.join(''));
  fc.assert(
    fc.property(expression, text, (source, said) => {
      const pattern = compilePattern(source);
      const found = new RegExp(source, 'iu').exec(said);
      expect(pattern.find(said)).toEqual(
        found === null ? undefined : { from: found.index, to: found.index + found[0].length },
      );
      expect(pattern.fitsWhole(said)).toBe(new RegExp(`^(?:${source})$`, 'iu').test(said));
    }),
    { numRuns: 1000 },
  );
});

describe('patterns that keep JavaScript busy for ever', () => {
  const evil = ['(a+)+b', 'a*a*a*a*a*a*b', '(a|a)*b', '(\\w+\\s?)*!', '^(a*)*$', '(.*a){20}'];
  const text = 'a'.repeat(10_000);
  const LIMIT_MS = 30_000;

  it(
    'are done with a text of 10,000 characters',
    async () => {
      const modules = ['understanding/index.ts', 'tools/arguments.ts'].map((path) =>
        JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href),
      );
      const program = `
        const { compilePattern } = await import(${modules[0]});
        const { jsonCheck } = await import(${modules[1]});
        for (const source of ${JSON.stringify(evil)}) {
          const pattern = compilePattern(source);
          pattern.find('${text}');
          pattern.fitsWhole('${text}');
          const schema = { type: 'object', properties: { x: { type: 'string', pattern: source } } };
          await jsonCheck('tool', schema)({ x: '${text}' });
        }
        console.log('done');`;
      // In a process of its own: a stalled one could not be stopped from within.
      const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], {
        timeout: LIMIT_MS / 2,
        killSignal: 'SIGKILL',
      });
      expect(stdout).toBe('done\n');
    },
    LIMIT_MS,
  );
});
