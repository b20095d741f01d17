import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

test('docs/api.md is what the docstrings say, and no public name is without one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'superdialog-api-'));
  try {
    const tool = join(root, 'tools/api-docs');
    await run('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: tool });
    const file = join(folder, 'api.md');
    await run(process.execPath, [join(tool, 'generate.js'), file]);
    // Not compared by `expect`: it would print both, thousands of lines.
    const [written, kept] = await Promise.all([
      readFile(file, 'utf8'),
      readFile(join(root, 'docs/api.md'), 'utf8'),
    ]);
    expect(written === kept, 'run: npm run docs').toBe(true);
  } finally {
    await rm(folder, { recursive: true });
  }
});
