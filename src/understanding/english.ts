/**
 * Every English word and turn of phrase that understanding knows. Another language is another file
 * of the same shape. All words are in lower case with straight apostrophes.
 */

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));
const phrases = (text: string): readonly string[] => text.split(/\s*,\s*/);

export const english = {
  cardinals: new Map<string, number>([
    ...listed('zero one two three four five six seven eight nine ten eleven twelve thirteen', 0),
    ...listed('fourteen fifteen sixteen seventeen eighteen nineteen', 14),
    ...listed('twenty thirty forty fifty sixty seventy eighty ninety', 20, 10),
    ['fourty', 40],
  ]),
  ordinals: new Map<string, number>([
    ...listed('first second third fourth fifth sixth seventh eighth ninth tenth eleventh', 1),
    ...listed('twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth', 12),
    ['nineteenth', 19],
    ['twentieth', 20],
    ['thirtieth', 30],
  ]),
  scales: new Map<string, number>([
    ['hundred', 100],
    ['thousand', 1_000],
    ['million', 1_000_000],
  ]),
  dozen: words('dozen'),
  half: words('half'),
  /** Only inside a string of digits. */
  zeroInDigits: words('oh o nought naught nil'),
  /** How recognisers mishear a single digit. */
  misheardDigits: new Map<string, string>([
    ['for', '4'],
    ['fore', '4'],
    ['to', '2'],
    ['too', '2'],
    ['won', '1'],
    ['ate', '8'],
  ]),
  repeats: new Map<string, number>([
    ['double', 2],
    ['triple', 3],
    ['treble', 3],
  ]),
  plus: words('plus'),
  minus: words('minus negative'),
  point: words('point'),
  and: words('and'),
  or: words('or'),
  article: words('a an'),
  the: words('the'),
  of: words('of'),
  /** "One" before or after these is no number. */
  beforePronounOne: words('this that the which no any another other each every new'),
  afterPronounOne: words('of moment second sec minute thing more'),
  /** What callers say between the pieces of a number. */
  insideDigits: words('um uh er erm ah hmm and then'),
  currency: words('pound pounds dollar dollars euro euros quid'),
  hundredthsOfCurrency: words('pence cent cents penny p'),

  months: new Map<string, number>([
    ...listed('january february march april may june july august september october november', 1),
    ['december', 12],
    ...listed('jan feb mar apr', 1),
    ...listed('jun jul aug sept oct nov dec', 6),
    ['sep', 9],
  ]),
  /** Also common words: no month unless a day or "in" stands beside it. */
  doubtfulMonths: words('may march mar jan dec sep'),
  beforeMonth: words('in of next this last for during'),
  /** Monday is 1. */
  weekdays: new Map<string, number>([
    ...listed('monday tuesday wednesday thursday friday saturday sunday', 1),
    ...listed('mondays tuesdays wednesdays thursdays fridays saturdays sundays', 1),
  ]),
  relativeDays: new Map<string, number>([
    ['the day before yesterday', -2],
    ['day before yesterday', -2],
    ['yesterday', -1],
    ['today', 0],
    ['tonight', 0],
    ['tomorrow', 1],
    ['the day after tomorrow', 2],
    ['day after tomorrow', 2],
    ['overmorrow', 2],
  ]),
  dayUnits: new Map<string, number>([
    ['day', 1],
    ['days', 1],
    ['week', 7],
    ['weeks', 7],
    ['fortnight', 14],
    ['fortnights', 14],
  ]),
  monthUnits: words('month months'),
  weekWord: words('week'),
  monthWord: words('month'),
  next: words('next following'),
  thisOne: words('this coming'),
  last: words('last past previous'),
  inWord: words('in'),
  ago: words('ago'),
  fromNow: phrases('from now, from today, time'),
  on: words('on'),
  at: words('at'),

  past: words('past after'),
  to: words('to till before'),
  quarter: words('quarter'),
  minuteUnits: words('minute minutes'),
  oClock: words("o'clock oclock"),
  hours: words('hours'),
  am: words('am'),
  pm: words('pm'),
  namedTimes: new Map<string, number>([
    ['noon', 12],
    ['midday', 12],
    ['midnight', 0],
  ]),
  /** Before a bare hour these make it a time of day. */
  beforeHour: words('at by around about from until till before after'),
  morning: words('morning'),
  afternoonOrLater: words('afternoon evening tonight'),
  night: words('night'),

  /** What a slot's name or description says about the direction of its dates. */
  birthSlot: /birth|born|\bdob\b|_dob|dob_/i,
  pastSlot: /\b(?:issued|purchased?|bought|ordered|happened|incident|occurred|accident|since)\b/i,
  futureSlot:
    /appointment|booking|reserv|visit|arriv|depart|deliver|check.?(?:in|out)|schedul|pick.?up|preferred|meeting|call.?back/i,

  emailMarks: new Map<string, string>([
    ['dot', '.'],
    ['point', '.'],
    ['underscore', '_'],
    ['dash', '-'],
    ['hyphen', '-'],
    ['plus', '+'],
  ]),
  /** A word before the name in an e-mail address that does not belong to it. */
  beforeEmail: words(
    "is it's its it was to at use me my email mail e address on the and or that's that as under yes no um uh sorry i'm im am are be been stay staying live living home",
  ),

  /** "B as in Bravo", "B for Bravo". */
  asIn: phrases('as in, for, like'),
  spellingAlphabet: new Map<string, string>(
    phrases(
      'alpha, alfa, bravo, charlie, delta, echo, foxtrot, golf, hotel, india, juliet, juliett, kilo, lima, mike, november, oscar, papa, quebec, romeo, sierra, tango, uniform, victor, whiskey, whisky, xray, yankee, zulu',
    ).map((word) => [word, word.charAt(0)]),
  ),

  /** Say nothing of their own, wherever they stand. */
  fillers: words(
    'um uh er erm ah eh hmm hm mm well so just please really basically simply kindly then hello hi hey thanks thank actually oh like now cheers sorry',
  ),
  /** Light words: seldom decide what a sentence is about. */
  light: words(
    'a an the i me my mine myself you your yours we us our he she it its they them their this that these those there here to of in on at by for with from about into as is am are was were be been being do does did doing have has had having will would shall should can could may might must want wanted wants need needed needs get got getting and if some any one too also very much im ive id ill youre thats its wanna gonna gotta let going calling call today bit think guess',
  ),
  questionWords: words('what when where who whom whose why how which'),
  affirmations: words(
    'yes yeah yep yup yah yea ya okay ok sure right alright correct fine certainly absolutely definitely exactly indeed',
  ),
  negations: words(
    'no not nope nah never none nobody nothing neither nor without hardly wrong incorrect',
  ),
  /** "Not", also where it has grown together with a verb. */
  notWords: words(
    'not never cannot dont cant wont didnt doesnt isnt wasnt arent couldnt wouldnt shouldnt havent hasnt',
  ),
  contrasts: words(
    'but however although though except unless instead rather or if whether until otherwise',
  ),
  /** Verbs that open a question when a subject follows, as in "do you". */
  auxiliaries: words(
    "is are was were am do does did have has had can could will would shall should may might must isn't aren't don't doesn't didn't can't couldn't won't wouldn't",
  ),
  subjects: words(
    'i you he she it we they there this that these those the my your any anybody anyone',
  ),
  /** Questions by form that ask for something to be done. */
  requests: phrases(
    "can i, could i, may i, can you, could you, would you, will you, can we, could we, is it possible to, would it be possible to, do you mind, can't i, can someone, could someone",
  ),
  /** Hidden questions, as in "tell me what it costs". */
  hiddenQuestions: words('know me wondering wonder ask tell'),
  hiddenIf: words('if whether'),
  /** May stand before the sentence proper. */
  openers: words(
    'and but so or well also okay ok yes yeah sure no sorry hello hi hey um uh er oh right alright please wait',
  ),
  inflectedEnding: /^(?:|[bdglmnprt]?(?:ed|ing)|e?s|d|e|y|ie[sd])$/,
  contractedEnding: /'(?:s|re|ve|d|ll|m)$/,
  negativeEnding: /n't$/,

  strongYes: phrases(
    "yes, yeah, yep, yup, yea, yes please, correct, affirmative, absolutely, definitely, that's right, that is right, that's correct, that is correct, of course, yes i do, yes it is, exactly",
  ),
  weakYes: phrases(
    "sure, right, okay, ok, alright, all right, fine, good, i do, i am, i have, i will, i would, i can, it is, it does, they are, please do, go ahead, sounds good, that's fine, that is fine, that's good, i think so, i guess so, i believe so, why not, certainly, indeed, perfect, that works, sure thing, true, you got it, uh-huh, uh huh, mhm, mm-hmm, please",
  ),
  strongNo: phrases(
    "no, nope, nah, no thanks, no thank you, not really, not at all, not yet, negative, incorrect, that's wrong, that is wrong, that's not right, that is not right, that isn't right, that's not correct, that is not correct, that's incorrect, absolutely not, definitely not, certainly not, of course not, i don't think so, i do not think so, no way, not correct, not right",
  ),
  weakNo: phrases(
    "i don't, i do not, i'm not, i am not, i haven't, i have not, i won't, i will not, i can't, i cannot, it isn't, it is not, it's not, it doesn't, they aren't, wrong, false, never, don't, not, i'd rather not, i wouldn't",
  ),
  /** Hold words of yes or no, and mean neither. The caller has not made up their mind. */
  doubts: phrases(
    "no idea, no clue, not sure, i'm not sure, i am not sure, i don't know, i do not know, don't know, i don't remember, i can't remember, i do not remember, yes or no, think about it, think about that, think it over, hold on, not certain, i'm not certain",
  ),
  /** Hold such words as well, and say nothing. */
  idioms: phrases(
    'no problem, no worries, no matter, no rush, right now, right away, not at all a problem',
  ),

  leadIns: phrases(
    "my name is, my name's, the name is, the name's, name is, full name is, my full name is, my first name is, my last name is, my surname is, it is, it's, its, i am, i'm, this is, that is, that's, that would be, that'd be, it would be, it'd be, you can call me, call me, they call me, the reason is, the reason is that, my reason is, because, because of, it's because, it's about, it is about, it's for, i'm calling about, i am calling about, i'm calling because, i am calling because, i'm calling to, i said, i mean, put down, let's say, the answer is, i have, i've got, you are speaking with, you're speaking with, you're speaking to, i think it's, i think, i guess, i would say, i'd say, it was",
  ),
  nameSlot: /name/i,
  /** A name ends before these. */
  afterName: words("and i i'm im my born calling with from"),
  titles: words('dr mr mrs ms st prof jr'),
  leadOuts: phrases('speaking, here, please, thanks, thank you, thank you very much, that is all'),
  /** Whole answers that hold no text of their own. */
  noAnswer: phrases(
    "i don't know, i do not know, not sure, i'm not sure, i am not sure, no idea, hold on, wait, one moment, one second, just a moment, just a second, just a minute, give me a moment, give me a second, let me think, let me see, let me check, sorry, pardon, excuse me, never mind, i don't remember, i can't remember, hello, hi, hey, i don't have one, you know, i see, i understand, of course, all right, thank you, thanks, goodbye, bye, shut up, be quiet, stop it, stop that, go away, get lost, leave me alone, go to hell, fuck off, fuck you, piss off, screw you, damn it, bullshit, oh my god, oh god, no way, this is ridiculous, you must be joking",
  ),

  correctionCues: phrases(
    "no, nope, sorry, i mean, i meant, actually, make that, make it, correction, rather, scratch that, wait, i said, let me correct that, my mistake, i misspoke, change that to, change it to, that's wrong, that is wrong, that's not right, not quite, instead",
  ),
  /** "No" before these takes nothing back. */
  afterHarmlessNo: words(
    'problem idea worries one longer matter need more doubt rush thanks thank wonder',
  ),
  denials: phrases(
    "not, isn't, wasn't, is not, was not, don't want, do not want, never, instead of, rather than, anything but, except, no longer",
  ),
  /** May stand between a denial and the value it takes back. */
  afterDenial: words('the a an on at for in my it to of with'),
  but: words('but'),

  intents: {
    yes: {
      examples: phrases(
        "yes, yeah, yep, yup, yes please, yes i do, yes it is, yes i am, yes that's right, correct, that's correct, that's right, right, exactly, absolutely, definitely, certainly, of course, sure, sure thing, okay, alright, all right, fine, that's fine, go ahead, please do, sounds good, that sounds good, that works, that works for me, i do, i am, i would, it is, i think so, i guess so, affirmative, perfect, uh huh, mm hmm, mhm, that's me",
      ),
      patterns: [],
    },
    no: {
      examples: phrases(
        "no, nope, nah, no thanks, no thank you, not really, not at all, no i don't, no i'm not, no it isn't, no that's wrong, that's wrong, that's not right, that's not correct, that's incorrect, incorrect, wrong, i don't, i'm not, i don't think so, absolutely not, definitely not, certainly not, of course not, negative, no way, i'd rather not, not now",
      ),
      patterns: [],
    },
    goodbye: {
      examples: phrases(
        "goodbye, bye, bye bye, good bye, see you, see you later, talk to you later, have a nice day, have a good day, have a good one, that's all, that's all thanks, that is all, that's everything, that will be all, that's it, nothing else, i'm done, i am done, no that's all, no that's everything, no that's it, no nothing else, you can hang up, hang up, good night, take care",
      ),
      patterns: [],
    },
    acknowledge: {
      examples: phrases(
        'mhm, mm hmm, uh huh, okay, ok, right, alright, all right, i see, got it, understood, thanks, thank you, thank you very much, great, good, fine, perfect, sure, cool, lovely, okay great, okay thanks, i understand, makes sense',
      ),
      patterns: [],
    },
    repeat: {
      examples: phrases(
        "sorry what was that, what was that, what did you say, say that again, can you say that again, could you say that again please, can you repeat that, could you repeat that, please repeat, repeat that, repeat please, come again, pardon, pardon me, i beg your pardon, excuse me, sorry, what, i didn't catch that, i didn't hear you, i did not hear that, i can't hear you, i didn't get that, i missed that, one more time, once more, what's that, say again",
      ),
      patterns: [],
    },
    start_over: {
      examples: phrases(
        "start over, start again, let's start over, let's start again, can we start over, can we start again, start from the beginning, start from scratch, begin again, go back to the beginning, go back to the start, restart, can i start over, i want to start over",
      ),
      patterns: [],
    },
  } satisfies Record<string, { examples: readonly string[]; patterns: readonly string[] }>,
};

function listed(text: string, first: number, step = 1): [string, number][] {
  return text.split(' ').map((word, index) => [word, first + index * step]);
}
