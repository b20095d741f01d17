import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { startFakeOpenAI } from '../support/fake-openai.ts';
import { importAlone } from '../support/imported-packages.ts';

const root = resolve(import.meta.dirname, '../..');
const entries = Object.keys(manifest.exports).map((entry) => join(manifest.name, entry));
let folder: string;

async function run(command: string, args: readonly string[], options: { cwd?: string } = {}) {
  return promisify(execFile)(command, args, { cwd: folder, ...options });
}

/** The compiler of this project, as strict as it is. */
async function compile(file: string, ...options: string[]): Promise<string> {
  const settings = '--strict --exactOptionalPropertyTypes --module nodenext --target es2024';
  const libraries = ['--lib', 'es2024,esnext.disposable', '--types', 'node'];
  const types = ['--typeRoots', join(root, 'node_modules/@types')];
  const args = [...settings.split(' '), ...libraries, ...types, ...options, file];
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  return run(process.execPath, [tsc, ...args]).then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  );
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'superdialog-package-'));
  const packed = await run('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: root,
  });
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  const tarball = packed.stdout.trim().split('\n').at(-1) ?? '';
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`]);
}, 300_000);

afterAll(() => rm(folder, { recursive: true }));

test('the types of every entry have no errors, also where no optional package is installed', async () => {
  const lines = entries.map((entry, index) => `export * as entry${index} from '${entry}';\n`);
  await writeFile(join(folder, 'entries.ts'), lines.join(''));
  expect(await compile('entries.ts', '--noEmit', '--skipLibCheck')).toBe('');
  // Other packages' declarations have errors of their own.
  const all = await compile('entries.ts', '--noEmit');
  const own = all.split('\n').filter((line) => line.includes(`${manifest.name}/dist`));
  expect(own).toEqual([]);
});

test.each(entries)('%s is imported by its name', async (entry) => {
  const { packages } = await importAlone(entry, folder);
  expect(packages).toContain(manifest.name);
  const heavy = packages.filter((name) => /^@livekit\/|^onnxruntime/.test(name));
  expect(heavy.includes('@livekit/agents')).toBe(/livekit|speech/.test(entry));
});

test("the README's session example compiles and runs", async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const examples = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);
  const example = examples.find((code) => code.includes('worker.acquire')) ?? '';
  expect(example).toContain(`from '${manifest.name}'`);
  await writeFile(join(folder, 'session.ts'), example);
  await mkdir(join(folder, 'flows'));
  await cp(join(folder, 'node_modules', manifest.name, 'flows'), join(folder, 'flows'), {
    recursive: true,
  });
  expect(await compile('session.ts', '--skipLibCheck')).toBe('');

  await using server = await startFakeOpenAI({
    text: '{"go":"stay","set":[],"say":"Could you say that again?"}',
  });
  const { stdout } = await promisify(execFile)(process.execPath, ['session.js'], {
    cwd: folder,
    env: { ...process.env, OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: server.url },
  });
  expect(stdout).not.toBe('');
});

test('the command runs from the installed package', async () => {
  const { stdout } = await run('node_modules/.bin/superdialog', ['--version']);
  expect(stdout.trim()).toBe(manifest.version);
});
