import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { flowJsonSchema } from '../../src/flow/json-schema.ts';
import { superdialog } from '../support/command.ts';

const folder = mkdtempSync(join(tmpdir(), 'flow-commands-'));
afterAll(() => rmSync(folder, { recursive: true }));

const flows = fileURLToPath(new URL('../../flows/', import.meta.url));
const kyc = join(flows, 'kyc.yaml');

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('flow lint', () => {
  test('leaves with 0 where there are only notes', async () => {
    const { status, stdout, stderr } = await superdialog(['flow', 'lint', kyc]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/kyc\.yaml:\d+ {2}info {5}unused-slot at node "birth", collect: /);
    expect(stdout).toMatch(/kyc\.yaml: 0 error, 0 warning, 2 info\n$/);
  });

  test('leaves with 1 for a warning, and gives JSON', async () => {
    const text =
      'initial_node: a\nnodes:\n  - { id: a, static_text: Hi., is_final: true }\n  - { id: b, static_text: Lost., is_final: true }\n';
    const path = file('lost.yaml', text);
    const { status, stdout } = await superdialog(['flow', 'lint', kyc, path, '--json']);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject([
      { file: kyc },
      { file: path, findings: [{ rule: 'unreachable', severity: 'warning', node: 'b', line: 4 }] },
    ]);
  });

  test('leaves with 2 for a file that is no flow', async () => {
    const path = file('list.yaml', '- no flow\n');
    const { status, stdout, stderr } = await superdialog(['flow', 'lint', path]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(path);
  });
});

describe('flow draw', () => {
  test('prints Mermaid, or writes SVG', async () => {
    const chart = await superdialog(['flow', 'draw', kyc]);
    expect(chart).toMatchObject({ status: 0, stdout: expect.stringMatching(/^flowchart TD\n/) });
    const out = join(folder, 'kyc.svg');
    const svg = await superdialog(['flow', 'draw', kyc, '--format', 'svg', '--out', out]);
    expect(svg).toMatchObject({ status: 0, stdout: '' });
    expect(readFileSync(out, 'utf8')).toContain('<svg ');
  });

  test.each([
    [['--format', 'png'], /there is no drawing format "png"; use mermaid or svg/],
    [['--out', join(folder, 'no', 'such', 'folder.txt')], /cannot be written/],
  ])('refuses %j', async (args, message) => {
    const result = await superdialog(['flow', 'draw', kyc, ...args]);
    expect(result).toMatchObject({ status: 2, stderr: expect.stringMatching(message) });
  });
});

describe('flow schema', () => {
  const schema = flowJsonSchema();

  test('the file beside the example flows is current (npm run schema)', async () => {
    expect(JSON.parse(readFileSync(join(flows, 'flow.schema.json'), 'utf8'))).toEqual(schema);
    const { stdout } = await superdialog(['flow', 'schema']);
    expect(JSON.parse(stdout)).toEqual(schema);
  });

  test('every field says what it is for', () => {
    const properties = (value: unknown, path: string): [string, unknown][] =>
      Object.entries(value ?? {}).flatMap(([key, inner]) => {
        if (typeof inner !== 'object') return [];
        const at = `${path}/${key}`;
        const own = path.endsWith('/properties') ? [[at, inner] satisfies [string, unknown]] : [];
        return [...own, ...properties(inner, at)];
      });
    const all = properties(schema, '');
    const mute = all.filter(([, field]) => !Object.hasOwn(Object(field), 'description'));
    // What JSON Schema and the list form of a map say of themselves needs no words.
    const known = /\/input_schema\/|\/items\/properties\/(?:key|value)$/;
    expect(all.length).toBeGreaterThan(100);
    expect(mute.map(([at]) => at).filter((at) => !known.test(at))).toEqual([]);
  });

  const validate = new Ajv2020({ strict: false }).compile(schema);

  test.each(['kyc', 'appointment', 'cards'])('%s fits it and names it for editors', (name) => {
    const text = readFileSync(join(flows, `${name}.yaml`), 'utf8');
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/flow\.schema\.json\n/);
    expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true);
  });

  test.each([
    ['a slot of an unknown type', { slots: { day: { type: 'dat' } } }],
    ['a mistyped key of a slot', { slots: { day: { confrim: true } } }],
    ['a mistyped key of a match', { global_edges: [{ id: 'e', match: { exmples: ['x'] } }] }],
    ['an intent that is no object', { intents: { yes: ['yes'] } }],
    ['no nodes', { nodes: [] }],
  ])('refuses %s', (_, fields) => {
    expect(validate({ initial_node: 'a', nodes: [{ id: 'a' }], ...fields })).toBe(false);
  });
});

