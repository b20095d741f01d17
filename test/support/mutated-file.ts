import fc from 'fast-check';
import { stringify } from 'yaml';
import type { Json, JsonObject } from '../../src/json.ts';

/*
 * Flow files gone wrong: by a few edits of the data they hold, by a few edits of their text, or by
 * both. What is put in is what breaks readers: names that JavaScript knows, huge and deep values,
 * odd letters, and the marks of templates, guards, patterns and YAML in no good order.
 */

export interface MutatedFile {
  /** A flow file as a text or, as a program may hand it over, as an object. */
  source: string | JsonObject;
  /** As the ending of a file would tell it; absent for an object. */
  file?: string;
}

const NAMES = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then', 'length'],
  ...['id', 'nodes', 'edges', 'initial_node', 'target_node_id', 'match', 'guard', 'set', 'slots'],
  ...['static_text', 'instruction', 'collect', 'actions', 'tools', 'input_schema', 'is_final'],
  ...['initialNodeId', 'config', 'data', 'source', 'target', 'label', '', ' ', '0', '<<', '$ref'],
];

const TEXTS = [
  ...['', ' ', '\n', 'null', 'true', '~', 'NaN', '.nan', '-.inf', '0x1F', '1_000', '1e400', '-0'],
  ...[
    '\u0000',
    '\ud800',
    '\udc00x',
    '\u202eabc',
    '\u2028',
    '\ufeff',
    'İıſß',
    '👩‍👩‍👧',
    'e\u0301'.repeat(40),
  ],
  ...['always', 'ALWAYS ', 'a == 1', 'x is not null and y.z >= 3', 'return', 'stay', 'on>off', '*'],
  ...[
    'x'.repeat(60_000),
    ' '.repeat(3000),
    '1 '.repeat(2000),
    'a'.repeat(64),
    '{{ a }}'.repeat(500),
  ],
  ...[
    '{% for a in "aaaaaaaaaa" %}'.repeat(9),
    '(a+)+$',
    '^(\\w+\\s?)*$',
    '(.*)*x',
    '(?=a)*',
    '\\1(a)',
  ],
];

const TEMPLATE_MARKS = [
  ...[
    '{{',
    '}}',
    '{%',
    '%}',
    '{#',
    '#}',
    '{%-',
    '-%}',
    ' if ',
    ' else ',
    ' endif ',
    ' for ',
    ' in ',
  ],
  ...[
    ' endfor ',
    ' set ',
    ' macro ',
    ' call ',
    ' filter ',
    ' raw ',
    'x',
    'spoken.day',
    '.',
    '[',
    ']',
  ],
  ...[
    '(',
    ')',
    '|',
    ' upper',
    ' default',
    ' join',
    ' indent',
    ' tojson',
    ' sort',
    ',',
    ':',
    '"',
    "'",
  ],
  ...['\\', ' not ', ' and ', ' or ', ' is ', ' defined', '==', '<', '-', '*', '~', '%', '/', '0'],
  ...['9999999', 'range', 'namespace', '__proto__', 'constructor', '=', '{', '}', 'loop', ' true '],
];
const PATTERN_MARKS = [
  ...['(', ')', '(?:', '(?=', '(?<!', '(?<n>', '\\k<n>', '[', ']', '[^', '{', '}', '{2}', '{,3}'],
  ...[
    '{99999}',
    '{3,1}',
    '*',
    '+',
    '?',
    '*?',
    '++',
    '|',
    '^',
    '$',
    '.',
    '\\',
    '\\b',
    '\\d',
    '\\p{L}',
  ],
  ...['\\p{', '\\u{', '\\x', '\\1', '-', 'a', 'aa', ' ', '\\w+', '(a+)+', '/', '👩'],
];
const YAML_MARKS = [
  ...[
    '&a ',
    '*a',
    '*gone',
    '!!set ',
    '!!binary ',
    '!!timestamp ',
    '!!map ',
    '!x ',
    '<<: ',
    '---\n',
  ],
  ...[
    '...\n',
    '%YAML 1.1\n',
    '? ',
    '| \n',
    '>-\n',
    '- ',
    ': ',
    '\t',
    '\n',
    '  ',
    '#',
    '{',
    '}',
    '[',
  ],
  ...[
    ']',
    ',',
    '"',
    "'",
    '\\',
    '@',
    '`',
    '\u0000',
    '\ufeff',
    '&a [*a, *a]',
    '[*a, *a, *a]',
    '.nan',
  ],
  ...['"__proto__": ', 'constructor: ', '1e999', '[['.repeat(60), '{a: '.repeat(40)],
  '&b *b',
];
const DEEP_MARKS = [
  ...['['.repeat(20_000), '{"a":'.repeat(5000), '- '.repeat(3000)],
  `${'['.repeat(5000)}${']'.repeat(5000)}`,
];

