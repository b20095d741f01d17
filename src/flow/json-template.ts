import { QUOTED } from './interpreter.ts';
import { isAstNode, parseTemplate, type Template, templateOf } from './template.ts';

/** True for a text that is meant to be a JSON object or list, templates in it aside. */
export function isJsonText(source: string): boolean {
  return /^\s*(\{(?![{%#])|\[)/.test(source);
}

/**
 * A template whose text is JSON. What it prints between two quotation marks is escaped, so that a
 * value stays in its place whatever it holds.
 */
export function compileJson(source: string): Template {
  const program = parseTemplate(source);
  return templateOf(source, { type: 'Program', body: quotedBlock(program.body, false).statements });
}

interface Block {
  statements: unknown[];
  /** A text that was begun in or before the block is still open behind it. */
  inText: boolean;
}

function quotedBlock(statements: readonly unknown[], opened: boolean): Block {
  let inText = opened;
  const quoted = statements.map((statement) => {
    if (!isAstNode(statement)) return statement;
    const { type } = statement;
    if (type === 'StringLiteral') {
      inText = isOpenAfter(String(statement.value), inText);
      return statement;
    }
    if (type === 'If' || type === 'For') {
      const body = quotedBlock(listOf(statement.body), inText);
      const other = type === 'If' ? 'alternate' : 'defaultBlock';
      const rest = quotedBlock(listOf(statement[other]), inText);
      inText = body.inText;
      return { ...statement, body: body.statements, [other]: rest.statements };
    }
    return inText && !SILENT.has(type) ? { type: QUOTED, expression: statement } : statement;
  });
  return { statements: quoted, inText };
}

const SILENT = new Set(['Set', 'Macro', 'Comment', 'Break', 'Continue']);

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Counts quotation marks, but for those behind a backslash. */
function isOpenAfter(text: string, opened: boolean): boolean {
  const marks = text.replace(/\\./gs, '').split('"').length - 1;
  return opened !== (marks % 2 === 1);
}
