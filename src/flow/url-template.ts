import { ENCODED, PART_MARK } from './interpreter.ts';
import { isAstNode, namesIn, parseTemplate, type Template, templateOf } from './template.ts';

/** Who wrote what stands under a name. Any other name may hold the words of a caller. */
export interface UrlNames {
  /** Constants of the file: they are part of the URL as it is written. */
  constant: ReadonlySet<string>;
  /** Constants, and what servers answered: a URL may begin with them. */
  trusted: ReadonlySet<string>;
}

/**
 * A template whose text is a URL. Values are percent-encoded, so that they stay in their place; what
 * the template itself says, constants and the value it begins with are left as they are. Rendering
 * throws for a value that would change the host, or the path beyond its place.
 */
export function compileUrl(source: string, names: UrlNames): Template {
  const program = parseTemplate(source);
  // What the template binds itself, as in {% set %}, is none of these names any more.
  const free = namesIn(program);
  const still = (all: ReadonlySet<string>) => new Set([...all].filter((name) => free.has(name)));
  const own: UrlNames = { constant: still(names.constant), trusted: still(names.trusted) };
  const body = encodedBlock(program.body, true, own);
  const template = templateOf(source, { type: 'Program', body });
  return { ...template, render: (data) => checked(template.render(data)) };
}

/** The statements of a block, with what they print encoded; `begins` if the URL begins with them. */
function encodedBlock(statements: readonly unknown[], begins: boolean, names: UrlNames): unknown[] {
  let first = begins;
  return statements.map((statement) => {
    const encoded = encodedStatement(statement, first, names);
    if (prints(statement)) first = false;
    return encoded;
  });
}

const SILENT = new Set(['Set', 'Macro', 'Comment', 'Break', 'Continue']);

function prints(statement: unknown): boolean {
  if (!isAstNode(statement) || SILENT.has(statement.type)) return false;
  return statement.type !== 'StringLiteral' || String(statement.value).trim() !== '';
}

function encodedStatement(statement: unknown, begins: boolean, names: UrlNames): unknown {
  if (!isAstNode(statement) || SILENT.has(statement.type)) return statement;
  const block = (list: unknown, first: boolean) =>
    Array.isArray(list) ? encodedBlock(list, first, names) : list;
  if (statement.type === 'If') {
    const { body, alternate } = statement;
    return { ...statement, body: block(body, begins), alternate: block(alternate, begins) };
  }
  if (statement.type === 'For') {
    const { body, defaultBlock } = statement;
    return { ...statement, body: block(body, false), defaultBlock: block(defaultBlock, false) };
  }
  return encoded(statement, begins, names);
}

/** Texts that are joined and texts that are chosen from are looked at one by one. */
function encoded(expression: unknown, begins: boolean, names: UrlNames): unknown {
  if (!isAstNode(expression)) return expression;
  const { type } = expression;
  if (type === 'BinaryExpression' && joinsTexts(expression)) {
    const left = encoded(expression.left, begins, names);
    return { ...expression, left, right: encoded(expression.right, false, names) };
  }
  if (type === 'Ternary') {
    const trueExpr = encoded(expression.trueExpr, begins, names);
    return { ...expression, trueExpr, falseExpr: encoded(expression.falseExpr, begins, names) };
  }
  if (type === 'SelectExpression') {
    return { ...expression, lhs: encoded(expression.lhs, begins, names) };
  }
  const used = [...namesIn(expression)];
  if (used.every((name) => names.constant.has(name))) return expression;
  if (!begins) return { type: ENCODED, expression };
  const foreign = used.find((name) => !names.trusted.has(name));
  if (foreign === undefined) return expression;
  throw new Error(
    `it begins with "${foreign}", which a caller's words could fill: ` +
      'begin it with https:// or with a name of environment_variables',
  );
}

/** `~` always does; `+` does where one of its sides is a text as it is written. */
function joinsTexts(expression: Record<string, unknown>): boolean {
  const { operator, left, right } = expression;
  const sign = isAstNode(operator) ? operator.value : undefined;
  return sign === '~' || (sign === '+' && (isText(left) || isText(right)));
}

function isText(expression: unknown): boolean {
  if (!isAstNode(expression)) return false;
  if (expression.type === 'StringLiteral') return true;
  return expression.type === 'BinaryExpression' && joinsTexts(expression);
}

const AUTHORITY = /^\s*[a-z][a-z\d+.-]*:\/*[^/?#]*/i;
const DOTS = /^(?:\.|%2e){1,2}$/i;

function checked(marked: string): string {
  const [authority = ''] = AUTHORITY.exec(marked) ?? [];
  if (authority.includes(PART_MARK)) throw new Error('a value would choose the host of the URL');
  const [path = ''] = marked.slice(authority.length).split(/[?#]/);
  for (const segment of path.split('/')) {
    const text = segment.replaceAll(PART_MARK, '');
    if (text === '' && segment !== '') throw new Error('a value in the path of the URL is empty');
    if (DOTS.test(text)) throw new Error('a value in the path of the URL is "." or ".."');
  }
  return marked.replaceAll(PART_MARK, '');
}