const soup = (marks: readonly string[]) =>
  fc.array(fc.constantFrom(...marks), { minLength: 1, maxLength: 8 }).map((all) => all.join(''));

const number = fc.constantFrom(0, -0, -1, 1, 0.5, 1e21, -1e308, 2 ** 53, Number.MIN_VALUE);
const big: fc.Arbitrary<Json> = fc
  .constantFrom<() => Json>(
    () => nested(55),
    () => nested(70),
    () => nested(300),
    () => Array.from({ length: 5000 }, () => null),
    () => Array.from({ length: 300 }, (_, index) => ({ id: `n${index}` })),
    () => Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`k${index}`, index])),
  )
  .map((make) => make());
const poison = fc
  .constantFrom(
    '{"__proto__":{"polluted":true}}',
    '{"constructor":{"prototype":{"polluted":true}}}',
    '{"__proto__":null,"toString":1,"then":2,"length":3}',
    '{"type":"object","properties":{"__proto__":{"type":"integer"}},"required":["__proto__"]}',
  )
  .map((text): Json => JSON.parse(text));

function nested(depth: number): Json {
  let value: Json = 'deep';
  for (let left = depth; left > 0; left -= 1) value = left % 2 === 0 ? [value] : { a: value };
  return value;
}

const text = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 3, arbitrary: soup(TEMPLATE_MARKS) },
  { weight: 3, arbitrary: soup(PATTERN_MARKS) },
  { weight: 2, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
);
const value: fc.Arbitrary<Json> = fc.oneof(
  { weight: 2, arbitrary: text },
  { weight: 2, arbitrary: fc.constantFrom<Json[]>(null, true, false, [], {}, [[]], [null], [{}]) },
  { weight: 2, arbitrary: number },
  { weight: 1, arbitrary: big },
  { weight: 1, arbitrary: poison },
);

/** Anywhere in the data or the text: taken modulo the number of places. */
const anywhere = fc.nat(0x7fffffff);

/**
 * One change of the data. `at` and `other` are places; `name`, `text` and `value` are what comes
 * there, the text only where there was one.
 */
const dataEdit = fc.record({
  change: fc.constantFrom(
    ...(['reword', 'reword', 'reword', 'replace', 'delete', 'delete', 'repeat'] as const),
    ...(['rename', 'swap', 'graft', 'wrap', 'retype'] as const),
  ),
  at: anywhere,
  other: anywhere,
  name: fc.constantFrom(...NAMES),
  text,
  value,
});
type DataEdit = typeof dataEdit extends fc.Arbitrary<infer T> ? T : never;

