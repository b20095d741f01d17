import { Interpreter } from '@huggingface/jinja';
import { type OwnFilter, ownFilter } from './filters.ts';

/** Nodes of the template that may be evaluated in one rendering. */
const MAX_STEPS = 50_000;
/** Characters of a text, or items of a list, that may come about on the way. */
const MAX_SIZE = 200_000;

/** A value inside a running template. The library's declarations do not resolve under `nodenext`. */
interface Value {
  type: string;
  value: unknown;
}

interface LibraryInterpreter {
  run(program: unknown): Value;
  evaluate(statement: unknown, environment: unknown): Value;
}

const Library: new (environment: unknown) => LibraryInterpreter = Interpreter;

/** Filters that answer for a missing value themselves. */
const FOR_MISSING = new Set(['default', 'd', 'tojson', 'string']);
/** Filters of lists: to them a missing value is an empty list, to others an empty text. */
const OF_LISTS = new Set([
  'selectattr',
  'rejectattr',
  'select',
  'reject',
  'map',
  'list',
  'first',
  'last',
  'join',
  'sort',
  'unique',
  'items',
  'length',
]);

/** Filters whose arguments the library wants as literals, where Jinja takes any expression. */
const OF_LITERALS = new Set(['selectattr', 'rejectattr']);

const EMPTY_TEXT = { type: 'StringLiteral', value: '' };
const EMPTY_LIST = { type: 'ArrayLiteral', value: [] };
const MISSING = { type: 'Identifier', value: ' ' };

/**
 * The library's interpreter, within bounds: a template can neither run for long nor grow large, a
 * missing name is empty in front of filters too, and the methods that the library's values bring
 * along can be called but never be printed.
 */
export class BoundedInterpreter extends Library {
  #steps = 0;
  /** Expressions that stand where something is called. */
  readonly #callees = new Set<unknown>();

  override evaluate(statement: unknown, environment: unknown): Value {
    if (hasType(statement, RESOLVED)) return statement.value as Value;
    if (hasType(statement, ENCODED)) return this.#encoded(statement.expression, environment);
    if (hasType(statement, QUOTED)) return this.#quoted(statement.expression, environment);
    this.#steps += 1;
    if (this.#steps > MAX_STEPS) throw new Error('the template takes too many steps');
    if (hasType(statement, 'CallExpression')) this.#callees.add(statement.callee);
    if (hasType(statement, 'FilterExpression')) {
      const filter = ownFilter(filterName(statement.filter));
      if (filter !== undefined) return this.#filtered(filter, statement, environment);
    }
    const found: Value | undefined = super.evaluate(
      this.#withoutMissing(statement, environment),
      environment,
    );
    // The library has nothing at all for the first item of an empty list.
    const value = found ?? super.evaluate(MISSING, environment);
    requireSmall(value);
    return value.type === 'FunctionValue' && !this.#callees.has(statement)
      ? super.evaluate(MISSING, environment)
      : value;
  }

  #filtered(
    filter: OwnFilter,
    { operand, filter: call }: Record<string, unknown>,
    environment: unknown,
  ): Value {
    const read = (statement: unknown) => plain(this.evaluate(statement, environment));
    const args = hasType(call, 'CallExpression') && Array.isArray(call.args) ? call.args : [];
    const result = filter(read(operand), args.map(read));
    const type =
      typeof result === 'number' && Number.isInteger(result) ? 'IntegerLiteral' : 'FloatLiteral';
    return super.evaluate(
      { type: typeof result === 'number' ? type : 'StringLiteral', value: result },
      environment,
    );
  }

  /** What a filter or a member is taken of is looked at first: it may be missing. */
  #withoutMissing(statement: unknown, environment: unknown): unknown {
    if (hasType(statement, 'FilterExpression')) {
      const name = filterName(statement.filter);
      const operand = this.evaluate(statement.operand, environment);
      const isMissing = operand.type === 'UndefinedValue' && !FOR_MISSING.has(name);
      const empty = OF_LISTS.has(name) ? EMPTY_LIST : EMPTY_TEXT;
      return {
        ...statement,
        operand: isMissing ? empty : resolved(operand),
        ...(OF_LITERALS.has(name) && { filter: this.#withLiterals(statement.filter, environment) }),
      };
    }
    if (hasType(statement, 'MemberExpression')) {
      const object = this.evaluate(statement.object, environment);
      return object.type === 'UndefinedValue'
        ? MISSING
        : { ...statement, object: resolved(object) };
    }
    return statement;
  }

  #encoded(expression: unknown, environment: unknown): Value {
    const value = this.evaluate(expression, environment);
    const isMissing = value.type === 'NullValue' || value.type === 'UndefinedValue';
    const text = isMissing ? '' : encodeURIComponent(String(value).toWellFormed());
    return super.evaluate({ type: 'StringLiteral', value: PART_MARK + text }, environment);
  }

  #quoted(expression: unknown, environment: unknown): Value {
    const value = this.evaluate(expression, environment);
    if (value.type !== 'StringValue') return value;
    const text = JSON.stringify(String(value.value).toWellFormed()).slice(1, -1);
    return super.evaluate({ type: 'StringLiteral', value: text }, environment);
  }

  #withLiterals(filter: unknown, environment: unknown): unknown {
    if (!hasType(filter, 'CallExpression') || !Array.isArray(filter.args)) return filter;
    const args = filter.args.map((argument: unknown) => {
      const { value } = this.evaluate(argument, environment);
      return { type: 'StringLiteral', value };
    });
    return { ...filter, args };
  }
}

/** Stands in a template's tree around an expression that gives a part of a URL. */
export const ENCODED = 'Encoded';
/** Stands before each such part in the text, where nothing else puts it: encoded it is %00. */
export const PART_MARK = '\u0000';

/** Stands in a template's tree around an expression that is printed inside a JSON text. */
export const QUOTED = 'Quoted';

/** Stands in a template's tree for what has been evaluated already. */
const RESOLVED = 'Resolved';

function resolved(value: Value): { type: string; value: Value } {
  return { type: RESOLVED, value };
}

function requireSmall({ value }: Value): void {
  const size = typeof value === 'string' || Array.isArray(value) ? value.length : 0;
  if (size > MAX_SIZE) throw new Error('the template makes too much of its data');
}

/** A list's items are values of the library too. */
function plain({ value }: Value): unknown {
  return Array.isArray(value) ? value.map((item: Value) => item.value) : value;
}

function filterName(filter: unknown): string {
  if (hasType(filter, 'CallExpression')) return filterName(filter.callee);
  return hasType(filter, 'Identifier') ? String(filter.value) : '';
}

function hasType(
  value: unknown,
  type: string,
): value is { type: string } & Record<string, unknown> {
  return isObject(value) && 'type' in value && value.type === type;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
