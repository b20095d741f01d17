import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/json.ts';
import { compilePattern, extractSlot, isGrounded } from '../../src/understanding/index.ts';
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
  someDate,
  time,
  when,
} from './slot.ts';

/** What is said, and the best value; `~` before a partial one, `>` before one that is too long. */
type Row = readonly [say: string, value: Json | undefined];

function heard(say: string, asked: Slot, where = context): Json | undefined {
  const [best] = extractSlot(say, asked, where);
  if (best === undefined) return undefined;
  const mark = { complete: '', partial: '~', too_long: '>' }[best.status];
  return mark === '' ? best.value : `${mark}${best.value}`;
}

function table(title: string, asked: Slot, rows: readonly Row[]): void {
  describe(title, () => {
    it.each(rows)('"%s" is %s', (say, value) => {
      expect(heard(say, asked)).toEqual(value);
    });
  });
}

table('four digits', pin, [
  ['four seven one two', '4712'],
  ['4, 7, 1, 2.', '4712'],
  ['4-7-1-2', '4712'],
  ['4712', '4712'],
  ["It's 47 12.", '4712'],
  ['forty seven twelve', '4712'],
  ['Four. Seven. One. Two.', '4712'],
  ['double seven oh one', '7701'],
  ['triple oh seven', '0007'],
  ['o o four two', '0042'],
  ['zero nought one two', '0012'],
  ['Oh, 4712', '4712'],
  ['um four uh seven one and then two', '4712'],
  ['nineteen eighty four', '1984'],
  ['two thousand and three', '2003'],
  ['For seven one two.', '4712'],
  ['seven, for, one, two', '7412'],
  ['for seven one', '~71'],
  ['I am calling for 712', '~712'],
  ['4-7-1', '~471'],
  ['seven', '~7'],
  ['4 7 1 2 3', '>47123'],
  ['4712. And I have 2 cards', '4712'],
  ['it is 4713, no, 4712', '4712'],
  ['4713 sorry I mean 4712', '4712'],
  ['not 4713 but 4712', '4712'],
  ['4712, not 4713', '4712'],
  ['not 4712', undefined],
  ['4712, no problem', '4712'],
  ['I was born on 14 March 1986', undefined],
  ['at half past nine', undefined],
  ['this one', undefined],
  ['one moment please', undefined],
  ['the second of March', undefined],
  ['oh', undefined],
]);

table(
  'digits with a pattern and no length',
  slot('pin', 'digits', { pattern: compilePattern('^\\d{4,6}$') }),
  [
    ['four seven one', '~471'],
    ['four seven one two three', '47123'],
    ['4712345', '>4712345'],
  ],
);

table('a birth date', birthDate, [
  ['14th of March 1986', '1986-03-14'],
  ['March fourteenth nineteen eighty six', '1986-03-14'],
  ['March 14, 1986.', '1986-03-14'],
  ['Third of May, seventeen, nine.', '~Third of May'],
  ['the fourteenth of March eighty six', '1986-03-14'],
  ["14 March '86", '1986-03-14'],
  ['I was born on the 5th of May 1979', '1979-05-05'],
  ['third of March, nineteen ninety', '1990-03-03'],
  ['the twenty first of June nineteen oh five', '1905-06-21'],
  ['march twenty-one two thousand and three', '2003-03-21'],
  ['December 1st twenty oh four', '2004-12-01'],
  ['fourteen three nineteen eighty six', '1986-03-14'],
  ['14 3 86', '1986-03-14'],
  ['one four zero three nineteen eighty six', '1986-03-14'],
  ['14 03 1986', '1986-03-14'],
  ['14031986', '1986-03-14'],
  ['99 99 1986', undefined],
  ['zero three zero five nineteen eighty four', '1984-05-03'],
  ['the third of the fifth eighty four', '1984-05-03'],
  ['on the third of May in nineteen eighty four', '1984-05-03'],
  ['May nineteen eighty four', '~May nineteen eighty four'],
  ['14/3/1986', '1986-03-14'],
  ['3/14/1986', '1986-03-14'],
  ['1986-03-14', '1986-03-14'],
  ['the third of March', '~the third of March'],
  ['the third of March nineteen ninety, sorry, the fourth of March nineteen ninety', '1990-03-04'],
  ['30th of February 1990', undefined],
  ['29 February 1987', undefined],
  ['tomorrow', undefined],
  ['the third of March 2030', undefined],
]);

