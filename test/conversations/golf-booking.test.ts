import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { opened } from '../support/conversation.ts';
import { CoveredFlow, type Row } from './covered-flow.ts';
import { type GolfWorld, startGolfService } from './golf-service.ts';
import { hasSharedFlows, sharedFlow, warnIfSkipped } from './shared-flows.ts';

warnIfSkipped('golf_booking');

const BOOKED = [{ id: 'TT-1', course: 'Lakeside', status: 'confirmed' }];
const DETAILS = 'at Lakeside on the seventh of March for two at seven';

/** What the caller says, and the node where the call is then. */
type Leg = readonly [words: string, at: string];

interface CallTree {
  [leg: string]: CallTree | null;
}

const CALLS = new URL('golf-booking-calls.yaml', import.meta.url);
const callTree: Record<string, CallTree> = parse(readFileSync(CALLS, 'utf8'));

/** Every way from the top of the tree to one of its ends. */
function waysThrough(tree: CallTree): Leg[][] {
  return Object.entries(tree).flatMap(([leg, behind]) => {
    const [words = '', at = ''] = leg.split(' → ');
    const ways = behind === null ? [[]] : waysThrough(behind);
    return ways.map((way): Leg[] => [[words, at], ...way]);
  });
}

describe.skipIf(!hasSharedFlows)('golf_booking', () => {
  const golf = new CoveredFlow(sharedFlow('golf_booking'), {
    llm: 'scripted/test/conversations/scripts/golf-booking.yaml',
    http: { allowPrivate: ['127.0.0.1'] },
  });

  async function call(rows: readonly Row[], world?: GolfWorld) {
    await using service = await startGolfService(world);
    const machine = golf.machine();
    machine.seed({ API_BASE_URL: service.url });
    const turns = await golf.talk(machine, [[opened, {}], ...rows]);
    const requests = service.requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`);
    return { machine, turns, requests };
  }

  /** A call that only has to get through: nothing refused, nobody left in silence. */
  async function walk(legs: readonly Leg[], world?: GolfWorld) {
    const rows = legs.map(([words, at]): Row => [words, { at, refused: [], error: undefined }]);
    const { turns } = await call(rows, world);
    for (const [index, { text }] of turns.entries()) {
      expect(text, `turn ${index} says something, and not that something went wrong`).not.toMatch(
        /^$|went wrong/,
      );
    }
  }

  describe('a booking', () => {
    test('of a caller who says everything in one sentence is held and confirmed, each once', async () => {
      const { machine, requests, turns } = await call([
        ['I want to book a tee time', { at: 'collect_booking_details' }],
        [DETAILS, { at: 'present_available_slot', text: /seven.*Shall I take it/ }],
        ['yes please', { at: 'collect_booking_confirmation_details' }],
        [
          'with Ravi',
          {
            at: 'booking_close',
            ended: true,
            moves: [
              'booking_details_to_hold → hold_slot_payment (model)',
              'hold_to_confirm_booking → confirm_booking (model)',
              'confirm_to_booking_close → booking_close (guard)',
            ],
          },
        ],
      ]);
      expect(turns.at(-1)?.text).toMatch(/^I am holding it\. All done, Asha!/);
      expect(machine.flowState.variables).toMatchObject({
        availability_result: { success: true },
        hold_id: 'h-1',
        booking_id: 'TT-1',
      });
      expect(requests.filter((request) => request.startsWith('POST'))).toEqual([
        'POST /auth/token',
        'POST /slots/hold',
        'POST /bookings/confirm',
      ]);
    });

    test('is made step by step, with a question in the middle and a correction', async () => {
      await call([
        ['I want to book a tee time', { at: 'collect_booking_details' }],
        ['on Saturday', { slots: { date: '2026-03-07' } }],
        [
          'is there a dress code?',
          { at: 'collect_booking_details', text: /collared shirt/, slots: { date: '2026-03-07' } },
        ],
        ['sorry, I mean Sunday', { slots: { date: '2026-03-08' } }],
        [
          'Lakeside please',
          { at: 'collect_booking_details', slots: expect.objectContaining({ course_id: 'blr-1' }) },
        ],
        ['on the seventh of March for two at seven', { at: 'present_available_slot' }],
      ]);
    });

    test('is not looked for before its details are there, however the caller insists', async () => {
      await call([
        ['I want to book a tee time', {}],
        [
          'just book it',
          { at: 'collect_booking_details', refused: ['slots collect_to_check_availability'] },
        ],
        [
          'just book it, I said',
          { at: 'collect_booking_details', refused: ['slots collect_to_check_availability'] },
        ],
      ]);
    });

    test('is not made by "yes, but ..."', async () => {
      const { requests } = await call([
        ['I want to book a tee time', {}],
        [DETAILS, { at: 'present_available_slot' }],
        ['yes, but what does it cost?', { at: 'present_available_slot', moves: [], calls: 1 }],
      ]);
      expect(requests).not.toContain('POST /slots/hold');
    });

    test('of somebody new makes a profile first', async () => {
      const { requests } = await call(
        [
          ['I want to book a tee time', {}],
          [DETAILS, { at: 'present_available_slot' }],
          [
            'yes, and I am new',
            {
              at: 'present_available_slot',
              refused: ['slots slot_to_profile_check>profile_to_hold'],
            },
          ],
          ['I am new here', { at: 'ask_profile_details' }],
          ['Asha', { at: 'collect_booking_confirmation_details' }],
          ['with Ravi', { ended: true, at: 'booking_close' }],
        ],
        { isKnown: false },
      );
      expect(requests).toContain('POST /players');
    });

    test('whose slot is gone goes back to what is free, and offers that in the same turn', async () => {
      await call(
        [
          ['I want to book a tee time', {}],
          [DETAILS, {}],
          ['yes please', {}],
          [
            'with Ravi, or is it taken?',
            { at: 'present_available_slot', text: /That slot was just taken.*Shall I take it\?/ },
          ],
        ],
        { takenTimes: 1 },
      );
    });

    test('that cannot be confirmed is tried a second time', async () => {
      const rows: Row[] = [
        ['I want to book a tee time', {}],
        [DETAILS, {}],
        ['yes please', {}],
      ];
      await call([...rows, ['with Ravi', { at: 'booking_close', ended: true }]], {
        confirmFails: 1,
      });
      await call([...rows, ['with Ravi', { at: 'other_query_handler', ended: false }]], {
        confirmFails: 2,
      });
    });
  });

  test('a farewell that is cut by "no, wait" leads back, and the call goes on', async () => {
    await using service = await startGolfService();
    const machine = golf.machine();
    machine.seed({ API_BASE_URL: service.url });
    const turns = await golf.talk(machine, [
      [opened, {}],
      ['I want to book a tee time', { at: 'collect_booking_details' }],
      [DETAILS, { at: 'present_available_slot' }],
      ['forget it', { ended: true, outcome: 'call_end' }],
    ]);
    machine.heard(turns.at(-1)?.result.messageId ?? '', 'Have a');
    await golf.talk(machine, [
      ['no, wait', { at: 'present_available_slot', ended: false }],
      ['yes please', { at: 'collect_booking_confirmation_details' }],
    ]);
  });

  test('fixed words that are asked for again cost no second call', async () => {
    await call(
      [
        ['cancel it', {}],
        ['yes', {}],
        ['why', { at: 'cancel_not_allowed', text: /cannot be cancelled/, calls: 1 }],
        [
          'what does that mean',
          { at: 'cancel_not_allowed', text: /cannot be cancelled/, calls: 1 },
        ],
      ],
      { bookings: BOOKED, cancelRefused: 409 },
    );
  });

  test.each(Object.entries(callTree))('%s', async (_, tree) => {
    for (const legs of waysThrough(tree)) await walk(legs, { bookings: BOOKED });
  });

  golf.expectFullCoverage();
});
