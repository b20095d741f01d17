import { Environment, parse, tokenize } from '@huggingface/jinja';
import type { Json } from '../json.ts';
import { BoundedInterpreter } from './interpreter.ts';

/** What templates and guards can see. Null-prototype or plain: only own names are reached. */
export type TemplateData = Readonly<Record<string, Json | undefined>>;

/** A Jinja text. */
export interface Template {
  readonly source: string;
  /** Names that the template takes from its data. */
  readonly names: ReadonlySet<string>;
  /** Throws if the template fails on this data. A missing name is empty. */
  render(data: TemplateData): string;
}

/** A Jinja boolean expression. */
export interface Guard {
  readonly source: string;
  readonly names: ReadonlySet<string>;
  /** Throws if the expression fails on this data. */
  test(data: TemplateData): boolean;
}

/** A longer text is no template that anybody wrote, and long white space stalls the library. */
const MAX_LENGTH = 50_000;
const MAX_BLANKS = 1000;
const LONG_BLANKS = new RegExp(`\\s{${MAX_BLANKS}}`);

/** Throws an Error that says what is wrong with the syntax. */
export function compileTemplate(source: string): Template {
  return templateOf(source, parseTemplate(source));
}

/** The template that a syntax tree stands for. */
export function templateOf(source: string, program: unknown): Template {
  return {
    source,
    names: namesIn(program),
    render(data) {
      return String(new BoundedInterpreter(environmentOf(data)).run(program).value);
    },
  };
}

/** Throws an Error that says what is wrong with the syntax. */
export function compileGuard(source: string): Guard {
  const text = `{% if ${source} %}1{% endif %}`;
  const program = parseTemplate(text);
  const [statement] = program.body;
  if (program.body.length !== 1 || statement?.type !== 'If') {
    throw new Error('a guard is one expression');
  }
  const template = compileTemplate(text);
  return { source, names: template.names, test: (data) => template.render(data) === '1' };
}

/** The syntax tree of a template. Throws an Error that says what is wrong with it. */
export function parseTemplate(source: string): ReturnType<typeof parse> {
  if (source.length > MAX_LENGTH) throw new Error(`longer than ${MAX_LENGTH} characters`);
  if (LONG_BLANKS.test(source)) throw new Error(`more than ${MAX_BLANKS} blanks in a row`);
  if (/\bindent\b/.test(source)) throw new Error('there is no indent');
  return parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true }));
}

const LITERALS = { true: true, false: false, none: null, True: true, False: false, None: null };

/** An environment of data alone: none of the library's globals (`range`, `namespace`, …). */
function environmentOf(data: TemplateData): Environment {
  const environment = new Environment();
  environment.variables.clear();
  for (const [name, value] of Object.entries({ ...data, ...LITERALS })) {
    if (value !== undefined) environment.set(name, value);
  }
  return environment;
}

const BOUND_BY_TEMPLATE = new Set(['loop', ...Object.keys(LITERALS)]);

/**
 * Identifiers read from the data. Filter and test names, members and names that the template
 * itself binds are not counted; a name that it binds and also reads from outside is missed.
 */
export function namesIn(program: unknown): Set<string> {
  const used = new Set<string>();
  const bound = new Set(BOUND_BY_TEMPLATE);
  visit(program, used, bound);
  return new Set([...used].filter((name) => !bound.has(name)));
}

function visit(node: unknown, used: Set<string>, bound: Set<string>): void {
  if (Array.isArray(node)) {
    for (const part of node) visit(part, used, bound);
    return;
  }
  if (!isAstNode(node)) return;
  switch (node.type) {
    case 'Identifier':
      used.add(String(node.value));
      return;
    case 'MemberExpression':
      visit(node.object, used, bound);
      if (node.computed === true) visit(node.property, used, bound);
      return;
    case 'FilterExpression':
      visit(node.operand, used, bound);
      visitArguments(node.filter, used, bound);
      return;
    case 'TestExpression':
      visit(node.operand, used, bound);
      return;
    case 'KeywordArgumentExpression':
      visit(node.value, used, bound);
      return;
    case 'Set':
      visit(node.assignee, bound, bound);
      visit([node.value, node.body], used, bound);
      return;
    case 'For':
      visit(node.loopvar, bound, bound);
      visit([node.iterable, node.body, node.defaultBlock], used, bound);
      return;
    default:
      // An operator is a token that looks like an identifier (`and`, `not`).
      for (const [key, child] of Object.entries(node)) {
        if (key !== 'operator') visit(child, used, bound);
      }
  }
}

/** A filter is a bare name or a call of one; only the call's arguments are read from data. */
function visitArguments(filter: unknown, used: Set<string>, bound: Set<string>): void {
  if (isAstNode(filter) && filter.type === 'CallExpression') visit(filter.args, used, bound);
}

export function isAstNode(value: unknown): value is { type: string } & Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
  );
}