table('an appointment', appointment, [
  ['the third', '~the third'],
  ['the third of August', '2026-08-03'],
  ['the third of March', '2027-03-03'],
  ['today', '2026-07-25'],
  ['tomorrow', '2026-07-26'],
  ['the day after tomorrow', '2026-07-27'],
  ['in two weeks', '2026-08-08'],
  ['three days from now', '2026-07-28'],
  ['in a fortnight', '2026-08-08'],
  ['in a month', '2026-08-25'],
  ['a week on Tuesday', '2026-08-04'],
  ['Tuesday week', '2026-08-04'],
  ['on Friday', '2026-07-31'],
  ['this Saturday', '2026-07-25'],
  ['next Tuesday at half past three', '2026-07-28'],
  ['Tuesday next week', '2026-07-28'],
  ['next week on Tuesday', '2026-07-28'],
  ['next week', '~next week'],
  ['Monday the third', '2026-08-03'],
  ['Monday, the third of August', '2026-08-03'],
  ['Friday the third of August', '~Friday the third of August'],
  ['the third of next month', '2026-08-03'],
  ['August 3rd at 9.30', '2026-08-03'],
  ['in March', '~March'],
  ['March', '~March'],
  ['29th of February', '2028-02-29'],
  ['not the third but the fourth', '~the fourth'],
  ['not the third of August but the fourth of August', '2026-08-04'],
  ['Friday, no sorry, Thursday', '2026-07-30'],
  ['Thursday, not Friday', '2026-07-30'],
  ['any day except Monday', undefined],
  ["Friday doesn't suit me", undefined],
  ["I can't come on Friday", undefined],
  ["I can't make Monday, Tuesday is fine", '2026-07-28'],
  ["I can't do Friday, make it Thursday", '2026-07-30'],
  ['Thursday not Friday', '2026-07-30'],
  ['not before Friday', undefined],
  ['may I ask', undefined],
  ['first thing tomorrow', '2026-07-26'],
  ['the first available', undefined],
  ['I march every day', undefined],
  ['one second please', undefined],
  ['I sat in the sun', undefined],
  ['I was born on 14 March 1986', undefined],
]);

describe('a date', () => {
  it('is read day first or month first, as the region does', () => {
    expect(heard('3/4/2027', someDate)).toBe('2027-04-03');
    expect(heard('3/4/2027', someDate, { ...context, region: 'US' })).toBe('2027-03-04');
  });

  it('is counted in the time zone of the call', () => {
    const lateUtc = { ...context, nowMs: Date.parse('2026-07-25T23:30:00Z') };
    expect(heard('today', someDate, { ...lateUtc, timeZone: 'Europe/London' })).toBe('2026-07-26');
    expect(heard('today', someDate, { ...lateUtc, timeZone: 'America/New_York' })).toBe(
      '2026-07-25',
    );
    expect(heard('tomorrow', someDate, { ...lateUtc, timeZone: 'Asia/Tokyo' })).toBe('2026-07-27');
  });

  it('completes when its pieces are joined', () => {
    for (const [first, second, value] of [
      ['the third', 'of August', '2026-08-03'],
      ['the third', 'August', '2026-08-03'],
      ['next week', 'Tuesday', '2026-07-28'],
    ] as const) {
      const [partial] = extractSlot(first, appointment, context);
      expect(partial?.status).toBe('partial');
      expect(heard(`${partial?.words} ${second}`, appointment)).toBe(value);
    }
    expect(heard('the third of March nineteen eighty six', birthDate)).toBe('1986-03-03');
  });
});

