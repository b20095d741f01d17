import { describe, expect, it } from 'vitest';
import {
  analyse,
  compilePattern,
  intents,
  isCovered,
  type Matcher,
  scoreMatch,
} from '../../src/understanding/index.ts';
import { type Case, corpus, type Scene, scenes, unseen, unseenScenes } from './corpus.ts';

const THRESHOLD = 0.8;
const MARGIN = 0.1;

/** The edge that would be taken, by rule 4 of the flow language. */
function decide(scene: Scene, { say, taken }: Case): string | undefined {
  const utterance = analyse(say);
  const spans = taken === undefined ? [] : [spanOf(say, taken)];
  const [best, second] = [...scene]
    .map(([edge, matcher]) => ({ edge, ...scoreMatch(utterance, matcher, spans) }))
    .sort((a, b) => b.score - a.score);
  if (best === undefined || !best.covers || best.score < THRESHOLD) return undefined;
  return best.score - (second?.score ?? 0) >= MARGIN ? best.edge : undefined;
}

function spanOf(text: string, words: string) {
  const from = text.indexOf(words);
  return { from, to: from + words.length };
}

const allScenes: Readonly<Record<string, Scene>> = { ...scenes, ...unseenScenes };
const judge = (one: Case) => decide(allScenes[one.scene] ?? new Map(), one);

describe.each([
  { name: 'the calibrated corpus', cases: corpus, leastRecall: 0.95 },
  { name: 'scenes that nothing was tuned on', cases: unseen, leastRecall: 0.85 },
])('$name', ({ cases, leastRecall }) => {
  it.each(cases.map((one) => [one.scene, one.say, one] as const))(
    '%s: "%s" is never decided wrongly',
    (_scene, _say, one) => {
      expect([one.want, undefined]).toContain(judge(one));
    },
  );

  it('decides most of what a person would decide', () => {
    const wanted = cases.filter(({ want }) => want !== undefined);
    const decided = wanted.filter((one) => judge(one) === one.want);
    expect(decided.length / wanted.length).toBeGreaterThanOrEqual(leastRecall);
  });
});

const example = (...examples: string[]): Matcher => ({ examples, patterns: [] });
const pattern = (...sources: string[]): Matcher => ({
  examples: [],
  patterns: sources.map(compilePattern),
});
const score = (say: string, matcher: Matcher) => scoreMatch(analyse(say), matcher, []);

describe('a score', () => {
  it('is 1 by pattern, wherever in the utterance', () => {
    expect(score('it is about my card, please', pattern('card'))).toEqual({
      score: 1,
      by: 'pattern',
      covers: true,
    });
  });

  it.each([
    ['four seven one two', '^\\d{4}$'],
    ['4, 7, 1, 2.', '^\\d{4}$'],
    ['The twenty-first, please!', '^the 21st please$'],
    ["That's right.", "^that's right$"],
    ['Option TWO', '^option 2$'],
  ])('sees "%s" as %s in the normalised form', (say, source) => {
    expect(score(say, pattern(source)).score).toBe(1);
  });

  it('does not let an opposite word pass for a mis-hearing', () => {
    for (const [say, meant] of [
      ['deactivate my card', 'activate my card'],
      ['unblock my card', 'block my card'],
      ['decrease my limit', 'increase my limit'],
      ['change my card', 'charge my card'],
      ['my password', 'my passport'],
      ['a personal matter', 'a person'],
    ] as const) {
      expect(score(say, example(meant)).score, say).toBeLessThan(THRESHOLD);
    }
  });

  it('falls with words out of order', () => {
    const transfer = example('transfer from savings to current');
    const swapped = score('transfer from current to savings', transfer).score;
    const straight = score('transfer from savings to current', transfer).score;
    expect(straight - swapped).toBeGreaterThanOrEqual(MARGIN);
  });

  it('is 0 without patterns and examples', () => {
    expect(score('anything', example())).toEqual({ score: 0, covers: false });
  });

  it('is the same for a name that every object inherits', () => {
    expect(score('constructor', example('constructor')).score).toBe(1);
    expect(score('__proto__ please', example('yes')).score).toBe(0);
  });
});

describe('covered', () => {
  it.each([
    ['yeah, sure, that’s right', 'yes', true],
    ['Yes, but what does it cost?', 'yes', false],
    ['no', 'no', true],
    ['no no, wait, yes', 'no', false],
    ['yes if it is free', 'yes', false],
    ['is that a yes', 'yes', false],
  ])('"%s" by %s: %s', (say, name, covers) => {
    const intent = intents.get(name);
    expect(intent && score(say, intent).covers).toBe(covers);
  });

  it('is a question only by a question', () => {
    const say = 'What are your opening hours?';
    expect(score(say, example('what are your opening hours')).covers).toBe(true);
    expect(score(say, pattern('what are .*hours')).covers).toBe(true);
    expect(score(say, pattern('hours')).covers).toBe(false);
    expect(score('is breakfast included?', example('is breakfast included')).covers).toBe(true);
  });

  it('leaves aside what slot values stand on', () => {
    const say = 'book an appointment for my daughter Anna Smith tomorrow';
    const book = example('book an appointment');
    expect(scoreMatch(analyse(say), book, []).covers).toBe(false);
    expect(scoreMatch(analyse(say), book, [spanOf(say, 'Anna Smith tomorrow')]).covers).toBe(true);
  });

  it('gives the "no" of a corrected value to the correction, and not to a no', () => {
    const say = 'No, the fourth of March.';
    const no = intents.get('no') ?? example();
    const taken = [spanOf(say, 'the fourth of March')];
    expect(scoreMatch(analyse(say), no, taken).score).toBeLessThan(THRESHOLD);
    expect(isCovered(analyse(say), taken)).toBe(true);
    expect(
      scoreMatch(analyse('it is the fourth'), example('it is'), [
        spanOf('it is the fourth', 'the fourth'),
      ]).score,
    ).toBe(0);
    expect(isCovered(analyse('the fourth but why'), [{ from: 0, to: 10 }])).toBe(false);
  });
});

describe('a pattern', () => {
  it('never sees more than a thousand characters', () => {
    expect(score(`${'a '.repeat(2_000)}needle`, pattern('needle')).score).toBe(0);
  });
});
