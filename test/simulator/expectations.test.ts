import { describe, expect, it } from 'vitest';
import { checkExpectations, visitedNodes } from '../../src/simulator/expectations.ts';
import { addSaidWords } from '../../src/simulator/said-words.ts';
import { report, turn } from './report-fixture.ts';

const call = report(
  [
    turn({ input: 'opened', from: 'hello', to: 'hello', heardText: 'Good morning.' }),
    turn({
      from: 'hello',
      to: 'name',
      moves: [
        { edge: 'e1', from: 'hello', to: 'check', by: 'pattern' },
        { edge: 'e2', from: 'check', to: 'name', by: 'guard' },
      ],
      heardText: 'And your name?',
    }),
    turn({
      from: 'name',
      to: 'name',
      slots: { name: 'Ann', id: '471' },
      heardText: 'Thanks, Ann.',
    }),
  ],
  { outcome: 'done', ended: true },
);

describe('expectations', () => {
  it('hold when everything came as expected', () => {
    const failures = checkExpectations(call, {
      outcome: 'done',
      ended: true,
      slots: { id: '471' },
      nodes: ['hello', 'name'],
      agentSays: ['thanks, ann'],
      agentNeverSays: ['error'],
    });
    expect(failures).toEqual([]);
  });

  it('that fail are told one by one', () => {
    const failures = checkExpectations(call, {
      outcome: 'refused',
      ended: false,
      slots: { id: '472', date: '2026-01-01' },
      nodes: ['name', 'hello'],
      agentSays: ['good night'],
      agentNeverSays: ['ANN'],
    });
    expect(failures).toEqual([
      'outcome: expected "refused", got "done"',
      'ended: expected false, got true',
      'slot id: expected "472", got "471"',
      'slot date: expected "2026-01-01", got nothing',
      'nodes: expected name > hello, missed hello; visited hello > check > name',
      'agentSays: the agent never said /good night/',
      'agentNeverSays: the agent said /ANN/',
    ]);
  });

  it('see a node again that was entered again', () => {
    const loop = report([
      turn({ from: 'a', to: 'a', moves: [{ edge: 'again', from: 'a', to: 'a', by: 'model' }] }),
    ]);
    expect(visitedNodes(loop)).toEqual(['a', 'a']);
  });
});

describe('what the script said', () => {
  it('stands beside the turn it led to, and counts in full if it became two', () => {
    const heard = report([
      turn({ input: 'opened' }),
      turn({ user: 'my number is' }),
      turn({ user: '471' }),
      turn({ user: 'thank me' }),
    ]);
    const complete = addSaidWords(
      heard,
      [0, 3000, 4000, 9000],
      [
        { said: 'My number is four seven one', startedAtMs: 2000 },
        { said: null, startedAtMs: 5000 },
        { said: 'thank you', startedAtMs: 8000 },
      ],
    );
    expect(complete.turns.map((each) => each.said)).toEqual([
      null,
      'My number is four seven one',
      null,
      'thank you',
    ]);
    expect(complete.wordErrorRate).toBe(0.125);
  });

  it('counts as missed where nothing was heard', () => {
    const complete = addSaidWords(report([]), [], [{ said: 'hello', startedAtMs: 0 }]);
    expect(complete.wordErrorRate).toBe(1);
  });
});
