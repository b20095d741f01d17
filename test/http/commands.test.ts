import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { superdialog } from '../support/command.ts';
import { startFakeOpenAI } from '../support/fake-openai.ts';
import { refusalOf, replyOf } from './service.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const flow = join(root, 'flows/appointment.yaml');
const folder = mkdtempSync(join(tmpdir(), 'serve-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts `superdialog serve` as a user does, in a process of its own. */
async function serve(args: readonly string[], env: Record<string, string> = {}) {
  const command = [join(root, 'bin/superdialog.js'), 'serve', ...args, '--port', '0'];
  const child = spawn(process.execPath, command, {
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit').then(([status]) => status);
  const lines: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      const at = /^listening at (\S+)/.exec(line)?.[1];
      if (at !== undefined) resolve(at);
    });
    ended.then((status) => reject(new Error(`left with ${status}: ${lines.join('\n')}`)));
  });
  return {
    lines,
    post: (path: string, body: object, headers: Record<string, string> = {}) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    /** Returns the exit status. */
    stop: async (signal: NodeJS.Signals = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
}

test('serve answers, keeps what it answered, and leaves with 0 when it is told to stop', async () => {
  const store = `sqlite:${join(folder, 'served.db')}`;
  const first = await serve([flow, '--store', store]);
  const turn = { session_id: 'u1', text: 'I need a flu shot.' };
  expect(await replyOf(first.post('/turn', turn))).toMatchObject({ opened: true, node: 'day' });
  expect(await first.stop()).toBe(0);

  const second = await serve([flow, '--store', store]);
  expect(await replyOf(second.post('/turn', { session_id: 'u1' }))).toMatchObject({
    opened: false,
    node: 'day',
  });
  expect(await second.stop('SIGINT')).toBe(0);
  expect(second.lines.slice(1)).toEqual(['stopping']);
});

test('serve asks for the token of the variable that --token-env names, and limits its use', async () => {
  const { post, stop } = await serve([flow, '--token-env', 'OUR_TOKEN', '--rate-limit', '1'], {
    OUR_TOKEN: 'sesame',
  });
  const turn = { session_id: 'u1' };
  const authorization = 'Bearer sesame';
  expect(await refusalOf(post('/turn', turn))).toMatchObject({ status: 401 });
  expect((await post('/turn', turn, { authorization })).status).toBe(200);
  expect(await refusalOf(post('/turn', turn, { authorization }))).toMatchObject({ status: 429 });
  await stop();
});

test('serve logs that a model fails, and nothing of the conversation', async () => {
  await using model = await startFakeOpenAI({ status: 401, error: 'you said: my secret' });
  const { lines, post, stop } = await serve([flow, '--llm', `openai/fake@${model.url}`]);
  const turn = { session_id: '+15550100', text: 'my secret is safe with you, or is it not?' };
  expect(await replyOf(post('/turn', turn))).toMatchObject({ error: { code: 'model_auth' } });
  await stop();
  expect(lines).toEqual([
    expect.stringMatching(/^listening at/),
    expect.stringMatching(/^\/turn: model_auth: /),
    'stopping',
  ]);
  expect(lines.join()).not.toMatch(/secret|5550100/);
});

test.each([
  [['serve', flow, '--token-env', 'NO_SUCH_TOKEN'], /set the environment variable NO_SUCH_TOKEN/],
  [['serve', flow, '--port', '70000'], /whole number from 0 to 65535/],
  [['serve', flow, '--store', 'mysql:x'], /expected a store as memory/],
  [['serve', '/no/such/flow.yaml'], /there is no flow file/],
  [['chat', flow, '--session', 'a'], /--session needs a store/],
])('bad input is told before anything begins: %j', async (args, message) => {
  const { status, stdout, stderr } = await superdialog(args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(message);
});

test('a chat with a session is gone on with tomorrow: the question again, and not the greeting', async () => {
  const args = ['chat', flow, '--session', 'ada', '--store', `file:${join(folder, 'chats')}`];
  const today = await superdialog(args, { input: ['I need a flu shot.'] });
  expect(today.stdout).toMatch(/^Riverside Clinic, good morning/);
  const tomorrow = await superdialog(args, { input: ['on the third of December'] });
  expect(tomorrow).toMatchObject({ status: 0, stderr: '' });
  expect(tomorrow.stdout).not.toContain('good morning');
  expect(tomorrow.stdout.split('\n')[0]).toMatch(/day/);
  expect(tomorrow.stdout).toContain('December 3rd');
});

test('the store of agent.config.ts may be described as on the command line', async () => {
  const cwd = mkdtempSync(join(folder, 'configured-'));
  writeFileSync(join(cwd, 'agent.config.mjs'), 'export default { store: "sqlite:chats.db" };');
  const args = ['chat', flow, '--session', 'ada'];
  await superdialog(args, { cwd, input: ['I need a flu shot.'] });
  const { stdout } = await superdialog(args, { cwd });
  expect(stdout).not.toContain('good morning');
  expect(existsSync(join(cwd, 'chats.db'))).toBe(true);
});
