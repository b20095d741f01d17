import { describe, expect, test } from 'vitest';
import { keys, opened, silence } from '../support/conversation.ts';
import { CoveredFlow } from './covered-flow.ts';

/** One of the flows that come with the package, without a model. */
function exampleFlow(name: string): CoveredFlow {
  return new CoveredFlow(new URL(`../../flows/${name}.yaml`, import.meta.url).pathname);
}

const transferTo = (to: string) => [{ kind: 'transfer' as const, to, mode: 'cold' as const }];

describe('kyc', () => {
  const kyc = exampleFlow('kyc');
  const desk = transferTo('tel:+442079460100');

  test('a caller who answers', async () => {
    await kyc.call([
      [opened, { text: /Northwind Bank.*full name/, at: 'name' }],
      ['Robert Miller', { text: /^Thank you, Robert Miller\./, at: 'birth' }],
      [
        'the third of March 1986',
        { at: 'number', slots: { full_name: 'Robert Miller', date_of_birth: '1986-03-03' } },
      ],
      ['4712093851', { text: /4 7 1 2 0 9 3 8 5 1/, at: 'number' }],
      ['yes', { ended: true, outcome: 'verified', text: /Robert Miller/ }],
    ]);
  });

  test('a caller who reads in pieces, mistakes a digit, and asks why', async () => {
    await kyc.call([
      [opened, {}],
      ['My name is Robert Miller.', { at: 'birth' }],
      [
        'why do you need that?',
        { text: /nobody else can use your account.*born|nobody else.*date of birth/, at: 'birth' },
      ],
      ['third of March nineteen eighty six', { at: 'number' }],
      ['four seven one two', { text: 'Yes, go on.' }],
      ['oh nine three eight', { text: 'Yes, go on.' }],
      ['five two', { text: /4 7 1 2 0 9 3 8 5 2/ }],
      [
        "no, that's wrong",
        { at: 'number', slots: { full_name: 'Robert Miller', date_of_birth: '1986-03-03' } },
      ],
      ['4 7 1 2 0 9 3 8 5 1', { text: /4 7 1 2 0 9 3 8 5 1/ }],
      ['correct', { outcome: 'verified' }],
    ]);
  });

  test('a rude caller who tells nothing comes to a colleague', async () => {
    await kyc.call([
      [opened, {}],
      ['are you kidding me?', { at: 'name', slots: {}, text: /name/ }],
      ['what the hell is this?', { at: 'name', slots: {}, text: /name/ }],
      ['can I speak to someone', { ended: true, outcome: 'handed_over', effects: desk }],
    ]);
  });

  test('a caller who gives no number comes to a colleague', async () => {
    const turns = await kyc.call([
      [opened, {}],
      ['Robert Miller', {}],
      ['the third of March 1986', { at: 'number' }],
      [
        'I am not going to tell you that',
        { at: 'number', slots: { full_name: 'Robert Miller', date_of_birth: '1986-03-03' } },
      ],
      ['no way', { at: 'number' }],
      [
        'you people are the worst',
        { moves: ['number_unclear → handover (fallback)'], effects: desk },
      ],
    ]);
    expect(turns.at(-1)?.outcome).toBe('handed_over');
  });

  test('a caller who corrects their date of birth later on', async () => {
    await kyc.call([
      [opened, {}],
      ['Robert Miller', {}],
      ['the third of March 1986', { at: 'number' }],
      [
        'sorry, I mean the fourth of March 1986',
        { at: 'number', slots: { full_name: 'Robert Miller', date_of_birth: '1986-03-04' } },
      ],
    ]);
  });

  test('a caller who is not there is not talked to for ever', async () => {
    const turns = await kyc.call([
      [opened, {}],
      [silence(1), {}],
      [silence(2), {}],
      [silence(3), { ended: true }],
    ]);
    expect(turns.at(-1)?.text).not.toBe('');
  });

  kyc.expectFullCoverage();
});

