import type { TurnInput } from '../../src/agent/agent.ts';
import type { Json } from '../../src/json.ts';

/** What the model answers where it is asked to decide: a move, and the values it sets. */
export type Answer = string | { go: string; set: Readonly<Record<string, Json>> };

/** A turn: what the caller does, and the model's decisions in the order in which it is asked. */
export type Line = readonly [input: string | TurnInput, ...answers: Answer[]];

/** A call held the way a caller would hold it, with a model that decides rightly. */
export interface Walk {
  /** File of the flow: one of ours, or one of those that others wrote. */
  flow: string;
  /** Written by others, and not part of this repository. */
  given?: true;
  lines: readonly Line[];
  /** Node where it has to come out, so that a walk that lost its way is not measured. */
  endsAt: string;
}

const opened: TurnInput = { kind: 'opened' };

export const walks: readonly Walk[] = [
  {
    flow: 'kyc',
    endsAt: 'done',
    lines: [
      [opened],
      ['My name is Susan Baker.'],
      ['why do you need that'],
      ['I moved here from abroad last year, does that make any difference for this?', 'stay'],
      ['The third of March 1986'],
      ['4 7 1 2, 0 9'],
      ['3 8 5 1'],
      ['Yes, that is right.'],
    ],
  },
  {
    flow: 'appointment',
    endsAt: 'booked',
    lines: [
      [opened],
      [
        'Well, my daughter goes abroad with her school and they say she has to have something first',
        { go: 'reason_known', set: { reason: 'vaccination' } },
      ],
      ['What are your opening hours?'],
      ['Next Monday at ten in the morning.'],
      ['Do I have to bring anything, like her papers from last time?', 'stay'],
      ['Yes, but could it be somewhat later that day if that is possible at all?', 'disagreed'],
      ['The time.'],
      ['Half past four in the afternoon.'],
      ['Yes, please.'],
    ],
  },
  {
    flow: 'cards',
    endsAt: 'goodbye',
    lines: [
      [opened],
      ['I think somebody took my purse on the tram and all that was in it', 'block'],
      ['The one I pay with in shops, I have had it for years', 'stay'],
      ['It is my debit card.'],
      [{ kind: 'dtmf', digits: '4712' }],
      ['Will I still get my salary when you do that?', 'stay'],
      ['Yes, block it.'],
      ['No, that is all.'],
    ],
  },
  {
    flow: 'kyc',
    given: true,
    endsAt: 'done',
    lines: [
      [opened],
      ['My name is Susan Baker.', { go: 'name_to_dob', set: { name: 'Susan Baker' } }],
      ['Why do you have to know that?', 'stay'],
      ['The third of March 1986', 'dob_to_pan'],
      ['A B C D E one two three four F', 'pan_to_done'],
    ],
  },
  {
    flow: 'appointment',
    given: true,
    endsAt: 'confirm',
    lines: [
      [opened],
      ['I would like to see a doctor.', 'intro_to_book'],
      ['Doctor Jones, if she is there.', { go: 'stay', set: { doctor: 'Doctor Jones' } }],
      [
        'Next Monday at nine.',
        { go: 'book_to_confirm', set: { date: 'next Monday', time: 'at nine' } },
      ],
    ],
  },
  {
    flow: 'escalation',
    given: true,
    endsAt: 'done',
    lines: [
      [opened],
      ['My router blinks red since this morning.', 'triage_to_resolve'],
      ['I have done that already.', 'stay'],
      ['It blinks orange now, is that good?', 'stay'],
      ['It is green again, wonderful.', 'resolve_to_done'],
    ],
  },
  {
    flow: 'golf_booking',
    given: true,
    endsAt: 'booking_close',
    lines: [
      [opened],
      [
        'I would like to play a round next week.',
        'greeting_to_details>id_check_to_details>greeting_to_collect',
      ],
      ['In Bengaluru.', { go: 'stay', set: { city: 'Bengaluru' } }],
      [
        'Which courses do you have there?',
        { go: 'collect_to_course_pref', set: { city: 'Bengaluru' } },
      ],
      [
        'Lakeside would be lovely.',
        {
          go: 'course_pref_to_availability',
          set: { course_id: 'blr-1', course_name: 'Lakeside', city: 'Bengaluru' },
        },
      ],
      ['On the ninth of March.', { go: 'stay', set: { date: '2026-03-09' } }],
      [
        'At seven in the morning, there are two of us.',
        {
          go: 'collect_to_check_availability',
          set: {
            preferred_time: '07:00',
            booking_players: '2',
            course_id: 'blr-1',
            date: '2026-03-09',
            time_from: '06:00',
            time_to: '08:00',
          },
        },
        'availability_to_present',
      ],
      ['What does it cost?', 'stay'],
      [
        'Good, I take it.',
        {
          go: 'slot_to_profile_check>profile_to_hold',
          set: { slot_id: 's-07:00', player_id: 'p-1' },
        },
      ],
      ['My friend is called Ravi.', 'stay'],
      [
        'No, we need nothing else.',
        {
          go: 'booking_details_to_hold',
          set: {
            slot_id: 's-07:00',
            players_array: 'Asha, Ravi',
            addons_array: 'none',
            special_requests: 'none',
          },
        },
        'hold_to_confirm_booking',
      ],
    ],
  },
];