table('a time', time, [
  ['half past nine', '09:30'],
  ['half nine', '09:30'],
  ['Half-past nine.', '09:30'],
  ['nine thirty a m', '09:30'],
  ['three p m', '15:00'],
  ['9.30', '09:30'],
  ['9:30 a.m.', '09:30'],
  ['9:30 pm', '21:30'],
  ['quarter to five pm', '16:45'],
  ['a quarter past eleven', '11:15'],
  ['twenty to four', '15:40'],
  ['ten minutes past three', '15:10'],
  ['nine thirty', '09:30'],
  ['nine oh five', '09:05'],
  ['eleven forty five a.m.', '11:45'],
  ['at nine', '09:00'],
  ['nine', '09:00'],
  ['Nine, please.', '09:00'],
  ["five o'clock", '17:00'],
  ['three in the afternoon', '15:00'],
  ['seven in the evening', '19:00'],
  ['seven in the morning', '07:00'],
  ['twelve thirty', '12:30'],
  ['three-thirty', '15:30'],
  ['twelve a.m.', '00:00'],
  ['noon', '12:00'],
  ['midnight', '00:00'],
  ['14:05', '14:05'],
  ['fourteen hundred hours', '14:00'],
  ['Tuesday at 3', '15:00'],
  ['at ten, no, at eleven', '11:00'],
  ['on the 3rd of March', undefined],
  ['4 7 1 2', undefined],
  ['at nine pounds', undefined],
  ['two people', undefined],
  ['25:00', undefined],
  ['3.5', undefined],
]);

table('a date with a time', when, [
  ['next Tuesday at half past three', '2026-07-28T15:30'],
  ['tomorrow morning at nine', '2026-07-26T09:00'],
  ['half past three on Friday', '2026-07-31T15:30'],
  ['the third of August at 9.30', '2026-08-03T09:30'],
  ['14/8/2026 10:15', '2026-08-14T10:15'],
  ['Friday', '~Friday'],
  ['at nine', '~nine'],
  ['nine Friday', '2026-07-31T09:00'],
]);

table('a phone number', phone, [
  ['07700 900123', '+447700900123'],
  ['oh seven seven double oh nine hundred one two three', '+447700900123'],
  ['oh seven seven oh oh, nine oh oh, one two three', '+447700900123'],
  ['plus four four seven seven zero zero nine zero zero one two three', '+447700900123'],
  ['+1 212 555 0123', '+12125550123'],
  ['07700 900', '~07700900'],
  ['077009001234', '>077009001234'],
  ['my number is on the file', undefined],
]);

table('an e-mail address', email, [
  ['anna at example dot com', 'anna@example.com'],
  ['my email is anna dot smith at gmail dot com.', 'anna.smith@gmail.com'],
  ["it's A-N-N-A at example dot co dot uk", 'anna@example.co.uk'],
  ['a n n a at example.com', 'anna@example.com'],
  ['anna underscore smith eighty four at example dot com please', 'anna_smith84@example.com'],
  ['Anna Smith at gmail dot com', 'annasmith@gmail.com'],
  ['anna@example.com', 'anna@example.com'],
  ['John.Smith@Gmail.com.', 'john.smith@gmail.com'],
  ['meet me at noon', undefined],
  ['I am at home dot com', undefined],
  ['anna at example', undefined],
]);

table('an option', account, [
  ['personal please', 'personal'],
  ['I mean private', 'personal'],
  ['a bussiness account', 'business'],
  ['work accounts', 'business'],
  ['my credit cards', 'credit_card'],
  ['debit card', 'debit_card'],
  ['not business, personal', 'personal'],
  ['business, no, personal', 'personal'],
  ['impersonal', undefined],
  ['a person', undefined],
  ['a card', undefined],
  ['not business', undefined],
]);

