// Writes the docstrings of all that package.json exports into one page: node generate.js FILE
// Fails if a public name has no docstring.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Application, TSConfigReader, TypeDocReader } from 'typedoc';

const root = resolve(import.meta.dirname, '../..');
const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error('usage: node generate.js FILE');
  process.exit(2);
}
const { name, exports: entries } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const names = Object.keys(entries).map((entry) => join(name, entry));
const sources = Object.values(entries).map(({ default: compiled }) =>
  join(root, compiled.replace('dist/', 'src/').replace(/\.js$/, '.ts')),
);

const app = await Application.bootstrapWithPlugins(
  { options: join(import.meta.dirname, 'typedoc.json'), entryPoints: sources },
  [new TypeDocReader(), new TSConfigReader()],
);
const project = await app.convert();
if (project === undefined) process.exit(1);
app.validate(project);
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1);

const folder = await mkdtemp(join(tmpdir(), 'api-docs-'));
try {
  app.options.setValue('outputs', [{ name: 'markdown', path: folder }]);
  await app.generateOutputs(project);
  const pages = await Promise.all(
    names.map((entry) => readFile(join(folder, `${entry}.md`), 'utf8')),
  );
  await writeFile(file, onePage(pages));
} finally {
  await rm(folder, { recursive: true });
}

/** Links between pages become links within the one. Parameters that are taken apart have no name. */
function onePage(pages) {
  const introduction =
    '# The programming interface\n\n' +
    'Written by `npm run docs` from the docstrings in `src/`; changes belong there.\n';
  return [introduction, ...pages]
    .join('\n')
    .replaceAll(/\]\([\w./-]+\.md(#[\w-]+)\)/g, ']($1)')
    .replaceAll('__namedParameters', 'options');
}