describe('flow test', () => {
  test('every example flow has a conversation, and it goes as expected', async () => {
    const files = readdirSync(join(flows, 'tests')).map((name) => join(flows, 'tests', name));
    for (const name of ['kyc', 'appointment', 'cards']) {
      expect(existsSync(join(flows, 'tests', `${name}.yaml`))).toBe(true);
    }
    const { status, stdout, stderr } = await superdialog(['flow', 'test', ...files]);
    expect({ status, stderr }, stdout).toEqual({ status: 0, stderr: '' });
    expect(stdout.match(/^passed /gm)).toHaveLength(files.length);
  });

  test('tells every expectation that failed, with what came instead, and leaves with 1', async () => {
    const path = file(
      'wrong.yaml',
      `flow: ${kyc}
turns:
  - { opened: true, text: Southwind, node: greeting, moves: [], modelCalls: 1, ended: true, outcome: x }
  - { user: Robert Miller, slots: { full_name: null, id_number: "1" } }
  - { silence: 1, node: birth }
`,
    );
    const { status, stdout } = await superdialog(['flow', 'test', path]);
    expect(status).toBe(1);
    expect(stdout.split('\n')).toEqual([
      `failed  ${path}: 3 turns`,
      expect.stringMatching(
        /^ {2}turn 1 \(opened\): text: expected \/Southwind\/, got "Hello, this is/,
      ),
      '  turn 1 (opened): node: expected "greeting", got "name"',
      '  turn 1 (opened): moves: expected [], got ["start"]',
      '  turn 1 (opened): modelCalls: expected 1, got 0',
      '  turn 1 (opened): ended: expected true, got false',
      '  turn 1 (opened): outcome: expected "x", got nothing',
      '  turn 2 (user: Robert Miller): slot full_name: expected nothing, got "Robert Miller"',
      '  turn 2 (user: Robert Miller): slot id_number: expected "1", got nothing',
      '',
    ]);
  });

  test('talks to the model that it names, or that the command names', async () => {
    const flow = file('model.yaml', 'initial_node: a\nnodes: [{ id: a, instruction: Chat. }]');
    const hi = file('hi.yaml', '- reply: { say: Hi. }\n');
    const hey = file('hey.yaml', '- reply: { say: Hey. }\n');
    const turns = 'turns:\n  - { user: hello, text: ^Hi, modelCalls: 1 }\n';
    const path = file('talk.yaml', `flow: ${flow}\nllm: scripted/${hi}\n${turns}`);
    expect(await superdialog(['flow', 'test', path])).toMatchObject({ status: 0 });
    expect(await superdialog(['flow', 'test', path, '--llm', `scripted/${hey}`])).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('got "Hey."'),
    });
  });

  test('has the tools of agent.config.ts', async () => {
    const project = mkdtempSync(join(folder, 'project-'));
    const index = new URL('../../src/index.ts', import.meta.url).href;
    writeFileSync(
      join(project, 'agent.config.mjs'),
      `import { functionTool } from '${index}';
const schema = { type: 'object', properties: {} };
const run = () => ({ count: 3 });
export default { tools: [functionTool({ name: 'stock', description: 'Stock', schema, run })] };`,
    );
    writeFileSync(
      join(project, 'flow.yaml'),
      'initial_node: a\nnodes: [{ id: a, instruction: Chat. }]',
    );
    writeFileSync(
      join(project, 'model.yaml'),
      '- { after: stock, reply: { say: Three. } }\n- { calls: [{ tool: stock }] }\n',
    );
    writeFileSync(
      join(project, 'talk.yaml'),
      'flow: flow.yaml\nllm: scripted/model.yaml\nturns:\n  - { user: how many, text: Three, modelCalls: 2 }\n',
    );
    const { status, stdout } = await superdialog(['flow', 'test', 'talk.yaml'], { cwd: project });
    expect(status, stdout).toBe(0);
  });

  test.each([
    ['a mistyped key', '  - { user: hi, nod: a }', /:3:17: turns\.0\.nod: unknown key/],
    ['two inputs', '  - { user: hi, dtmf: "1" }', /turns\.0: expected exactly one of user, dtmf/],
    ['no input', '  - { node: a }', /turns\.0: expected exactly one of user, dtmf/],
    [
      'a broken pattern',
      '  - { user: hi, text: "(" }',
      /turns\.0\.text: is not a regular expression/,
    ],
  ])('refuses %s with its place', async (_, turn, message) => {
    const path = file('bad.yaml', `flow: ${kyc}\nturns:\n${turn}\n`);
    const { status, stderr, stdout } = await superdialog(['flow', 'test', path]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  test.each([
    ['a missing file', () => join(folder, 'nothing.yaml'), /cannot be read/],
    [
      'a missing flow',
      () => file('f.yaml', 'flow: nowhere.yaml\nturns: [{ opened: true }]'),
      /there is no flow file .*nowhere\.yaml/,
    ],
    [
      'a clock that is none',
      () => file('c.yaml', 'flow: x\nnow: today\nturns: [{ opened: true }]'),
      /now: expected a date and time/,
    ],
  ])('refuses %s', async (_, path, message) => {
    const result = await superdialog(['flow', 'test', path()]);
    expect(result).toMatchObject({ status: 2, stderr: expect.stringMatching(message) });
  });
});
