import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { noRedis } from '../support/redis-server.ts';

const root = resolve(import.meta.dirname, '../..');

async function run(example: string, env: Record<string, string | undefined> = {}) {
  const options = { cwd: root, env: { ...process.env, ...env } };
  return promisify(execFile)(process.execPath, [`examples/${example}.ts`], options);
}

const GREETING =
  'Riverside Clinic, good morning. I can book an appointment for you. What is the reason for your visit?';

test('multi-user serves each user a conversation of their own', async () => {
  const { stdout } = await run('multi-user');
  const [ada, bob] = stdout.split(/^bob:$/m).map((part) => part.split('\n'));
  expect(ada?.slice(0, 5)).toEqual([
    'ada:',
    '> I need a flu shot.',
    GREETING,
    'A vaccination, of course. Which day would suit you?',
    '> What are your opening hours?',
  ]);
  expect(bob?.slice(1, 3)).toEqual(['> Hello!', GREETING]);
  expect(bob).toContain('A check-up, of course. Which day would suit you?');
});

test.skipIf(noRedis)('many-processes goes on in one process where another one was', async () => {
  const { stdout } = await run('many-processes', { REDIS_URL: undefined });
  expect(stdout).toMatch(/^A vaccination, of course\. .*\nWe are open Monday to Friday/m);
  expect(stdout).toMatch(/^20 turns at once: 40 messages more$/m);
});

test('many-processes says loudly that it needs a redis', async () => {
  const PATH = resolve(process.execPath, '..');
  const { stdout, stderr } = await run('many-processes', { PATH, REDIS_URL: undefined });
  expect({ stdout, stderr }).toEqual({
    stdout: '',
    stderr: expect.stringMatching(/^SKIPPED: .*\n$/),
  });
});
