import { expect, test } from 'vitest';
import { Flow } from '../../src/flow/flow.ts';
import { compileGuard, compileTemplate, type TemplateData } from '../../src/flow/template.ts';

function render(source: string, data: TemplateData = {}): string {
  return compileTemplate(source).render(data);
}

test.each([
  ['{{ constructor }}'],
  ['{{ order.constructor }}'],
  ['{{ order.__proto__ }}'],
  ['{{ order["constructor"]["constructor"] }}'],
  ['{{ process }}{{ globalThis }}{{ require }}'],
  ['{{ namespace }}'],
  // Methods that the library's own values bring along: callable, but no words.
  ['{{ order.items }}{{ order.keys }}{{ name.upper }}'],
])('%s reaches nothing but the data', (source) => {
  expect(render(source, { order: { total: 3 }, name: 'Ann' })).toBe('');
});

test('a missing name is empty, in chains, in front of filters and as a list', () => {
  expect(render('<{{ a.b.c }}{{ a[0].b }}{{ a | upper }}{{ a | join(", ") }}>')).toBe('<>');
  expect(render('{{ rows | selectattr("x", "equalto", "1") | list | length }}')).toBe('0');
  expect(render('{{ a | default("none") }}')).toBe('none');
});

test('a list is searched for a value of the data, of any type, there or missing', () => {
  const data = {
    courses: [
      { id: 'a', holes: 9 },
      { id: 5, holes: 18 },
    ],
    name: 'a',
    number: 5,
  };
  const holes = (id: string) =>
    `{{ (courses | selectattr("id", "equalto", ${id}) | list | first).holes | default("none") }}`;
  expect(render(holes('name'), data)).toBe('9');
  expect(render(holes('number'), data)).toBe('18');
  expect(render(holes('missing'), data)).toBe('none');
  expect(render('<{{ [] | first }}{{ [] | last }}>')).toBe('<>');
});

test('names that mean something to the library are data like any other', () => {
  const data = { namespace: 'n', true: 'yes', loop: 'l' };
  expect(render('{{ namespace }} {{ loop }} {{ true }}', data)).toBe('n l true');
});

test.each([
  [
    'loops in loops',
    '{% for a in r %}{% for b in r %}{% for c in r %}x{% endfor %}{% endfor %}{% endfor %}',
  ],
  ['a text that doubles', `{% set s = "0123456789" %}${'{% set s = s ~ s %}'.repeat(30)}{{ s }}`],
  ['a list that doubles', `{% set l = r %}${'{% set l = l + l %}'.repeat(30)}{{ l | length }}`],
])('%s is stopped', (_, source) => {
  expect(() => render(source, { r: Array(100).fill(1) })).toThrow(/too (many|much)/);
});

test.each([
  ['an indent of any width', '{{ name | indent(400000000) }}', /indent/],
  ['blanks without end', `x${' '.repeat(5000)}y`, /blanks/],
  ['a text longer than any', 'x'.repeat(60_000), /longer/],
])('%s is refused when it is compiled', (_, source, message) => {
  expect(() => compileTemplate(source)).toThrow(message);
});

test('a guard is one expression and cannot close its own tag', () => {
  expect(() => compileGuard('a %}1{% endif %}{% if true')).toThrow(/one expression/);
  expect(compileGuard('a > 3 and not b').test({ a: 4 })).toBe(true);
});

test.each([
  ['an alias that leads nowhere', 'initial_node: a\nnodes: *gone\n'],
  ['a merge that leads nowhere', 'initial_node: a\nnodes:\n  - <<: *gone\n'],
  [
    'data that hold themselves',
    'initial_node: a\nenvironment_variables: &e { e: *e }\nnodes: [{ id: a }]\n',
  ],
  [
    'data nested without end',
    `{"initial_node":"a","nodes":[{"id":"a"}],"env_vars":{"x":${'['.repeat(3000)}${']'.repeat(3000)}}}`,
  ],
  [
    'a header that is no text',
    '{"initial_node":"a","nodes":[{"id":"a"}],"actions":[{"id":"x","method":"GET","url":"https://example.com/","headers":{"h":{"toString":1}}}]}',
  ],
  ['lists nested too deep to be read', `initial_node: a\nnodes:\n${'- '.repeat(20_000)}x\n`],
  [
    'a text that is taken for a key',
    'initial_node: a\nnodes: [{ id: a, static_text: {{ name }} }]\n',
  ],
])('a file with %s is refused as a flow, and nothing else is thrown', (_, text) => {
  expect(() => Flow.parse(text)).toThrow(expect.objectContaining({ name: 'FlowError' }));
});
