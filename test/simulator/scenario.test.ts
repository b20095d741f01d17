import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { loadScenario, parseScenario } from '../../src/simulator/scenario.ts';

const path = '/calls/demo.yaml';

function problem(text: string): string {
  try {
    parseScenario(text, path);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('the scenario was accepted');
}

describe('a scenario', () => {
  it('gives every kind of step, with files beside it', () => {
    const scenario = parseScenario(
      `
flow: ../flows/kyc.yaml
llm: scripted/x.yaml
caller:
  voice: rms
  turns:
    - say: hello
    - say: [one two, { pause: 500 }, three]
      atMs: 4000
    - wav: a.wav
    - dtmf: "42#"
    - dtmf: 7
    - wait: 100
    - interrupt: { afterMs: 800, say: stop }
    - noise: cafe.wav
    - whisper: offer ten percent
    - hangup: true
expect:
  outcome: done
  ended: true
  slots: { id: "471" }
  nodes: [a, b]
  agentSays: ['good ?bye']
  agentNeverSays: [error]
`,
      path,
    );
    expect(scenario).toMatchObject({
      name: 'demo',
      flow: '/flows/kyc.yaml',
      llm: 'scripted/x.yaml',
      voice: 'rms',
      steps: [
        { kind: 'say', parts: ['hello'] },
        { kind: 'say', parts: ['one two', { pause: 500 }, 'three'], atMs: 4000 },
        { kind: 'wav', file: '/calls/a.wav' },
        { kind: 'dtmf', digits: '42#' },
        { kind: 'dtmf', digits: '7' },
        { kind: 'wait', ms: 100 },
        { kind: 'interrupt', afterMs: 800, parts: ['stop'] },
        { kind: 'noise', file: '/calls/cafe.wav' },
        { kind: 'whisper', text: 'offer ten percent' },
        { kind: 'hangup' },
      ],
      expect: { outcome: 'done', slots: { id: '471' } },
    });
  });

  it.each([
    [
      'caller:\n  turns:\n    - say: hi\n      loud: true\n',
      '/calls/demo.yaml:4:7: caller.turns.0.loud: unknown key',
    ],
    ['caller: { turns: [] }\nexpects: {}\n', '/calls/demo.yaml:2:1: expects: unknown key'],
    [
      'caller:\n  turns:\n    - say: [hi, { pauses: 3 }]\n',
      '/calls/demo.yaml:3:19: caller.turns.0.say.1.pauses: unknown key',
    ],
  ])('names line and column of an unknown key', (text, message) => {
    expect(problem(text)).toContain(message);
  });

  it('takes exactly one action a step', () => {
    expect(problem('caller:\n  turns:\n    - { say: hi, wait: 3 }\n')).toContain(
      '/calls/demo.yaml:3:7: caller.turns.0: expected exactly one of say, wav',
    );
  });

  it.each([
    ['caller:\n  turns:\n    - wait: soon\n', ':3:7: caller.turns.0.wait: '],
    ['caller:\n  turns:\n    - say: [\n', ':4:1: '],
    ['caller: { turns: [] }\nexpect: { agentSays: ["(x"] }\n', 'is not a regular expression'],
    ['flow: x.yaml\n', ': caller: '],
  ])('tells where a value is wrong', (text, message) => {
    expect(problem(text)).toContain(message);
  });

  it('that is missing is named', () => {
    expect(() => loadScenario('/nowhere/x.yaml')).toThrow(/\/nowhere\/x\.yaml: cannot be read/);
  });
});
