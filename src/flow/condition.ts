const PATH = String.raw`[A-Za-z_]\w*(?:\.\w+)*`;
const LITERAL = String.raw`true|false|null|none|-?\d+(?:\.\d+)?|'[^']*'|"[^"]*"`;
const OPERATOR = '==|!=|>=|<=|>|<|is not|is|equals';
const CLAUSE = String.raw`\s*(${PATH})\s*(?:(${OPERATOR}))\s*(${LITERAL})\s*`;
const WHOLE = new RegExp(`^${CLAUSE}(?:(?:and|or)${CLAUSE})*$`, 'i');
const EACH = new RegExp(String.raw`${CLAUSE}(and\b|or\b|$)`, 'giy');

const JINJA_OPERATOR: Record<string, string> = { is: '==', equals: '==', 'is not': '!=' };

/**
 * Reads a condition that is, as a whole, a predicate on data (`x.success is true and x.status == 409`)
 * as the source of a guard. Returns undefined for anything else: that is prose, for a model.
 */
export function predicateOf(condition: string): string | undefined {
  if (!WHOLE.test(condition)) return undefined;
  const clauses = [...condition.matchAll(EACH)].map(
    ([, path, operator = '', literal = '', joint]) => {
      const name = operator.toLowerCase();
      return [path, JINJA_OPERATOR[name] ?? name, literalOf(literal), joint?.toLowerCase()]
        .filter((part) => part !== undefined && part !== '')
        .join(' ');
    },
  );
  return clauses.join(' ');
}

/** Words are written as Jinja has them (`None` is `none`); quoted texts stay as they are. */
function literalOf(literal: string): string {
  if (/^['"]/.test(literal)) return literal;
  const word = literal.toLowerCase();
  return word === 'null' ? 'none' : word;
}

const ALWAYS = /^\s*always\s*$/i;

export function isAlways(condition: string): boolean {
  return ALWAYS.test(condition);
}

const SILENT_INSTRUCTION =
  /\b(?:(?:do not|don't|never) (?:say|speak|output|respond with|generate|produce) (?:anything|any (?:text|words|speech))|say nothing|no (?:speech|spoken (?:output|words))|silent(?:ly)? (?:router|route|node)|without (?:saying|speaking) (?:anything|a word))\b/i;

/** An instruction that is a ban begins with it; a ban further on is about one step of many. */
const OPENING_LENGTH = 120;

/** True for an instruction that says in so many words that nothing may be spoken at its node. */
export function forbidsSpeech(instruction: string): boolean {
  const prose = instruction
    .replace(/\{\{.*?\}\}|\{%.*?%\}/gs, '')
    .split('\n')
    .filter((line) => !/^\s*[\w.]+\s*=/.test(line))
    .join('\n')
    .trim();
  return SILENT_INSTRUCTION.test(prose.slice(0, OPENING_LENGTH));
}