table('yes or no', agreed, [
  ['yes', true],
  ['yeah, sure', true],
  ["that's right", true],
  ['thats right', true],
  ['I do', true],
  ['well, yes please', true],
  ['Okay.', true],
  ['no', false],
  ["that's not right", false],
  ['not really', false],
  ["I don't", false],
  ["I don't think so", false],
  ['no, sorry, yes', true],
  ['no problem', undefined],
  ['right now', undefined],
  ['the right knee', undefined],
  ['not sure', undefined],
  ["I don't know", undefined],
  ['yes or no', undefined],
  ['yes, no', undefined],
]);

table('a number', amount, [
  ['twenty-one', 21],
  ['a hundred and twenty', 120],
  ['one thousand two hundred and three', 1203],
  ['12,500', 12500],
  ['three point five', 3.5],
  ['3.75 please', 3.75],
  ['two and a half', 2.5],
  ['twelve pounds fifty', 12.5],
  ['three dollars and five cents', 3.05],
  ['minus five', -5],
  ['one point two million', 1_200_000],
  ['fifty pence', 0.5],
  ['ten ninety nine', undefined],
  ['four seven', 47],
  ['this one', undefined],
  ['on the third of March', undefined],
  ['at half past nine', undefined],
]);

table('a whole number', people, [
  ['four', 4],
  ['about twelve', 12],
  ['twenty five', 25],
  ['two of us at nine', 2],
  ['there will be five people', 5],
  ['no one', undefined],
  ['three point five', undefined],
]);

table('a text with a pattern', policy, [
  ['AB1234', 'AB1234'],
  ['it is AB 1234', 'AB1234'],
  ['A B one two three four', 'AB1234'],
  ['A as in Alpha, B for Bravo, 1 2 3 4', 'AB1234'],
  ['my policy is alpha bravo one two three four please', 'AB1234'],
  ['is 1234', undefined],
  ['A B one two three', undefined],
]);

describe('what the caller leaves open', () => {
  it.each<[string, Slot]>([
    ['Monday or Tuesday', appointment],
    ['the third of August, or the fourth of August', appointment],
    ['Tuesday at ten or Wednesday at eleven', when],
    ['nine or ten', time],
    ['between nine and ten', time],
    ['nine to five', time],
    ['personal or business', account],
    ['4712 or 4713', pin],
    ['five or six', people],
    ['two adults and two children', people],
  ])('is not decided for them: "%s"', (say, asked) => {
    expect(extractSlot(say, asked, context)).toEqual([]);
  });

  it('can still be settled by a model', () => {
    expect(isGrounded(appointment, '2026-07-28', ['Monday or Tuesday'], context)).toBe(true);
    expect(isGrounded(people, 2, ['two adults and three children'], context)).toBe(true);
  });
});

describe('an extraction', () => {
  it('gives the place in the text as it was said', () => {
    const text = 'Well, it’s the 14th of March 1986, I think.';
    const [found] = extractSlot(text, birthDate, context);
    expect(found).toMatchObject({ words: '14th of March 1986'.replace(/^/, 'the ') });
    expect(text.slice(found?.from, found?.to)).toBe(found?.words);
  });

  it('does not depend on anything but its arguments', () => {
    const once = extractSlot('the third of August', appointment, context);
    extractSlot('tomorrow', appointment, { ...context, timeZone: 'Asia/Tokyo', nowMs: 0 });
    expect(extractSlot('the third of August', appointment, context)).toEqual(once);
  });

  it('finds a name that every object inherits, and nothing more', () => {
    const odd = slot('odd', 'enum', { options: [{ value: 'constructor', synonyms: [] }] });
    expect(heard('constructor', odd)).toBe('constructor');
    expect(heard('toString valueOf __proto__', odd)).toBeUndefined();
    expect(heard('constructor toString', pin)).toBeUndefined();
  });
});
