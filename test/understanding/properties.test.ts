import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  analyse,
  compilePattern,
  correction,
  dtmfMatches,
  extractSlot,
  intents,
  isGrounded,
  normaliseValue,
  scoreMatch,
  spokenValue,
  textAnswer,
} from '../../src/understanding/index.ts';
import { corpus } from './corpus.ts';
import * as slots from './slot.ts';

const { context } = slots;
const allSlots = [
  slots.account,
  slots.agreed,
  slots.amount,
  slots.appointment,
  slots.birthDate,
  slots.email,
  slots.people,
  slots.phone,
  slots.pin,
  slots.policy,
  slots.someDate,
  slots.time,
  slots.when,
];

const fragments = [
  ...[
    'the third',
    'March',
    '14th',
    'nineteen',
    'eighty six',
    'next',
    'week',
    'Tuesday',
    'oh',
    'double',
  ],
  ...[
    'seven',
    '4712',
    '9.30',
    ':',
    '-',
    'half past',
    'to',
    'a.m.',
    '@',
    'dot',
    'at',
    'hundred',
    'thousand',
  ],
  ...[
    'point',
    'minus',
    '+',
    '1986',
    '30',
    '31',
    '/',
    'no',
    'sorry',
    'not',
    'but',
    'A as in Alpha',
    "I'm",
  ],
  ...[
    'İ',
    '👩‍👩‍👧',
    'ß',
    '’',
    '\u0000',
    '٣',
    'in',
    'of',
    'a',
    'ago',
    '999999999999',
    'million',
    'personal',
  ],
];
const speech = fc
  .array(fc.constantFrom(...fragments), { maxLength: 12 })
  .map((all) => all.join(' '));
const text = fc.oneof(
  speech,
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom(...corpus.map(({ say }) => say)),
);
const anySlot = fc.constantFrom(...allSlots);

describe('whatever is said', () => {
  it('a value lies inside the text, and a complete one is its own normal form', () => {
    fc.assert(
      fc.property(text, anySlot, (say, slot) => {
        for (const found of extractSlot(say, slot, context)) {
          expect(found.from).toBeGreaterThanOrEqual(0);
          expect(found.to).toBeGreaterThan(found.from);
          expect(found.to).toBeLessThanOrEqual(say.length);
          expect(say.slice(found.from, found.to)).toBe(found.words);
          if (found.status !== 'complete') continue;
          expect(normaliseValue(slot, found.value, context)).toEqual({
            ok: true,
            value: found.value,
          });
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('what was extracted is grounded in what was said', () => {
    fc.assert(
      fc.property(text, anySlot, (say, slot) => {
        const [best] = extractSlot(say, slot, context);
        fc.pre(best?.status === 'complete');
        expect(isGrounded(slot, best?.value ?? null, [say], context)).toBe(true);
      }),
    );
  });

  it('a score lies between 0 and 1, and places in the text stay in it', () => {
    fc.assert(
      fc.property(text, fc.constantFrom(...intents.values()), (say, intent) => {
        const utterance = analyse(say);
        const { score } = scoreMatch(utterance, intent, []);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
        for (const { from, to } of [...utterance.words, ...correction(say).cues]) {
          expect(from).toBeLessThan(to);
          expect(to).toBeLessThanOrEqual(say.length);
        }
        const answer = textAnswer(say, { ...slots.policy, pattern: compilePattern('(?s:.+)') });
        if (answer) expect(say.slice(answer.from, answer.to)).toBe(answer.words);
      }),
    );
  });

  it('a value of any JSON is refused or understood, never thrown at', () => {
    fc.assert(
      fc.property(fc.jsonValue(), anySlot, (raw, slot) => {
        const value = JSON.parse(JSON.stringify(raw));
        const result = normaliseValue(slot, value, context);
        if (result.ok) expect(normaliseValue(slot, result.value, context)).toEqual(result);
        expect(typeof spokenValue(slot, value)).toBe('string');
      }),
    );
  });
});

it('what a voice reads back is understood as the same value', () => {
  const day = fc
    .date({ min: new Date('1930-01-01'), max: new Date('2026-07-24'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10));
  const clock = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
  const digits = fc.stringMatching(/^\d{4}$/);
  const check = <T extends string>(values: fc.Arbitrary<T>, slot: (typeof allSlots)[number]) =>
    fc.assert(
      fc.property(values, (value) => {
        const [best] = extractSlot(spokenValue(slot, value), slot, context);
        expect(best).toMatchObject({ status: 'complete', value });
      }),
    );
  check(day, slots.birthDate);
  check(clock, slots.time);
  check(digits, slots.pin);
});

it('keys are split without loss', () => {
  const keys = fc.stringMatching(/^[0-9*#]{0,4}$/);
  fc.assert(
    fc.property(keys, fc.array(keys, { maxLength: 6 }), (pressed, wanted) => {
      const { matched = '', rest } = dtmfMatches(pressed, wanted);
      expect(matched + rest).toBe(pressed);
      if (matched !== '') expect(wanted).toContain(matched);
    }),
  );
});
