#!/usr/bin/env node
// Starts the command under Node 24 whatever Node called it: a clone runs src/cli.ts as it is,
// an installed package runs the compiled dist/cli.js (Node refuses to strip types in node_modules).
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'src', 'cli.ts');
const inClone = existsSync(source) && !root.split(/[\\/]/).includes('node_modules');
const entry = inClone ? source : join(root, 'dist', 'cli.js');
const REQUIRED_MAJOR = 24;

function bundledNode() {
  try {
    return join(
      dirname(createRequire(import.meta.url).resolve('node/package.json')),
      'bin',
      'node',
    );
  } catch {
    return undefined;
  }
}

if (Number(process.versions.node.split('.')[0]) >= REQUIRED_MAJOR) {
  const { main } = await import(pathToFileURL(entry).href);
  await main(process.argv.slice(2));
} else {
  const node = bundledNode();
  if (node === undefined || !existsSync(node)) {
    console.error(
      `superdialog needs Node ${REQUIRED_MAJOR}; this is ${process.version}. Install it, or add it to your project with: npm install --save-dev node@${REQUIRED_MAJOR}`,
    );
    process.exit(2);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
