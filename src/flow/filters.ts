/*
 * Filters of Jinja that the library lacks and that flows use. They are given and give plain values.
 */

/** Throws an Error for what it cannot be done to. */
export type OwnFilter = (operand: unknown, args: readonly unknown[]) => unknown;

/** `undefined` for a filter that is not one of these. */
export function ownFilter(name: string): OwnFilter | undefined {
  return FILTERS.get(name);
}

const FILTERS = new Map<string, OwnFilter>([
  ['format', (pattern, args) => format(String(pattern), args)],
  ['min', (items) => extreme(items, Math.min)],
  ['max', (items) => extreme(items, Math.max)],
]);

/** Of a list of numbers; of an empty one nothing. */
function extreme(items: unknown, choose: (...numbers: number[]) => number): unknown {
  const numbers = Array.isArray(items) ? items.map(Number) : [Number.NaN];
  if (numbers.some(Number.isNaN)) throw new Error('min and max are for lists of numbers');
  return numbers.length === 0 ? '' : choose(...numbers);
}

/** Wider than anything that is said or sent. */
const MAX_WIDTH = 100;
const PLACE = /%(?:%|([-0]?)(\d*)(?:\.(\d+))?([sdif]))/g;

/** As Python's `%` does it: `%s`, `%d`, `%i` and `%f` with `0`, `-`, width and precision. */
function format(pattern: string, args: readonly unknown[]): string {
  let next = 0;
  return pattern.replace(PLACE, (place, flag = '', width = '', precision = '', kind = '') => {
    if (place === '%%') return '%';
    if (next >= args.length) throw new Error('format: a place has no value');
    const text = written(args[next++], kind, precision);
    const length = Math.min(Number(width), MAX_WIDTH);
    if (flag === '-') return text.padEnd(length);
    if (flag !== '0' || kind === 's') return text.padStart(length);
    return text.startsWith('-')
      ? `-${text.slice(1).padStart(length - 1, '0')}`
      : text.padStart(length, '0');
  });
}

function written(value: unknown, kind: string, precision: string): string {
  if (kind === 's')
    return precision === '' ? String(value) : String(value).slice(0, Number(precision));
  const number = Number(value);
  if (Number.isNaN(number)) throw new Error(`format: %${kind} wants a number`);
  if (kind !== 'f') return String(Math.trunc(number));
  return number.toFixed(Math.min(precision === '' ? 6 : Number(precision), MAX_WIDTH));
}
