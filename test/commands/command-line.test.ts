import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CommandResult, superdialog } from '../support/command.ts';
import { startFakeAnthropic } from '../support/fake-anthropic.ts';
import { startFakeOpenAI } from '../support/fake-openai.ts';

const flows = fileURLToPath(new URL('../../flows/', import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'command-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const STACK = /^\s+at .+:\d+:\d+/m;

/** One clear message and nothing else: no words to a caller, no stack trace. */
function expectRefused(result: CommandResult, message: RegExp | string): void {
  expect(result).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(message) });
  expect(result.stderr).not.toMatch(STACK);
  expect(result.stderr).not.toMatch(/not expected|--debug/);
}

const NEEDS_MODEL = `
initial_node: a
nodes: [{ id: a, static_text: What is it?, instruction: Ask what it is about. }]
`;

describe('chat', () => {
  test('holds a conversation over a pipe and leaves when the flow ends', async () => {
    const input = ['1', 'yes', 'debit', '4 7 1 2', 'yes', 'no thanks', 'this is not read any more'];
    const { status, stdout, stderr } = await superdialog(['chat', join(flows, 'cards.yaml')], {
      input: input.map((line) => (line === '1' ? 'block my card' : line)),
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^Northwind Bank, card line\./);
    expect(stdout).toContain('Your debit card is blocked.');
    expect(stdout).toMatch(/ended: served\s*$/);
    expect(stdout).not.toContain('\u001b');
  });

  test('leaves with 0 when the input ends before the flow does', async () => {
    const result = await superdialog(['chat', join(flows, 'cards.yaml')], {
      input: ['block my card'],
    });
    expect(result).toMatchObject({ status: 0, stderr: '' });
  });

  test('skips empty lines', async () => {
    const { stdout } = await superdialog(['chat', join(flows, 'cards.yaml'), '--json'], {
      input: ['', '   ', 'block my card', ''],
    });
    expect(stdout.trim().split('\n')).toHaveLength(2);
  });

  test('--json prints one object a turn, with the names of the report, and nothing else', async () => {
    const { status, stdout } = await superdialog(['chat', join(flows, 'cards.yaml'), '--json'], {
      input: ['my card was stolen', 'bananas', 'credit'],
    });
    expect(status).toBe(0);
    const turns = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(
      turns.map(({ index, user, from, to, modelCalls }) => ({ index, user, from, to, modelCalls })),
    ).toEqual([
      { index: 0, user: null, from: 'menu', to: 'menu', modelCalls: 0 },
      { index: 1, user: 'my card was stolen', from: 'menu', to: 'kind', modelCalls: 0 },
      { index: 2, user: 'bananas', from: 'kind', to: 'kind', modelCalls: 0 },
      { index: 3, user: 'credit', from: 'kind', to: 'digits', modelCalls: 0 },
    ]);
    for (const turn of turns) {
      expect(turn).toMatchObject({
        said: null,
        heardText: turn.text,
        interrupted: false,
        refused: [],
      });
      expect(turn.text).not.toBe('');
      expect(Object.keys(turn.latency)).toEqual([
        'endpointMs',
        'sttMs',
        'firstChunkMs',
        'ttsFirstAudioMs',
        'voiceToVoiceMs',
      ]);
      expect(turn.latency).toMatchObject({
        endpointMs: null,
        sttMs: null,
        firstChunkMs: expect.any(Number),
      });
    }
    expect(turns[1].moves).toEqual([{ edge: 'block', from: 'menu', to: 'kind', by: 'example' }]);
    expect(turns[3].slots).toMatchObject({ card_kind: 'credit' });
  });

  test('talks to a model that is named by its URI', async () => {
    await using server = await startFakeOpenAI({
      text: '{"go":"stay","set":[],"say":"Of course."}',
    });
    const flow = file('model.yaml', NEEDS_MODEL);
    const { status, stdout } = await superdialog(
      ['chat', flow, '--json', '--llm', `openai/fake@${server.url}`],
      {
        input: ['it is complicated'],
      },
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout.trim().split('\n')[1] ?? '')).toMatchObject({
      text: 'Of course.',
      modelCalls: 1,
    });
  });

  test('talks to a scripted model', async () => {
    const flow = file('model.yaml', NEEDS_MODEL);
    const script = file('script.yaml', '- when: complicated\n  reply: { say: I see. }\n');
    const { stdout } = await superdialog(['chat', flow, '--llm', `scripted/${script}`], {
      input: ['it is complicated'],
    });
    expect(stdout).toContain('I see.');
  });

  test('takes the flow of agent.config.ts where none is named', async () => {
    file(
      'flow.yaml',
      'initial_node: a\nnodes: [{ id: a, static_text: Hello from the config., is_final: true }]',
    );
    file('agent.config.mjs', 'export default { flow: "flow.yaml" };');
    try {
      const result = await superdialog(['chat'], { cwd: folder });
      expect(result).toMatchObject({
        status: 0,
        stdout: expect.stringMatching(/^Hello from the config\./),
      });
    } finally {
      rmSync(join(folder, 'agent.config.mjs'));
    }
  });
});

