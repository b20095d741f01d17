import type { Matcher } from '../../src/understanding/index.ts';
import { compilePattern, intents } from '../../src/understanding/index.ts';

/** What a node listens for, by edge. */
export type Scene = ReadonlyMap<string, Matcher>;

const examples = (...list: string[]): Matcher => ({ examples: list, patterns: [] });
const patterns = (...list: string[]): Matcher => ({
  examples: [],
  patterns: list.map(compilePattern),
});

function scene(own: Record<string, Matcher>, ...builtIn: string[]): Scene {
  const named = builtIn.map((name) => [name, intents.get(name) ?? examples()] as const);
  return new Map([...Object.entries(own), ...named]);
}

const person = examples(
  'speak to a person',
  'talk to someone',
  'I want a real person',
  'human please',
  'operator',
);

export const scenes = {
  clinic: scene(
    {
      book: examples('book an appointment', 'make an appointment', 'I need to see a doctor'),
      cancel: examples('cancel my appointment', "I can't come to my appointment"),
      change: examples('change my appointment', 'move my appointment', 'reschedule'),
      hours: examples('what are your opening hours', 'when are you open'),
      person,
    },
    'repeat',
    'goodbye',
  ),
  bank: scene(
    {
      block: examples('block my card', 'my card was stolen', 'I lost my card'),
      unblock: examples('unblock my card', 'activate my card'),
      balance: examples('what is my balance', 'check my balance'),
      pay: examples('pay a bill', 'make a payment'),
      person,
    },
    'repeat',
    'goodbye',
  ),
  confirm: scene(
    { person, price: examples('what does it cost', 'how much is it') },
    'yes',
    'no',
    'repeat',
  ),
  more: scene({ book: examples('book an appointment') }, 'yes', 'goodbye', 'start_over', 'repeat'),
  menu: scene({
    savings: patterns('\\bsavings?\\b', '^(option )?1$'),
    current: patterns('\\bcurrent account\\b', '^(option )?2$'),
    opening: patterns('^(what|when) .*\\b(open|hours)\\b'),
  }),
} as const satisfies Record<string, Scene>;

/** Scenes that nothing was tuned on: written after the calibration, measured as they stood. */
export const unseenScenes = {
  delivery: scene(
    {
      track: examples('where is my parcel', 'track my order', 'when will my package arrive'),
      refund: examples('I want my money back', 'get a refund', 'return an item'),
      address: examples('change my delivery address', 'deliver it somewhere else'),
      damaged: examples('my parcel is damaged', 'it arrived broken', 'something is missing'),
      person: examples('speak to an agent', 'customer service', 'talk to a human being'),
    },
    'goodbye',
    'repeat',
  ),
  hotel: scene(
    {
      book: examples('book a room', 'make a reservation', 'I need a room for tonight'),
      cancel: examples('cancel my booking', 'cancel my reservation'),
      breakfast: examples('is breakfast included', 'do you serve breakfast'),
      parking: examples('do you have parking', 'can I park my car'),
      late: examples("I'm going to arrive late", 'late check in'),
    },
    'goodbye',
    'start_over',
  ),
  agree: scene({ later: examples('call me back later', 'this is a bad time') }, 'yes', 'no'),
} as const satisfies Record<string, Scene>;

export type SceneName = keyof typeof scenes | keyof typeof unseenScenes;

export interface Case {
  scene: SceneName;
  say: string;
  /** The edge that is meant; absent where nothing should be decided without a model. */
  want?: string;
  /** Words that slot values stand on. */
  taken?: string;
}

/** One line a case: what is said, then `#` and the words that a slot took. */
function cases(scene: SceneName, want: string | undefined, lines: string): Case[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => {
      const [say = '', taken] = line.trim().split(/\s*#\s*/);
      return {
        scene,
        say,
        ...(want !== undefined && { want }),
        ...(taken !== undefined && { taken }),
      };
    });
}

