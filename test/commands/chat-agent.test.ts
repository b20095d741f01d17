import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { superdialog } from '../support/command.ts';
import { startFakeOpenAI } from '../support/fake-openai.ts';

const library = new URL('../../src/index.ts', import.meta.url).href;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'superdialog-agent-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** The configuration whose agent is `code`. */
function configure(code: string): void {
  const text = `import { LLMAgent } from '${library}';
    export default { greeting: 'Shoe shop, hello.', agent: () => ${code} };`;
  writeFileSync(join(folder, 'agent.config.ts'), text);
}

describe('chat with an agent of agent.config.ts', () => {
  test('greets, and speaks with its model', async () => {
    await using server = await startFakeOpenAI({ text: 'We have red ones.' });
    configure(`new LLMAgent({ llm: 'openai/m@${server.url}', systemPrompt: 'You sell shoes.' })`);
    const { stdout, status } = await superdialog(['chat'], { input: ['Which?'], cwd: folder });
    expect(stdout).toBe('Shoe shop, hello.\nWe have red ones.\n');
    expect(status).toBe(0);
    expect(JSON.stringify(server.requests[0]?.body)).toContain('Shoe shop, hello.');
  });

  test('tells each turn as JSON and why it came out so', async () => {
    await using server = await startFakeOpenAI({ text: 'We have red ones.' });
    configure(`new LLMAgent({ llm: 'openai/m@${server.url}', systemPrompt: 'You sell shoes.' })`);
    const options = { input: ['Which?'], cwd: folder };
    const json = await superdialog(['chat', '--json'], options);
    const turns = json.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(turns).toMatchObject([
      { input: 'opened', text: 'Shoe shop, hello.' },
      { input: 'text', text: 'We have red ones.', modelCalls: 1 },
    ]);
    const explained = await superdialog(['chat', '--explain'], options);
    expect(explained.status).toBe(0);
  });

  test('whose key is wrong is wrong use', async () => {
    await using server = await startFakeOpenAI({ status: 401 });
    configure(`new LLMAgent({ llm: 'openai/m@${server.url}', systemPrompt: 'You sell shoes.' })`);
    const { status, stderr } = await superdialog(['chat'], { input: ['Hi.'], cwd: folder });
    expect(status).toBe(2);
    expect(stderr).toMatch(/HTTP 401/);
  });

  test('cannot be given another model by a flag', async () => {
    configure('{}');
    const { status, stderr } = await superdialog(['chat', '--llm', 'openai/m'], { cwd: folder });
    expect(status).toBe(2);
    expect(stderr).toMatch(/--llm cannot change the agent/);
  });
});
