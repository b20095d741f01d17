import { describe, expect, test } from 'vitest';
import { compileJson, isJsonText } from '../../src/flow/json-template.ts';

const EVIL = 'x", "admin": true, "y": "\\\n';

describe('a body that is written as JSON text', () => {
  test.each([
    ['{"name": "{{ name }}"}', { name: EVIL }],
    ['{"name": "Mr {{ name | trim }}!"}', { name: `Mr ${EVIL.trim()}!` }],
    ['{"name": "{{ title ~ name }}"}', { name: `Mr ${EVIL}` }],
    ['{"say": "\\"{{ name }}\\""}', { say: `"${EVIL}"` }],
    [
      '{"a": "{% if name %}{{ name }}{% else %}none{% endif %}", "b": {{ count }}}',
      { a: EVIL, b: 3 },
    ],
    ['["{% for one in list %}{{ one }},{% endfor %}"]', [`${EVIL},b,`]],
    [
      '{"raw": {{ name | tojson }}, "n": {{ count }}, "none": "{{ gone }}"}',
      { raw: EVIL, n: 3, none: '' },
    ],
  ])('%s keeps values in their place', (source, expected) => {
    const data = { name: EVIL, title: 'Mr ', count: 3, list: [EVIL, 'b'] };
    expect(JSON.parse(compileJson(source).render(data))).toEqual(expected);
  });

  test('what stands outside of texts is printed as it is: it may be JSON itself', () => {
    expect(compileJson('{"all": {{ json }}}').render({ json: '[1, "a"]' })).toBe(
      '{"all": [1, "a"]}',
    );
  });

  test.each([
    ['{"a": 1}', true],
    [' [1]', true],
    ['{{ name }}', false],
    ['{% if a %}{}{% endif %}', false],
    ['a=1&b={{ b }}', false],
  ])('%j is one: %s', (source, expected) => {
    expect(isJsonText(source)).toBe(expected);
  });
});
