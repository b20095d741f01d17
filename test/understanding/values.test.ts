import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/json.ts';
import {
  compilePattern,
  correction,
  dtmfMatches,
  isGrounded,
  normaliseValue,
  spokenValue,
  textAnswer,
} from '../../src/understanding/index.ts';
import type { Slot } from '../../src/understanding/types.ts';
import {
  account,
  agreed,
  amount,
  appointment,
  birthDate,
  context,
  email,
  people,
  phone,
  pin,
  policy,
  slot,
  time,
  when,
} from './slot.ts';

describe('a free text answer', () => {
  const name = slot('name', 'text');
  const reason = slot('reason', 'text');

  it.each([
    ['My name is Anna Smith.', 'Anna Smith'],
    ["It's Anna", 'Anna'],
    ['I am Jack.', 'Jack'],
    ['Anna Smith', 'Anna Smith'],
    ['Um, yes, this is Anna Smith speaking.', 'Anna Smith'],
    ['Okay. Mary Jones.', 'Mary Jones'],
    ['Anna, please', 'Anna'],
    ['My name is Will', 'Will'],
    ['Dr. Smith', 'Dr. Smith'],
    ['S M I T H', 'Smith'],
    ['My name is Anna Smith and I was born in May', 'Anna Smith'],
    ['I want to talk about my bill', undefined],
    ['4712', undefined],
  ])('of a name: "%s" is %s', (say, value) => {
    expect(textAnswer(say, name)?.value).toBe(value);
  });

  it.each([
    ['The reason is a sore knee.', 'a sore knee'],
    ['I have a sore knee, please', 'a sore knee'],
    ['because of my back', 'my back'],
    ["I'd like a check-up", "I'd like a check-up"],
    ['My knee hurts when I walk', 'My knee hurts when I walk'],
    ['What?', undefined],
    ['Can you hear me?', undefined],
    ['What does it cost?', undefined],
    ['yes it is', undefined],
    ['No.', undefined],
    ['um', undefined],
    ["I don't know", undefined],
    ['hold on', undefined],
    ['shut up', undefined],
    ['oh, go to hell!', undefined],
    ['hello', undefined],
    ['', undefined],
  ])('"%s" is %s', (say, value) => {
    expect(textAnswer(say, reason)?.value).toBe(value);
  });

  it('keeps to length and pattern', () => {
    const code = slot('code', 'text', { length: 3, pattern: compilePattern('^[a-z]+$') });
    expect(textAnswer("it's abc", code)?.value).toBe('abc');
    expect(textAnswer("it's abcd", code)).toBeUndefined();
  });
});

describe('a value as a model wrote it', () => {
  it.each<[Slot, Json, Json | undefined]>([
    [birthDate, '1986-03-14', '1986-03-14'],
    [birthDate, '14 March 1986', '1986-03-14'],
    [birthDate, '1986-03-14T00:00:00Z', '1986-03-14'],
    [birthDate, '1986-02-30', undefined],
    [birthDate, '<date of birth>', undefined],
    [time, '9:30', '09:30'],
    [time, '14:30:00', '14:30'],
    [time, 'half past nine', '09:30'],
    [time, '25:00', undefined],
    [when, '2026-08-03 09:30', '2026-08-03T09:30'],
    [when, '2026-08-03', undefined],
    [pin, 4712, '4712'],
    [pin, '47-12', '4712'],
    [pin, 'four seven one two', '4712'],
    [pin, '471', undefined],
    [phone, '07700 900123', '+447700900123'],
    [phone, '+44 7700 900123', '+447700900123'],
    [phone, '12', undefined],
    [email, 'Anna@Example.com', 'anna@example.com'],
    [email, 'anna at example dot com', 'anna@example.com'],
    [email, 'anna', undefined],
    [account, 'Business', 'business'],
    [account, 'credit card', 'credit_card'],
    [account, 'savings', undefined],
    [agreed, 'true', true],
    [agreed, 'yes', true],
    [agreed, false, false],
    [agreed, 1, undefined],
    [amount, '12.5', 12.5],
    [amount, 'twelve', 12],
    [amount, Number.NaN, undefined],
    [people, 4, 4],
    [people, 4.5, undefined],
    [policy, 'ab1234', 'AB1234'],
    [policy, 'AB12345', undefined],
    [slot('note', 'text'), '  a note ', 'a note'],
    [slot('note', 'text'), ' ', undefined],
    [slot('note', 'text'), null, undefined],
    [pin, ['4712'], undefined],
  ])('for %o: %s becomes %s', (asked, raw, value) => {
    const result = normaliseValue(asked, raw, context);
    expect(result.ok ? result.value : undefined).toEqual(value);
  });

  it('is never quoted in the reason for its refusal', () => {
    const result = normaliseValue(pin, '98765', context);
    expect(result).toMatchObject({ ok: false });
    expect(JSON.stringify(result)).not.toContain('98765');
  });
});

