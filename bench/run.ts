import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { engine } from './engine.ts';
import { imports } from './imports.ts';
import type { Benchmark } from './result.ts';
import { sessions } from './sessions.ts';

/** npm run bench -- NAME [--json] [--out DIR] */
const benchmarks = new Map<string, Benchmark>([
  ['engine', engine],
  ['imports', imports],
  ['sessions', sessions],
]);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, out: { type: 'string' } },
});
const [name = ''] = positionals;
const benchmark = benchmarks.get(name);
if (benchmark === undefined) {
  console.error(
    `usage: npm run bench -- NAME [--json] [--out DIR]\nNAME is one of: ${[...benchmarks.keys()].join(', ')}`,
  );
  process.exit(2);
}

const result = await benchmark();
if (values.out !== undefined) {
  await mkdir(values.out, { recursive: true });
  await writeFile(join(values.out, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}
if (values.json) console.log(JSON.stringify(result, null, 2));
else {
  if (result.rows !== undefined) console.table(result.rows);
  console.table(Object.fromEntries(result.figures.map(({ name, ...figure }) => [name, figure])));
}
if (result.figures.some(({ met }) => met === false)) process.exitCode = 1;
