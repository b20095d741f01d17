import { AudioFrame } from '@livekit/rtc-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareLiveKitLog } from '../../src/call/livekit-log.ts';
import { parseScenario } from '../../src/simulator/scenario.ts';
import { simulate } from '../../src/simulator/simulate.ts';
import { plainWords, wordErrors } from '../../src/simulator/word-error-rate.ts';
import { type LocalSpeech, loadLocalSpeech } from '../../src/speech/local-speech.ts';
import { type Reply, ScriptedSession } from '../call/scripted-session.ts';
import { cut, soundsOf } from './recorded.ts';

let speech: LocalSpeech;
beforeAll(async () => {
  prepareLiveKitLog();
  speech = await loadLocalSpeech();
});
afterAll(() => speech.close());

function play(session: ScriptedSession, turns: string, telephony = false) {
  return simulate({
    scenario: parseScenario(`caller:\n  turns:\n${turns}`, 'test.yaml'),
    handle: session,
    flow: 'scripted',
    telephony,
    speech: { stt: speech.createStt(), tts: speech.createTts(), vad: speech.createVad() },
    speak: (text) => speech.synthesize(text, { voice: 'rms' }),
  });
}

async function transcribe(pcm: Int16Array): Promise<string> {
  const event = await speech.createStt().recognize(new AudioFrame(pcm, 16_000, 1, pcm.length));
  return event.alternatives?.[0].text ?? '';
}

const clinic = new Map<string, Reply>([
  ['opened', { words: ['Welcome to the clinic. ', 'How can I help you today?'] }],
  ['1', { words: ['Certainly. ', 'What is your number, please?'] }],
  ['2', { words: ['Thank you. You will get a letter. Good bye.'], ended: true, outcome: 'booked' }],
]);

describe.each([
  ['16 kHz', false],
  ['telephone quality', true],
])('a whole call in %s', (_, telephony) => {
  it('is heard on both sides, and a pause of half a second inside a number is no end', async () => {
    const session = new ScriptedSession(
      (input, turn) => clinic.get(input.kind === 'opened' ? 'opened' : String(turn)) ?? {},
    );
    const { report, recording, notes } = await play(
      session,
      `    - say: Hello, I would like to book an appointment please.
    - say: [My number is four seven one, { pause: 500 }, nine two six]
`,
      telephony,
    );
    expect(notes).toEqual([]);
    expect(report).toMatchObject({ ended: true, outcome: 'booked', endedBy: 'agent', errors: [] });
    expect(report.turns).toHaveLength(3);
    expect(report.wordErrorRate).toBeLessThanOrEqual(0.1);
    expect(report.turns.every((turn) => turn.heardText === turn.text)).toBe(true);
    const voiceToVoice = report.turns.flatMap((turn) => turn.latency.voiceToVoiceMs ?? []);
    expect(voiceToVoice).toHaveLength(2);

    const agent = soundsOf(recording.agent, 400);
    expect(agent).toHaveLength(3);
    const answer = agent[1];
    const question = soundsOf(recording.caller, 400)[0];
    if (answer === undefined || question === undefined) throw new Error('no sound');
    // The report and the recording agree. A telephone line swallows the hiss that ends "please".
    const recordedMs = answer.fromMs - question.toMs;
    expect(recordedMs - (voiceToVoice[0] ?? 0)).toBeLessThan(telephony ? 150 : 60);
    expect(recordedMs - (voiceToVoice[0] ?? 0)).toBeGreaterThan(-60);
    expect(recording.agent.length).toBe(recording.caller.length);
  });
});

describe('barge-in', () => {
  it('silences the agent within 300 ms of 200 ms of speech, and leaves only played words', async () => {
    const long =
      'Let me read all of that back to you slowly, so that you can check each of the numbers that I have written down here.';
    const session = new ScriptedSession((input) => ({
      words: [input.kind === 'opened' ? long : 'All right, then I will stop here.'],
    }));
    const { report, recording } = await play(
      session,
      `    - interrupt: { afterMs: 2000, say: 'No, please stop, that is wrong.' }
`,
    );
    const caller = soundsOf(recording.caller, 400)[0];
    const agent = soundsOf(recording.agent, 150);
    if (caller === undefined) throw new Error('the caller was not heard');
    const cutSound = agent.findLast((sound) => sound.fromMs < caller.fromMs);
    if (cutSound === undefined) throw new Error('the agent was not heard');
    expect(cutSound.toMs - (caller.fromMs + 200)).toBeLessThanOrEqual(300);
    expect(agent.some(({ fromMs }) => fromMs > cutSound.toMs && fromMs < caller.toMs)).toBe(false);

    const [opening] = report.turns;
    expect(opening?.interrupted).toBe(true);
    expect(session.chatCtx.items[0]).toMatchObject({
      content: opening?.heardText,
      interrupted: true,
    });
    const heard = plainWords(opening?.heardText ?? '');
    expect(heard).toEqual(plainWords(long).slice(0, heard.length));
    const first = agent[0];
    if (first === undefined) throw new Error('the agent was not heard');
    const played = plainWords(
      await transcribe(cut(recording.agent, { fromMs: first.fromMs, toMs: cutSound.toMs })),
    );
    // What the history holds was played: the recogniser finds as many words, and at most one wrong.
    expect(heard.length).toBeGreaterThan(2);
    expect(heard.length).toBeLessThanOrEqual(played.length);
    const heardAgain = played.slice(0, heard.length).join(' ');
    expect(wordErrors(heard.join(' '), heardAgain).wrong).toBeLessThanOrEqual(1);
  });
});
