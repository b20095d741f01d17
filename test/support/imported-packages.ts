import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What an import of a module cost in a process of its own. */
export interface ImportReport {
  /** Names of the packages of which anything was loaded. */
  packages: string[];
  durationMs: number;
  /** Memory of the process after it, in bytes (RSS). */
  memoryBytes: number;
}

const SCRIPT = `
  import { registerHooks } from 'node:module';
  const [specifier] = process.argv.slice(1);
  const names = new Set();
  registerHooks({
    load(url, context, next) {
      const [, name] = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url) ?? [];
      if (name !== undefined) names.add(name);
      return next(url, context);
    },
  });
  const startedMs = performance.now();
  if (specifier !== '') await import(specifier);
  const durationMs = performance.now() - startedMs;
  globalThis.gc?.();
  const memoryBytes = process.memoryUsage.rss();
  process.stdout.write(JSON.stringify({ packages: [...names], durationMs, memoryBytes }));
  process.exit();`;

/** Imports a module by URL or name, in a process of its own that sees the packages of `folder`. */
export async function importAlone(specifier: string, folder?: string): Promise<ImportReport> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--expose-gc', '--input-type=module', '-e', SCRIPT, specifier],
    { ...(folder !== undefined && { cwd: folder }) },
  );
  return JSON.parse(stdout);
}
