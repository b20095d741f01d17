import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import manifest from '../package.json' with { type: 'json' };
import { type ImportReport, importAlone } from '../test/support/imported-packages.ts';
import { type BenchmarkResult, type Figure, median, rounded } from './result.ts';

const RUNS = 7;
const MAIN = '.';

/** What the import of each entry of the compiled package costs, against a process that imports nothing. */
export async function imports(): Promise<BenchmarkResult> {
  await promisify(execFile)('npm', ['run', 'build', '--silent']);
  const bare = await measured('');
  const figures: Figure[] = [];
  for (const entry of Object.keys(manifest.exports)) {
    const reports = await measured(join(manifest.name, entry));
    figures.push(
      {
        name: `${entry} time`,
        value: rounded(medianOf(reports, 'durationMs'), 0),
        unit: 'ms',
      },
      {
        name: `${entry} memory`,
        value: rounded(
          (medianOf(reports, 'memoryBytes') - medianOf(bare, 'memoryBytes')) / 2 ** 20,
          0,
        ),
        unit: 'MiB',
      },
    );
    if (entry === MAIN) figures.push(liveKitPackages(reports));
  }
  return {
    benchmark: 'imports',
    about:
      'import of each compiled entry in a process of its own; memory is what is left after a collection, above a process without imports',
    runs: RUNS,
    figures,
  };
}

async function measured(specifier: string): Promise<ImportReport[]> {
  const reports: ImportReport[] = [];
  for (let run = 0; run < RUNS; run += 1) reports.push(await importAlone(specifier));
  return reports;
}

function medianOf(reports: readonly ImportReport[], name: 'durationMs' | 'memoryBytes'): number {
  return median(reports.map((report) => report[name]));
}

function liveKitPackages(reports: readonly ImportReport[]): Figure {
  const names = reports.flatMap(({ packages }) => packages);
  const count = names.filter((name) =>
    /^@livekit\/|^onnxruntime|^@usefulsensors/.test(name),
  ).length;
  return {
    name: `${MAIN} packages of LiveKit and speech`,
    value: count,
    unit: 'packages',
    goal: '= 0',
    met: count === 0,
  };
}
