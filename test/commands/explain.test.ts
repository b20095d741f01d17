import { expect, test } from 'vitest';
import { explainTurn } from '../../src/commands/explain.ts';
import { superdialog } from '../support/command.ts';
import { machineOf } from '../support/conversation.ts';

const KYC = new URL('../../flows/kyc.yaml', import.meta.url).pathname;

test('chat --explain tells what was understood from which words, who decided, and what was refused', async () => {
  const { status, stdout } = await superdialog(['chat', KYC, '--explain'], {
    input: ['My name is Robert Miller.', 'third of March 1986', '4712', '093851'],
  });
  expect(status).toBe(0);
  expect(stdout).toContain(
    '  understood  full_name = "Robert Miller" (by the caller, from "Robert Miller")\n',
  );
  expect(stdout).toContain('  decided     name → birth (collected: name_known)\n');
  expect(stdout).toContain('  understood  id_number has begun: "4712"\n');
  expect(stdout).toMatch(/id_number = "4712093851" \(by the caller, from .*, waits for a yes\)\n/);
  expect(stdout).toContain('  decided     to stay at number\n              no model was asked\n');
});

test('a turn tells the candidates with their scores, where the agent gives them', async () => {
  const result = await machineOf(
    'initial_node: a\nnodes: [{ id: a, static_text: Hi., is_final: true, outcome: done }]',
  ).turn({ kind: 'opened' });
  const candidates = [
    { edge: 'agreed', score: 0.83, by: 'example', verdict: 'too_close', rival: 'disagreed' },
    { edge: 'disagreed', score: 0.8, by: 'intent', verdict: 'not_asked' },
  ];
  const explained = {
    ...result,
    toolCalls: [
      { name: 'find', arguments: {}, result: { success: true } },
      { name: 'book', arguments: {}, result: { success: false, error: 'no answer within 10 ms' } },
    ],
    refused: [{ rule: 'guard', edge: 'late', reason: 'its guard is false: x' }],
    metadata: {
      ...result.metadata,
      explain: { candidates, slots: [{ slot: 'city', value: null }] },
      calls: [{ cause: 'decision' }, { cause: 'tool_answer' }],
    },
  };
  expect(explainTurn(explained)).toEqual([
    'understood  city is cleared',
    'considered  agreed 0.83 by example: too close to disagreed',
    '            disagreed 0.80 by intent: another was taken first',
    'called      find',
    '            book, which failed: no answer within 10 ms',
    'decided     to stay at a',
    '            the model was asked 2 times: decision, tool answer',
    '            the end: done',
    'refused     refused late: its guard is false: x (guard)',
  ]);
});

test('--explain and --json exclude each other', async () => {
  const result = await superdialog(['chat', KYC, '--explain', '--json']);
  expect(result).toMatchObject({ status: 2, stderr: expect.stringMatching(/cannot be used with/) });
});