describe('grounding', () => {
  const said = [
    'Hello',
    "it's the fourteenth of March",
    'nineteen eighty six',
    'four seven',
    'one two',
    'half past nine',
  ];

  it.each<[Slot, Json, boolean]>([
    [birthDate, '1986-03-14', true],
    [birthDate, '1986-03-15', false],
    [birthDate, '<date of birth>', false],
    [pin, '4712', true],
    [pin, '1234', false],
    [slot('long', 'digits'), '12345', false],
    [time, '09:30', true],
    [time, '21:30', true],
    [time, '10:30', false],
    [email, 'anna@example.com', false],
    [phone, '+447700900123', false],
    [policy, 'AB1234', false],
    [account, 'business', true],
    [agreed, true, true],
    [slot('note', 'text'), 'anything', true],
  ])('%o holds %s: %s', (asked, value, grounded) => {
    expect(isGrounded(asked, value, said, context)).toBe(grounded);
  });

  it('accepts what call data and tools hold in normal form', () => {
    expect(isGrounded(phone, '+447700900123', ['+447700900123'], context)).toBe(true);
    expect(isGrounded(birthDate, '1986-03-14', ['1986-03-14'], context)).toBe(true);
    expect(isGrounded(when, '2026-08-03T09:30', ['2026-08-03T09:30'], context)).toBe(true);
    expect(isGrounded(email, 'anna@example.com', ['anna@example.com'], context)).toBe(true);
    expect(isGrounded(amount, 12.5, ['12.5'], context)).toBe(true);
    expect(isGrounded(policy, 'AB1234', ['AB1234'], context)).toBe(true);
  });

  it('does not let a birth year be invented', () => {
    expect(isGrounded(birthDate, '1990-03-14', ['the fourteenth of March'], context)).toBe(false);
  });

  it('does not ground a value that was expressly denied', () => {
    expect(isGrounded(appointment, '2026-07-31', ['not on Friday'], context)).toBe(false);
  });
});

describe('a value as it is spoken', () => {
  it.each<[Slot, Json, string]>([
    [pin, '4712', '4 7 1 2'],
    [birthDate, '1986-03-14', 'March 14th, 1986'],
    [birthDate, '2001-05-02', 'May 2nd, 2001'],
    [birthDate, '2001-05-11', 'May 11th, 2001'],
    [time, '09:30', '9:30 AM'],
    [time, '15:00', '3 PM'],
    [time, '12:00', 'noon'],
    [time, '00:00', 'midnight'],
    [time, '00:05', '12:05 AM'],
    [when, '2026-08-03T09:30', 'August 3rd, 2026 at 9:30 AM'],
    [phone, '+447700900123', '0 7 7 0 0, 9 0 0 1 2 3'],
    [email, 'anna.smith@example.com', 'anna dot smith at example dot com'],
    [agreed, true, 'yes'],
    [account, 'credit_card', 'credit card'],
    [amount, 12.5, '12.5'],
    [slot('note', 'text'), 'a note', 'a note'],
    [birthDate, 'not a date', 'not a date'],
  ])('%o %s: %s', (asked, value, spoken) => {
    expect(spokenValue(asked, value)).toBe(spoken);
  });
});

describe('a correction', () => {
  it.each([
    ['no, the fourth', true],
    ['sorry, I mean the fourth', true],
    ['not the third but the fourth', true],
    ['actually make that Friday', true],
    ['the fourth', false],
    ['no problem', false],
    ['it is 4712', false],
  ])('in "%s": %s', (say, cue) => {
    expect(correction(say).cue).toBe(cue);
  });

  it('says what is taken back', () => {
    const say = 'not the third but the fourth';
    const [denied] = correction(say).denied;
    expect(say.slice(denied?.from, denied?.to).trim()).toBe('not the third');
  });
});

describe('keys', () => {
  it.each([
    ['1', ['1', '2'], { matched: '1', rest: '', mightGrow: false }],
    ['1', ['1', '12'], { matched: '1', rest: '', mightGrow: true }],
    ['123', ['1', '12'], { matched: '12', rest: '3', mightGrow: false }],
    ['9', ['1', '2'], { rest: '9', mightGrow: false }],
    ['', ['1'], { rest: '', mightGrow: true }],
    ['*1', ['*', '#'], { matched: '*', rest: '1', mightGrow: false }],
    ['1', ['', '2'], { rest: '1', mightGrow: false }],
  ] as const)('"%s" against %o', (pressed, wanted, result) => {
    expect(dtmfMatches(pressed, wanted)).toEqual(result);
  });
});
