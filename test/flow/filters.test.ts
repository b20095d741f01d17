import { expect, test } from 'vitest';
import { compileTemplate } from '../../src/flow/template.ts';

function render(source: string, data = {}): string {
  return compileTemplate(source).render(data);
}

test.each([
  ["{{ '%02d' | format(7) }}", '07'],
  ["{{ '%02d:%02d' | format(t[:2] | int - 1, 30) }}", '06:30'],
  ["{{ '%s and %-4s|' | format(name, 'b') }}", 'Ann and b   |'],
  ["{{ '%05.1f %i%%' | format(3.14159, 12.9) }}", '003.1 12%'],
  ["{{ '%03d' | format(-5) }}", '-05'],
  ['{{ [3, 1, 2] | max }} {{ [3, 1, 2] | min }} {{ [] | max }}', '3 1 '],
  ['{{ [t[:2] | int - 8, 0] | max }}', '0'],
])('%s is %j', (source, text) => {
  expect(render(source, { t: '07:00', name: 'Ann' })).toBe(text);
});

test.each([
  ["{{ '%d' | format('seven') }}", /wants a number/],
  ["{{ '%d' | format() }}", /has no value/],
  ['{{ name | max }}', /lists of numbers/],
])('%s fails and says why', (source, message) => {
  expect(() => render(source, { name: 'Ann' })).toThrow(message);
});

test('no width makes a text long', () => {
  expect(render("{{ '%999999999d' | format(1) }}")).toHaveLength(100);
});