describe('appointment', () => {
  const appointment = exampleFlow('appointment');
  const desk = transferTo('tel:+442079460123');

  test('a caller who says it all at once', async () => {
    await appointment.call([
      [opened, { text: /reason for your visit/ }],
      [
        'I need a flu shot next Monday at ten in the morning',
        {
          at: 'confirm',
          slots: { reason: 'vaccination', day: '2026-03-09', time: '10:00' },
          text: /vaccination on .*10/,
        },
      ],
      ['yes please', { ended: true, outcome: 'booked' }],
    ]);
  });

  test('a caller who asks for the opening hours on the way, and comes too late for them', async () => {
    await appointment.call([
      [opened, {}],
      ['a blood test', { at: 'day' }],
      ['what are your opening hours', { text: /^We are open.*[Ww]hich day/, at: 'day' }],
      ['tomorrow', { at: 'time' }],
      [
        'at nine in the evening',
        { at: 'time', text: /closed/, slots: { reason: 'blood test', day: '2026-03-05' } },
      ],
      [
        'at half past four in the afternoon',
        { at: 'confirm', slots: { reason: 'blood test', day: '2026-03-05', time: '16:30' } },
      ],
      ['yes', { outcome: 'booked' }],
    ]);
  });

  test('a caller who changes their mind while it is read back', async () => {
    await appointment.call([
      [opened, {}],
      ['a check up on Friday at eleven in the morning', { at: 'confirm' }],
      [
        'no, make it Monday',
        {
          at: 'confirm',
          slots: { reason: 'check-up', day: '2026-03-09', time: '11:00' },
          text: /March 9th/,
        },
      ],
      ['yes', { outcome: 'booked', text: /March 9th/ }],
    ]);
  });

  test('a caller who says no, and then what to change', async () => {
    await appointment.call([
      [opened, {}],
      ['a check up on Friday at eleven in the morning', { at: 'confirm' }],
      ['no', { at: 'change' }],
      ['the time', { at: 'time' }],
      [
        'two in the afternoon',
        { at: 'confirm', slots: { reason: 'check-up', day: '2026-03-06', time: '14:00' } },
      ],
      ['that is right', { outcome: 'booked' }],
    ]);
  });

  test('a caller who says no, and wants another day', async () => {
    await appointment.call([
      [opened, {}],
      ['a check up on Friday at eleven in the morning', { at: 'confirm' }],
      ['no', { at: 'change' }],
      ['another day', { at: 'day' }],
      [
        'on Monday',
        { at: 'confirm', slots: { reason: 'check-up', day: '2026-03-09', time: '11:00' } },
      ],
      ['that is right', { outcome: 'booked' }],
    ]);
  });

  test('a caller who hesitates over the question is not booked', async () => {
    await appointment.call([
      [opened, {}],
      ['a check up on Friday at eleven in the morning', { at: 'confirm' }],
      ['yes, but what does it cost?', { at: 'confirm', ended: false }],
      ['hmm', { at: 'confirm', ended: false }],
    ]);
  });

  test.each([
    ['a person please'],
    ['I want to talk to a person'],
    ['can I speak to a human'],
    ['just let me speak to someone'],
  ])('a caller who has had enough: %j', async (words) => {
    await appointment.call([
      [opened, {}],
      [words, { ended: true, outcome: 'handed_over', effects: desk, slots: {} }],
    ]);
  });

  test('a rude caller is put through in the end', async () => {
    await appointment.call([
      [opened, {}],
      ['you stupid machine', { at: 'welcome', slots: {} }],
      ['shut up', { at: 'welcome', slots: {} }],
      ['I hate this', { effects: desk, outcome: 'handed_over' }],
    ]);
  });

  appointment.expectFullCoverage();
});

describe('cards', () => {
  const cards = exampleFlow('cards');
  const desk = transferTo('tel:+442079460150');

  test('a caller who presses keys', async () => {
    await cards.call([
      [opened, { text: /press one/ }],
      [keys('1'), { at: 'kind' }],
      ['debit', { at: 'digits' }],
      [keys('4712'), { at: 'check', text: /ending in 4 7 1 2/ }],
      [keys('1'), { at: 'anything_else', text: /blocked/ }],
      ['no thanks', { ended: true, outcome: 'served' }],
    ]);
  });

  test('a caller whose digits begin with the key for a colleague', async () => {
    await cards.call([
      [opened, {}],
      [keys('1'), {}],
      ['credit card', { at: 'digits' }],
      [
        keys('0417'),
        { at: 'check', text: /0 4 1 7/, slots: { card_kind: 'credit', last_digits: '0417' } },
      ],
    ]);
  });

  test('a caller who tells the whole story', async () => {
    await cards.call([
      [opened, {}],
      ['I have lost my credit card', { at: 'digits', text: /credit card/ }],
      ['it ends with four seven one two', { at: 'check' }],
      [
        'no, wrong card',
        { at: 'kind', slots: expect.not.objectContaining({ card_kind: 'credit' }) },
      ],
      ['the debit card', { at: 'digits' }],
      ['one one two two', { at: 'check', text: /debit card ending in 1 1 2 2/ }],
      ['yes block it', { at: 'anything_else', text: /debit card is blocked/ }],
      ["no that's all", { outcome: 'served' }],
    ]);
  });

  test('a caller who wants a new card and then a second thing', async () => {
    await cards.call([
      [opened, {}],
      ['where is my new card', { at: 'anything_else', text: /five working days/ }],
      ['yes', { at: 'menu' }],
      [keys('0'), { ended: true, outcome: 'handed_over', effects: desk }],
    ]);
  });

  test('an odd caller comes to a colleague, and nothing is blocked', async () => {
    await cards.call([
      [opened, {}],
      ['is this the pizza place?', { at: 'menu', slots: {} }],
      ['two large margheritas', { at: 'menu', slots: {} }],
      ['with extra cheese', { effects: desk, outcome: 'handed_over' }],
    ]);
  });

  test.each([
    ['I want to talk to a person'],
    ['agent'],
    ['let me talk to a human being'],
    ['customer service'],
  ])('%j leads to a colleague from the middle of it', async (words) => {
    await cards.call([
      [opened, {}],
      [keys('1'), { at: 'kind' }],
      [words, { ended: true, effects: desk }],
    ]);
  });

  test('a card is blocked by nothing less than a yes', async () => {
    for (const words of [
      'well',
      'what happens then?',
      "I don't know",
      'maybe',
      'yes but not today',
      'hold on',
    ]) {
      await cards.call([
        [opened, {}],
        ['block my debit card', {}],
        ['4712', { at: 'check' }],
        [words, { at: 'check', ended: false }],
      ]);
    }
  });

  cards.expectFullCoverage();
});