describe('bad input: one clear message, exit status 2, no stack trace', () => {
  test('a missing file', async () => {
    expectRefused(
      await superdialog(['chat', '/no/such/flow.yaml']),
      /^there is no flow file \/no\/such\/flow\.yaml\n$/,
    );
  });

  test('no flow at all', async () => {
    expectRefused(await superdialog(['chat'], { cwd: folder }), /^no flow: .*\n$/);
  });

  test('broken YAML', async () => {
    const path = file('broken.yaml', 'initial_node: a\nnodes: [a');
    expectRefused(await superdialog(['chat', path]), new RegExp(`^${path}:2: column \\d+: .*\\n$`));
  });

  test('an edge to nowhere', async () => {
    const path = file(
      'nowhere.yaml',
      'initial_node: a\nnodes:\n  - id: a\n    edges: [{ id: x, target_node_id: b }]\n',
    );
    expectRefused(
      await superdialog(['chat', path]),
      new RegExp(`^${path}.*node "a", edge "x", target_node_id: there is no node "b"\\n$`),
    );
  });

  test('an unknown model URI', async () => {
    const flow = file('model.yaml', NEEDS_MODEL);
    expectRefused(
      await superdialog(['chat', flow, '--llm', 'gpt-5']),
      /^unknown model URI "gpt-5"/,
    );
  });

  test('a missing key', async () => {
    const flow = file('model.yaml', NEEDS_MODEL);
    expectRefused(
      await superdialog(['chat', flow, '--llm', 'openai/gpt-5.1']),
      /set the environment variable OPENAI_API_KEY\n$/,
    );
  });

  test('a missing model', async () => {
    const flow = file(
      'mute.yaml',
      'initial_node: a\nnodes: [{ id: a, instruction: Ask what it is about. }]',
    );
    expectRefused(await superdialog(['chat', flow]), /needs a model.*"a"/);
  });

  test.each([
    ['openai/gpt-5.1', startFakeOpenAI, 'OPENAI'],
    ['anthropic/claude-haiku-4-5', startFakeAnthropic, 'ANTHROPIC'],
  ])('a key that is wrong: %s', async (llm, start, name) => {
    await using server = await start({
      status: 401,
      error: 'Incorrect API key provided: sk-wrong',
    });
    const flow = file(
      'mute.yaml',
      'initial_node: a\nnodes: [{ id: a, instruction: Ask what it is about. }]',
    );
    const result = await superdialog(['chat', flow, '--llm', llm], {
      input: ['hello'],
      env: { [`${name}_API_KEY`]: 'sk-wrong', [`${name}_BASE_URL`]: server.url },
    });
    expect(result.status).toBe(2);
    expect(result.stderr).toMatch(new RegExp(`Check the key in ${name}_API_KEY`));
    expect(result.stderr).not.toMatch(STACK);
    expect(result.stderr + result.stdout).not.toContain('sk-wrong');
  });

  test('a script of a model that is not there', async () => {
    const flow = file('model.yaml', NEEDS_MODEL);
    expectRefused(
      await superdialog(['chat', flow, '--llm', 'scripted/no/such.yaml']),
      /no\/such\.yaml/,
    );
  });

  test.each([
    [['chatt'], /unknown command 'chatt'/],
    [['chat', '--lllm', 'x'], /unknown option '--lllm'/],
    [['chat', 'a.yaml', 'b.yaml'], /too many arguments/],
    [['chat', '--llm'], /argument missing/],
  ])('%j', async (args, message) => {
    const result = await superdialog(args);
    expect(result).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(message) });
    expect(result.stderr).not.toMatch(STACK);
  });

  test.each([
    ['a field that is unknown', 'export default { flwo: "x" };', /flwo/],
    [
      'flow and agent at once',
      'export default { flow: "x", agent: () => {} };',
      /either flow or agent/,
    ],
    ['no default export', 'export const config = {};', /export default/],
    ['a syntax error', 'export default {', /cannot be loaded/],
  ])('a configuration with %s', async (_, text, message) => {
    const path = file('agent.config.mjs', text);
    try {
      const result = await superdialog(['chat'], { cwd: folder });
      expectRefused(result, message);
      expect(result.stderr).toContain(path);
    } finally {
      rmSync(path);
    }
  });

  test('with --debug there is a stack trace as well', async () => {
    const result = await superdialog(['chat', '/no/such/flow.yaml', '--debug']);
    expect(result).toMatchObject({ status: 2, stderr: expect.stringMatching(STACK) });
  });
});

test.each([
  [['--help'], /chat.*simulate|simulate[\s\S]*chat/],
  [['chat', '--help'], /--llm/],
  [['--version'], /^\d+\.\d+\.\d+/],
])('%j answers on standard output and leaves with 0', async (args, text) => {
  expect(await superdialog(args)).toMatchObject({
    status: 0,
    stderr: '',
    stdout: expect.stringMatching(text),
  });
});

test('without a command it says which there are, and that this was wrong use', async () => {
  const result = await superdialog([]);
  expect(result.status).toBe(2);
  expect(result.stderr).toMatch(/simulate[\s\S]*chat/);
});
