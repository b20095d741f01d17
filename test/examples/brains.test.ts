import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

async function output(example: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [`examples/${example}.ts`], {
    cwd: root,
  });
  return stdout.trimEnd().split('\n');
}

test('custom-brain holds a session with an agent of four members', async () => {
  expect(await output('custom-brain')).toEqual([
    'What shall I write down?',
    'Noted, milk. That makes 1.',
    'Noted, bread. That makes 2. By the way: the shop closes at six.',
    'Noted, eggs. That makes 3.',
  ]);
});

test('langchain streams the words of a chain', async () => {
  expect(await output('langchain')).toEqual([
    '> When do you open?',
    'We open at nine.',
    '> And on Sundays?',
    'On Sundays at ten.',
  ]);
});
