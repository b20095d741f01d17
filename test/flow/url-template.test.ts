import { describe, expect, test } from 'vitest';
import type { FlowError } from '../../src/flow/errors.ts';
import { Flow } from '../../src/flow/flow.ts';
import type { Json } from '../../src/json.ts';

const ENVIRONMENT = {
  api: 'https://api.example.com:8443/v1',
  host: 'api.example.com',
  path: 'a/b',
};

/** A flow whose one action has this URL, and another action that stores `found` and `next_url`. */
function flowWith(url: string): Flow {
  return Flow.parse({
    initial_node: 'a',
    environment_variables: ENVIRONMENT,
    actions: [
      { id: 'x', method: 'GET', url },
      {
        id: 'y',
        method: 'GET',
        url: 'https://api.example.com',
        store_response_as: 'found',
        env_updates: [{ env_key: 'next_url', result_path: 'data.next' }],
      },
    ],
    slots: { id: {}, city: {}, time: { type: 'time' } },
    nodes: [{ id: 'a', static_text: 'Hello.', edges: [edge] }],
  });
}
const edge = {
  id: 'on',
  target_node_id: 'a',
  match: { always: true },
  set: { moved: '{{ city }}' },
};

function urlOf(url: string, data: Record<string, Json> = {}): string {
  return (
    flowWith(url)
      .actions.get('x')
      ?.url.render({ ...ENVIRONMENT, ...data }) ?? ''
  );
}

describe('a value in the URL of an action', () => {
  test.each<[string, string, Record<string, Json>, string]>([
    ['in the path', '{{ api }}/c/{{ id }}', { id: 'a/b?c#d' }, '/c/a%2Fb%3Fc%23d'],
    [
      'in the query',
      '{{ api }}/c?d={{ city }}&n=1',
      { city: 'x&n=2 é' },
      '/c?d=x%26n%3D2%20%C3%A9&n=1',
    ],
    ['after a filter', '{{ api }}/c/{{ id | upper }}', { id: 'a/b' }, '/c/A%2FB'],
    ['in a condition', '{{ api }}/{% if id %}c/{{ id }}{% endif %}', { id: '/' }, '/c/%2F'],
    [
      'in a loop',
      '{{ api }}/c?{% for i in id %}i={{ i }}&{% endfor %}',
      { id: ['/', '&'] },
      '/c?i=%2F&i=%26&',
    ],
    ['joined to a text', "{{ api }}/c{{ '/x/' ~ id }}", { id: '../y' }, '/c/x/..%2Fy'],
    ['that a move has set', '{{ api }}/c/{{ moved }}', { moved: 'a/b' }, '/c/a%2Fb'],
    [
      'that a server answered',
      '{{ api }}/c/{{ found.data }}',
      { found: { data: 'a/b' } },
      '/c/a%2Fb',
    ],
    ['that half of a character is', '{{ api }}/c/{{ id }}', { id: '\ud83d' }, '/c/%EF%BF%BD'],
    ['that is a number', '{{ api }}/c/{{ id + 1 }}', { id: 41 }, '/c/42'],
    ['that is nothing, in the query', '{{ api }}/c?d={{ id }}', {}, '/c?d='],
  ])('%s keeps its place', (_, url, data, rest) => {
    expect(urlOf(url, data)).toBe(ENVIRONMENT.api + rest);
  });

  test.each<[string, string, Record<string, Json>, RegExp]>([
    ['two dots', '{{ api }}/c/{{ id }}/d', { id: '..' }, /"\." or "\.\."/],
    [
      'dots from two values',
      '{{ api }}/c/{{ id }}{{ city }}',
      { id: '.', city: '.' },
      /"\." or "\.\."/,
    ],
    ['a dot', '{{ api }}/{{ id }}', { id: '.' }, /"\." or "\.\."/],
    ['nothing', '{{ api }}/c/{{ id }}/d', {}, /is empty/],
    ['nothing, at the end', '{{ api }}/c/{{ id }}?x=1', { id: '' }, /is empty/],
    ['a host', 'https://{{ id }}/c', { id: 'evil.example' }, /choose the host/],
    [
      'the end of a host',
      'https://{{ host }}{{ id }}/c',
      { id: '.evil.example' },
      /choose the host/,
    ],
    [
      'a host that a server answered',
      'https://{{ found.data }}/',
      { found: { data: 'x' } },
      /choose the host/,
    ],
  ])('cannot be %s where the path or host needs another', (_, url, data, reason) => {
    expect(() => urlOf(url, data)).toThrow(reason);
  });
});

describe('the URL of an action says as it is written', () => {
  test.each<[string, string, Record<string, Json>, string]>([
    ['constants of the file', 'https://{{ host }}/{{ path }}', {}, 'https://api.example.com/a/b'],
    [
      'the value that it begins with',
      '{{ next_url }}&d=1',
      { next_url: 'https://x.y/?a=b' },
      'https://x.y/?a=b&d=1',
    ],
    ['one of two beginnings', '{{ next_url or api }}/c', {}, `${ENVIRONMENT.api}/c`],
    [
      'a beginning that is joined',
      "{{ api ~ '/c/' ~ id }}",
      { id: '/' },
      `${ENVIRONMENT.api}/c/%2F`,
    ],
    [
      'texts that it chooses',
      "{{ api }}/c?n=1{{ ('&from=' + time[:2] + ':00&to=' + '%02d'|format(23)) if time else '' }}",
      { time: '1&:30' },
      `${ENVIRONMENT.api}/c?n=1&from=1%26:00&to=23`,
    ],
    [
      'texts that it compares',
      "{% set c = city | lower %}{{ api }}/c?k={% if c == 'new delhi' %}New Delhi{% else %}{{ city }}{% endif %}",
      { city: 'new Delhi' },
      `${ENVIRONMENT.api}/c?k=New Delhi`,
    ],
  ])('%s', (_, url, data, expected) => {
    expect(urlOf(url, data)).toBe(expected);
  });
});

test.each([
  '{{ id }}/c',
  '{{ id | default(api) }}/c',
  '{{ moved }}',
  '{{ call.url }}',
  '{{ undeclared }}/x',
  '{% set api = city %}{{ api }}/x',
])('a URL that a caller could begin is refused: %s', (url) => {
  expect(() => flowWith(url)).toThrow(
    expect.objectContaining<Partial<FlowError>>({
      problems: [
        expect.objectContaining({
          field: 'actions.x.url',
          message: expect.stringMatching(/bad URL: it begins with ".+" *, which a caller's words/),
        }),
      ],
    }),
  );
});