export const corpus: readonly Case[] = [
  ...cases(
    'clinic',
    'book',
    `I would like to book an appointment please
     I'd like to make an appointment.
     book an appoinment
     Hi, um, can I book an appointment?
     Could I book an appointment for tomorrow, please? # tomorrow
     I need to book an appointment on Tuesday at half past nine. # Tuesday at half past nine
     Hello, I want to make an appointment with Dr. Smith.
     Yes, book an appointment please
     booking an appointment
     I need to see a doctor.
     I'm calling to book an appointment
     so I need to make an appointment today
     i want to book two appointments`,
  ),
  ...cases(
    'clinic',
    'cancel',
    `I need to cancel my appointment.
     cancel my appointments please
     Can you cancel my appointment on Friday? # Friday
     Hi, I can't come to my appointment
     I'd like to cancel the appointment
     I cannot come to my appointment tomorrow # tomorrow
     please cancel my apointment`,
  ),
  ...cases(
    'clinic',
    'change',
    `I want to change my appointment
     Could you move my appointment to Thursday? # Thursday
     I'd like to reschedule.
     reschedule my appointment please
     can I change my appointment to the third of March # the third of March
     I have to move my appointment`,
  ),
  ...cases(
    'clinic',
    'hours',
    `What are your opening hours?
     when are you open
     Hi, what are your opening hours please?
     What's your opening hours?
     When are you open on Saturday? # Saturday`,
  ),
  ...cases(
    'clinic',
    'person',
    `Can I speak to a person?
     I want to talk to someone
     speak to a real person please
     A real person, please.
     Operator.
     operator please
     Human, please!
     just let me talk to someone
     I'd like to speak to a human`,
  ),
  ...cases(
    'clinic',
    'repeat',
    `Sorry, what was that?
     Can you say that again?
     Could you repeat that please?
     pardon
     say that again
     Sorry, I didn't catch that.
     What did you say?`,
  ),
  ...cases(
    'clinic',
    'goodbye',
    `Goodbye.
     bye bye
     That's all, thanks.
     No, that's all, thank you.
     okay thanks bye
     Have a nice day.
     nothing else thank you`,
  ),
  ...cases(
    'clinic',
    undefined,
    `I don't want to book an appointment
     I don't want to cancel my appointment
     Did you cancel my appointment?
     I missed my appointment yesterday and nobody called
     Is it possible that you lost my appointment?
     when is my appointment
     What time is my appointment?
     book or cancel an appointment
     I want to book an appointment but first I have a question
     how much is an appointment
     Do I have an appointment?
     my appointment
     appointment
     I never made an appointment
     Can you tell me when my appointment is?
     I'm looking for a personal trainer
     the operator was very rude to me last week
     my open wound is bleeding
     we need ours changed not cancelled
     I was told to call you about a letter
     why was my appointment changed
     I'd rather not speak to a person
     is there someone I can talk to other than a machine who knows about insulin pumps
     where are you
     who are you
     What was the doctor called that I saw?
     I booked an appointment but it isn't on my phone`,
  ),
  ...cases(
    'bank',
    'block',
    `I want to block my card
     block my card please
     My card was stolen.
     my card was stolen yesterday
     I've lost my card
     I lost my credit card
     I think I lost my card.
     lost card
     Could you block my card?
     Please block both my cards.
     Hello, I need to block my debit card`,
  ),
  ...cases(
    'bank',
    'unblock',
    `unblock my card
     I'd like to activate my card.
     activate my new card please`,
  ),
  ...cases(
    'bank',
    'balance',
    `What is my balance?
     check my balance
     I'd like to check my balance please
     What's my balance?
     can you check my balance`,
  ),
  ...cases(
    'bank',
    'pay',
    `I want to pay a bill
     pay my bill
     I'd like to make a payment of fifty pounds # fifty pounds`,
  ),
  ...cases(
    'bank',
    undefined,
    `deactivate my card
     I don't want to block my card
     don't block my card
     why did you block my card
     my card wasn't stolen
     I found my lost card
     block my account
     I black out sometimes
     change my card
     charge my card
     my balance is wrong
     I never lost my card
     Did somebody pay a bill?
     I lost my job
     my card
     I have not lost my card, I just want a new one
     what happens if I lost my card
     can you tell me how to pay a bill
     block my card and check my balance`,
  ),
  ...cases(
    'confirm',
    'yes',
    `Yes.
     yes please
     yeah, sure, that's right
     yep
     Yes, that's correct.
     That's right.
     Okay.
     of course
     sure
     Yes, it is.
     yes yes
     um, yeah
     Yes, thank you.
     absolutely
     Correct!
     well yes I think so
     uh huh
     yes that is right
     Sure, go ahead.`,
  ),
  ...cases(
    'confirm',
    'no',
    `No.
     no thanks
     nope
     No, thank you.
     not really
     That's not right.
     no that's wrong
     No, I don't.
     no no no
     I don't think so.
     Um, no.
     that's incorrect
     no it isn't
     No, that's not correct.`,
  ),
  ...cases(
    'confirm',
    'price',
    `What does it cost?
     how much is it
     How much does it cost?
     and what does it cost`,
  ),
  ...cases(
    'confirm',
    undefined,
    `Yes, but what does it cost?
     Yes, but not on Monday.
     yes or no
     Is that right?
     Yes?
     Are you sure?
     I'm not sure.
     I don't know
     no yes
     yes no
     right now
     no problem
     not now but yes
     if it's free yes
     Yes, unless it rains.
     no but I want another one
     sure, if my wife can come
     correct me if I'm wrong
     that's what I said
     The right knee.
     yes it was wrong
     No, the fourth of March. # the fourth of March
     Okay, but why?
     yes I have a question
     Could be right, could be wrong.
     Hold on.
     I need to think about it
     yes cancel everything and delete my account`,
  ),
  ...cases(
    'more',
    'start_over',
    `Start over.
     can we start again
     let's start over please
     I want to start from the beginning
     go back to the beginning`,
  ),
  ...cases(
    'more',
    'goodbye',
    `No, that's everything.
     that's it
     I'm done, thanks.
     No, nothing else, thank you. Bye.
     that will be all`,
  ),
  ...cases(
    'more',
    'book',
    `Yes, I'd like to book an appointment.
     book another appointment`,
  ),
  ...cases(
    'more',
    undefined,
    `I don't want to start over
     that's all wrong
     that's not all
     I'm not done
     is that all
     when does it start`,
  ),
  ...cases(
    'menu',
    'savings',
    `my savings account
     Savings.
     option one
     One.
     1
     saving please`,
  ),
  ...cases(
    'menu',
    'current',
    `the current account please
     two
     Option 2.`,
  ),
  ...cases('menu', 'opening', 'What are your hours?\nwhen do you open'),
  ...cases(
    'menu',
    undefined,
    `not my savings
     savings or current account
     what is a savings account
     one two
     I lost my savings in a terrible casino fire`,
  ),
];

