import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { createModel } from '../../src/llm/create-model.ts';
import type { ModelDelta, ModelRequest } from '../../src/llm/model.ts';

const folder = mkdtempSync(join(tmpdir(), 'scripted-'));
afterAll(() => rmSync(folder, { recursive: true }));

function script(yaml: string): string {
  const file = join(folder, 'script.yaml');
  writeFileSync(file, yaml);
  return file;
}

const CARDS = `
- when: block|stolen
  node: main
  reply: { go: block, set: { digits: "1234" }, say: Your card is blocked. }
- when: ^hello$
  reply: Plain words, and no object.
- node: broken
  error: model_unavailable
- reply: { say: What was that? }
`;

const schema = { name: 'decision', schema: {} };

function asked(words: string, node = 'main'): ModelRequest {
  return { system: '', messages: [], schema, about: { node, words } };
}

async function read(yaml: string, request: ModelRequest, signal?: AbortSignal) {
  const deltas: ModelDelta[] = [];
  const stream = createModel(`scripted/${script(yaml)}`).stream(request, signal && { signal });
  for await (const delta of stream) deltas.push(delta);
  return deltas;
}

async function reply(yaml: string, request: ModelRequest): Promise<string> {
  const deltas = await read(yaml, request);
  expect(deltas.at(-1)).toEqual({ type: 'done', stop: 'end' });
  return deltas.map((delta) => (delta.type === 'text' ? delta.text : '')).join('');
}

test('the first entry that fits the words and the node answers, every time', async () => {
  const blocked =
    '{"go":"block","set":[{"slot":"digits","value":"1234"}],"say":"Your card is blocked."}';
  const unclear = '{"go":"stay","set":[],"say":"What was that?"}';
  expect(await reply(CARDS, asked('My card was STOLEN'))).toBe(blocked);
  expect(await reply(CARDS, asked('it was stolen'))).toBe(blocked);
  expect(await reply(CARDS, asked('it was stolen', 'other'))).toBe(unclear);
  expect(await reply(CARDS, asked('pardon'))).toBe(unclear);
});

test('a text is written as it stands', async () => {
  expect(await reply(CARDS, asked('hello'))).toBe('Plain words, and no object.');
});

test('asked for words alone it gives words alone', async () => {
  const { schema: _, ...wordsOnly } = asked('block it');
  expect(await reply(CARDS, wordsOnly)).toBe('Your card is blocked.');
});

test('without word of the conversation it takes the last thing a user said', async () => {
  const messages: ModelRequest['messages'] = [
    { role: 'user', content: 'block it' },
    { role: 'assistant', content: 'Which one?' },
    { role: 'user', content: 'hello' },
    { role: 'assistant', content: 'block' },
  ];
  expect(await reply(CARDS, { system: '', messages })).toBe('Plain words, and no object.');
});

test('words come one by one', async () => {
  const deltas = await read('[{ reply: "One two  three" }]', asked(''));
  expect(deltas).toEqual([
    { type: 'text', text: 'One' },
    { type: 'text', text: ' two' },
    { type: 'text', text: '  three' },
    { type: 'done', stop: 'end' },
  ]);
});

const BALANCE = `
- when: balance
  reply: One moment.
  calls:
    - { tool: get_balance, arguments: { account: savings } }
    - { tool: get_rate }
- after: get_balance
  reply: You have twelve euros.
- reply: What was that?
`;

test('an entry can call tools, and another speaks when they have answered', async () => {
  const deltas = await read(BALANCE, asked('my balance'));
  expect(deltas.slice(-3)).toEqual([
    { type: 'tool_call', id: 'call_1', name: 'get_balance', arguments: { account: 'savings' } },
    { type: 'tool_call', id: 'call_2', name: 'get_rate', arguments: {} },
    { type: 'done', stop: 'end' },
  ]);
  const answered: ModelRequest = {
    ...asked('my balance'),
    messages: [
      { role: 'user', content: 'my balance' },
      {
        role: 'assistant',
        content: 'One moment.',
        toolCalls: deltas.flatMap((delta) => (delta.type === 'tool_call' ? [delta] : [])),
      },
      { role: 'tool', callId: 'call_1', content: '12' },
      { role: 'tool', callId: 'call_2', content: '3' },
    ],
  };
  expect(await reply(BALANCE, answered)).toBe('You have twelve euros.');
  const next: ModelRequest = {
    ...asked('thanks'),
    messages: [
      ...answered.messages,
      { role: 'assistant', content: 'You have twelve euros.' },
      { role: 'user', content: 'thanks' },
    ],
  };
  expect(await reply(BALANCE, next)).toBe('What was that?');
});

test('an entry can fail like a model', async () => {
  await expect(read(CARDS, asked('what', 'broken'))).rejects.toMatchObject({
    code: 'model_unavailable',
  });
});

test('no entry that fits is an error that does not repeat the caller', async () => {
  const reading = read('[{ when: "yes", reply: "Good." }]', asked('my pin is 4929', 'pin'));
  await expect(reading).rejects.toMatchObject({
    code: 'model_bad_request',
    message: expect.stringMatching(/^(?!.*4929).*no entry fits.*"pin"/),
  });
});

test('aborting ends a delay', async () => {
  const reason = new Error('the caller spoke');
  const abort = new AbortController();
  const reading = read('[{ reply: "Late.", delayMs: 3600000 }]', asked(''), abort.signal);
  abort.abort(reason);
  await expect(reading).rejects.toBe(reason);
});

test.each([
  ['- reply: Hi\n  wen: x', '2:3: 0.wen is not known'],
  ['- when: x\n  reply:\n    go: a\n    sya: Hi', '4:5: 0.reply.sya is not known'],
  ['- reply:\n    say: [1]', '2:5: 0.reply.say'],
  ['- reply: 7', '1:3: 0.reply must be a text, or an object with go, set'],
  ['- when: x', '1:3: 0 must have a reply, calls or an error'],
  ['- { reply: x, error: model_timeout }', '1:3: 0 must have a reply, calls or an error'],
  ['- reply: a\n- when: "("\n  reply: b', '2:3: 1.when must be a regular expression'],
  ['- calls: []', '1:3: 0.calls must hold at least one call'],
  ['- calls: [{ tol: x }]', '1:'],
  ['- error: broken', '1:3: 0.error must be one of model_auth'],
  ['- reply: a\n  delayMs: -1', '2:3: 0.delayMs'],
  ['reply: a', '1:1: the script'],
  ['[]', '1:1: the script must hold at least one entry'],
  ['', '1:1: the script'],
  ['- reply: "open', '1:'],
  ['- reply: a\n  reply: b', '2:3: Map keys must be unique'],
])('a bad script is refused at its place: %j', (yaml, message) => {
  const file = script(yaml);
  expect(() => createModel(`scripted/${file}`)).toThrow(UsageError);
  expect(() => createModel(`scripted/${file}`)).toThrow(`${file}:${message}`);
});

test('a script that is not there is refused by its name', () => {
  expect(() => createModel('scripted/no/such.yaml')).toThrow(
    /cannot read the script no\/such\.yaml \(ENOENT\)/,
  );
});
