/**
 * `superdialog-voice/speech`: the embedded recogniser and voices. Loads `@livekit/agents`; the models
 * themselves are loaded by `loadLocalSpeech`.
 *
 * @module superdialog-voice/speech
 */
export type { FliteVoice, SynthesizeOptions } from './flite-synthesizer.ts';
export type { FliteTTS } from './flite-tts.ts';
export { type LocalSpeech, type LocalSpeechOptions, loadLocalSpeech } from './local-speech.ts';
export type { MoonshineSize } from './moonshine-size.ts';
export type { Utterance } from './moonshine-stream.ts';
export type { MoonshineSTT } from './moonshine-stt.ts';
export { type SpeechPackage, SpeechPackagesMissingError } from './packages.ts';
export { createVad } from './vad.ts';
export { type Audio, readWav, writeWav } from './wav.ts';