export const unseen: readonly Case[] = [
  ...cases(
    'delivery',
    'track',
    `Where's my parcel?
     I'd like to track my order please.
     Hi, when will my package arrive?
     track an order
     I'm calling about my order, I want to track it.
     where is my package`,
  ),
  ...cases(
    'delivery',
    'refund',
    `I want my money back!
     Can I get a refund please?
     I would like to return an item I bought.
     refund
     I'd like to get a refund for my order`,
  ),
  ...cases(
    'delivery',
    'address',
    `I need to change my delivery address.
     Could you change the delivery address on my order?
     please deliver it somewhere else`,
  ),
  ...cases(
    'delivery',
    'damaged',
    `My parcel is damaged.
     It arrived broken.
     there is something missing
     the parcel was damaged when it came`,
  ),
  ...cases(
    'delivery',
    'person',
    `Customer service, please.
     let me talk to a human being
     I'd like to speak with an agent
     agent`,
  ),
  ...cases('delivery', 'goodbye', 'Thank you, bye.\nOkay, that is all.\nthanks have a good day'),
  ...cases(
    'delivery',
    'repeat',
    'Could you say that one more time?\nSorry, what?\nI did not hear that',
  ),
  ...cases(
    'delivery',
    undefined,
    `I don't want a refund
     my parcel isn't damaged
     did I get a refund
     Why was my order returned?
     I already got my money back but it was too little
     can I change my order
     my address is wrong
     nothing is missing
     the agent was nice
     who do I speak to about my order and a refund
     is it damaged
     I never got a refund
     how do I return an item
     my parcel
     you sent it to the wrong house
     I was refunded yesterday
     my money is in the bank
     what is customer service good for`,
  ),
  ...cases(
    'hotel',
    'book',
    `I'd like to book a room for two nights.
     Hello, can I make a reservation for Friday? # Friday
     I need a room for tonight.
     book a room please`,
  ),
  ...cases(
    'hotel',
    'cancel',
    'I have to cancel my booking\nPlease cancel my reservation for Monday. # Monday',
  ),
  ...cases(
    'hotel',
    'breakfast',
    'Is breakfast included?\ndo you serve breakfast\nIs the breakfast included in the price?',
  ),
  ...cases('hotel', 'parking', 'Do you have parking?\nCan I park my car at the hotel?'),
  ...cases(
    'hotel',
    'late',
    "I'm going to arrive late\nLate check-in please.\nwe are going to arrive late tonight",
  ),
  ...cases(
    'hotel',
    undefined,
    `I didn't cancel my booking
     is my booking cancelled
     I don't need breakfast
     the room is too cold
     why is parking so expensive
     I was late
     did you cancel my reservation
     I'd like breakfast in my room
     I booked a room last week and it was dirty
     is it too late to cancel
     do you have rooms with a bath`,
  ),
  ...cases(
    'agree',
    'yes',
    'yes of course\nYeah, okay.\nI guess so\nmhm\nperfect\nYup, sounds good to me.\nyes I am',
  ),
  ...cases('agree', 'no', "no I'm not\nNot really, no.\nNah, thanks.\nabsolutely not\nNo, wrong."),
  ...cases(
    'agree',
    'later',
    'Call me back later please.\nThis is a really bad time.\nNo, call me back later.',
  ),
  ...cases(
    'agree',
    undefined,
    `I am not saying yes
     yeah no
     maybe
     who is this
     Yes, what is it?
     I can't really say
     good question
     what do you mean, correct?
     it depends
     no I mean yes
     not exactly sure that I understand
     fine, whatever you never listen anyway do you
     say no more
     I said no such thing
     is that a yes or a no`,
  ),
];