const textEdit = fc.record({
  change: fc.constantFrom('insert', 'insert', 'delete', 'cut', 'repeat', 'splice'),
  at: anywhere,
  length: fc.oneof(fc.nat(20), fc.nat(500)),
  from: anywhere,
  mark: fc.oneof(
    { weight: 60, arbitrary: soup(YAML_MARKS) },
    { weight: 20, arbitrary: soup(TEMPLATE_MARKS) },
    { weight: 20, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
    { weight: 1, arbitrary: fc.constantFrom(...DEEP_MARKS) },
  ),
});
type TextEdit = typeof textEdit extends fc.Arbitrary<infer T> ? T : never;

const FORMS = ['json', 'yaml', 'object'] as const;

/**
 * A flow file with one to four mistakes. `original` is the file as an object, `text` as it was
 * written, `others` the texts that pieces may be taken from.
 */
export function mutatedFile(
  original: JsonObject,
  text: string,
  others: readonly string[],
): fc.Arbitrary<MutatedFile> {
  const byData = fc
    .record({
      edits: fc.array(dataEdit, { minLength: 1, maxLength: 2 }),
      form: fc.constantFrom(...FORMS),
      scars: fc.oneof(
        { weight: 4, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.tuple(textEdit) },
      ),
    })
    .map(({ edits, form, scars }) => written(edited(original, edits), form, scars, others));
  const byText = fc
    .array(textEdit, { minLength: 1, maxLength: 2 })
    .map((edits) => ({ source: scarred(text, edits, others), file: 'mutated.yaml' }));
  return fc.oneof({ weight: 3, arbitrary: byData }, { weight: 1, arbitrary: byText });
}

function written(
  data: JsonObject,
  form: (typeof FORMS)[number],
  scars: readonly TextEdit[],
  others: readonly string[],
): MutatedFile {
  if (form === 'object') return { source: data };
  const text = form === 'json' ? JSON.stringify(data, null, 1) : yamlOf(data);
  return { source: scarred(text, scars, others), file: `mutated.${form}` };
}

/** What is too deep for the library to write as YAML goes as JSON, which is YAML too. */
function yamlOf(data: JsonObject): string {
  try {
    return stringify(data);
  } catch {
    return JSON.stringify(data);
  }
}

type Holder = JsonObject | Json[];
interface Place {
  holder: Holder;
  key: string;
}

function edited(original: JsonObject, edits: readonly DataEdit[]): JsonObject {
  const root: JsonObject = { file: structuredClone(original) };
  for (const edit of edits) apply(root, edit);
  const { file = null } = root;
  return typeof file === 'object' && file !== null ? (file as JsonObject) : { file };
}

function apply(root: JsonObject, { change, at, other, name, text, value }: DataEdit): void {
  const places = placesIn(root);
  const place = places[at % places.length];
  const second = places[other % places.length];
  if (place === undefined || second === undefined) return;
  const { holder, key } = place;
  const here = get(place);
  switch (change) {
    case 'reword':
      return put(place, typeof here === 'string' ? text : here);
    case 'replace':
      return put(place, structuredClone(value));
    case 'delete':
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else Reflect.deleteProperty(holder, key);
      return;
    case 'repeat':
      if (Array.isArray(holder)) holder.splice(Number(key), 0, structuredClone(here));
      else put({ holder, key: name }, structuredClone(here));
      return;
    case 'rename':
      if (Array.isArray(holder)) return;
      Reflect.deleteProperty(holder, key);
      return put({ holder, key: name }, here);
    case 'swap':
      put(place, structuredClone(get(second)));
      return put(second, structuredClone(here));
    case 'graft':
      return put(place, structuredClone(get(second)));
    case 'wrap':
      return put(place, other % 2 === 0 ? [here] : { [name]: here });
    case 'retype':
      return put(place, retyped(here));
  }
}

function retyped(value: Json): Json {
  if (typeof value === 'string') return value.length;
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return String(value);
}

/** Every value in the data but the top, which holds the file. */
function placesIn(holder: Holder): Place[] {
  const found: Place[] = [];
  const waiting: Holder[] = [holder];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const [key, inner] of Object.entries(next)) {
      found.push({ holder: next, key });
      if (typeof inner === 'object' && inner !== null) waiting.push(inner);
    }
  }
  return found;
}

function get({ holder, key }: Place): Json {
  return Object.hasOwn(holder, key) ? Reflect.get(holder, key) : null;
}

/** Unlike an assignment this makes a field of `__proto__` too. */
function put({ holder, key }: Place, value: Json): void {
  Object.defineProperty(holder, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

function scarred(text: string, edits: readonly TextEdit[], others: readonly string[]): string {
  return edits.reduce((before, edit) => withScar(before, edit, others), text);
}

function withScar(
  before: string,
  { change, at, length, from, mark }: TextEdit,
  others: readonly string[],
): string {
  const start = at % (before.length + 1);
  const [head, tail] = [before.slice(0, start), before.slice(start)];
  switch (change) {
    case 'insert':
      return head + mark + tail;
    case 'delete':
      return head + tail.slice(length);
    case 'cut':
      return head;
    case 'repeat':
      return head + tail.slice(0, length) + tail;
    case 'splice': {
      const other = others[from % others.length] ?? '';
      const begin = from % (other.length + 1);
      return head + other.slice(begin, begin + length) + tail;
    }
  }
}
