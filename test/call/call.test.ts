import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ScriptedSession } from './scripted-session.ts';
import { ToneCall } from './tone-call.ts';

const LONG = 'one two three four five six seven eight nine ten eleven twelve';

describe('a turn in a call', () => {
  it('speaks the opening first and tells the history that all of it was heard', async () => {
    const session = new ScriptedSession(() => ({ words: ['Good ', 'morning.'] }));
    const call = new ToneCall(session);
    await call.seen('turn');
    const report = await call.hangUp();
    expect(session.log).toEqual(['draft opened', 'commit', 'heard: Good morning.']);
    expect(report.turns[0]).toMatchObject({
      input: 'opened',
      user: null,
      heardText: 'Good morning.',
    });
    expect(report.endedBy).toBe('caller');
  });

  it('does not happen before its first audio goes out', async () => {
    const session = new ScriptedSession(() => ({ words: ['Hello.'] }));
    const call = new ToneCall(session);
    const opened = Promise.withResolvers<void>();
    call.tts.gate = opened.promise;
    await call.until(() => session.log.includes('draft opened'));
    await delay(200);
    expect(session.log).toEqual(['draft opened']);
    opened.resolve();
    await call.seen('turn');
    expect(session.log[1]).toBe('commit');
    await call.hangUp();
  });

  it('is answered when the caller is done', async () => {
    const session = new ScriptedSession((input) => ({
      words: [input.kind === 'text' ? `You said ${input.text}.` : 'Hello.'],
    }));
    const call = new ToneCall(session);
    await call.seen('turn');
    await call.say('a big dog');
    await call.seen('turn', 2);
    const report = await call.hangUp();
    expect(report.turns[1]).toMatchObject({ user: 'a big dog', heardText: 'You said a big dog.' });
    expect(report.turns[1]?.latency.voiceToVoiceMs).toBeGreaterThan(0);
  });

  it('may have no words: it commits at its end, and the caller is listened to', async () => {
    const session = new ScriptedSession((input) =>
      input.kind === 'opened' ? {} : { words: ['Yes.'] },
    );
    const call = new ToneCall(session);
    await call.seen('turn');
    expect(session.log).toEqual(['draft opened', 'commit']);
    await call.say('hello there');
    await call.seen('turn', 2);
    const report = await call.hangUp();
    expect(report.turns.map((turn) => turn.heardText)).toEqual(['', 'Yes.']);
    expect(report.errors).toEqual([]);
  });
});

describe('a caller who cuts in', () => {
  it('leaves only played words in the history, before the next draft reads it', async () => {
    const session = new ScriptedSession((input) => ({
      words: [input.kind === 'opened' ? LONG : 'Sorry.'],
    }));
    const call = new ToneCall(session);
    await call.seen('speaking');
    await delay(400);
    await call.say('stop it now please');
    await call.seen('turn', 2);
    const report = await call.hangUp();
    const [opening] = report.turns;
    expect(opening?.interrupted).toBe(true);
    expect(LONG.startsWith(opening?.heardText ?? '?')).toBe(true);
    expect(opening?.heardText).not.toBe('');
    expect(session.log).toEqual([
      'draft opened',
      'commit',
      `heard: ${opening?.heardText}`,
      'draft text: stop it now please',
      'commit',
      'heard: Sorry.',
    ]);
    expect(session.chatCtx.items[0]).toMatchObject({
      content: opening?.heardText,
      interrupted: true,
    });
  });

  it('is answered at once even if the agent stalls in the middle of its words', async () => {
    const session = new ScriptedSession((input) =>
      input.kind === 'opened' ? { words: [LONG], stalls: true } : { words: ['Sorry.'] },
    );
    const call = new ToneCall(session);
    await call.seen('speaking');
    await call.say('stop it now please');
    await call.seen('turn', 2);
    const report = await call.hangUp();
    expect(report.turns.map((turn) => turn.interrupted)).toEqual([true, false]);
    expect(session.chatCtx.items[0]?.content).toBe(report.turns[0]?.heardText);
  });

  it('before the first audio makes the turn never happen, and no word of the caller is lost', async () => {
    const session = new ScriptedSession(() => ({ words: ['Hello.'] }));
    const call = new ToneCall(session);
    await call.seen('turn');
    const opened = Promise.withResolvers<void>();
    call.tts.gate = opened.promise;
    await call.say('my number');
    await call.until(() => session.log.includes('draft text: my number'));
    const goesOn = call.say('five five three two');
    await delay(150);
    opened.resolve();
    await goesOn;
    await call.seen('turn', 2);
    const report = await call.hangUp();
    expect(session.log).toContain('discard after "Hello."');
    expect(report.turns.map((turn) => turn.user)).toEqual([null, 'my number five five three two']);
  });

  it('before the opening is answered with the opening', async () => {
    const session = new ScriptedSession(() => ({ words: ['Hello.'] }));
    const call = new ToneCall(session);
    const opened = Promise.withResolvers<void>();
    call.tts.gate = opened.promise;
    await call.until(() => session.log.includes('draft opened'));
    const greets = call.say('hello is there anybody');
    await delay(150);
    opened.resolve();
    await greets;
    await call.seen('turn');
    await call.hangUp();
    expect(session.log).toEqual([
      'draft opened',
      'discard after "Hello."',
      'draft opened',
      'commit',
      'heard: Hello.',
    ]);
  });

  it('without words does not: the agent goes on where it paused', async () => {
    const session = new ScriptedSession(() => ({ words: [LONG] }));
    const call = new ToneCall(session);
    await call.seen('speaking');
    await delay(300);
    call.stt.hears.push('');
    await call.room.say(new Int16Array(16 * 300).fill(4000));
    await call.seen('turn');
    const report = await call.hangUp();
    expect(report.turns).toHaveLength(1);
    expect(report.turns[0]).toMatchObject({ interrupted: false, heardText: LONG });
  });
});

describe('the end', () => {
  const goodbye = { words: ['Good bye to you all.'], ended: true, outcome: 'sold' };

  it('comes when the last words were played, and hangs up', async () => {
    const session = new ScriptedSession(() => ({ ...goodbye, effects: [{ kind: 'hang_up' }] }));
    const call = new ToneCall(session);
    const report = await call.end();
    expect(report).toMatchObject({ ended: true, outcome: 'sold', endedBy: 'agent' });
    expect(report.turns[0]?.heardText).toBe('Good bye to you all.');
    expect(call.room.connected).toBe(false);
  });

  it('does not come when the caller cuts the last words off', async () => {
    const session = new ScriptedSession((input) =>
      input.kind === 'opened' ? { ...goodbye, words: [LONG] } : { words: ['Yes?'] },
    );
    const call = new ToneCall(session);
    await call.seen('speaking');
    await call.say('wait wait wait please');
    await call.seen('turn', 2);
    expect(call.room.connected).toBe(true);
    const report = await call.hangUp();
    expect(report).toMatchObject({ ended: false, outcome: null, endedBy: 'caller' });
  });

  it('can be a transfer', async () => {
    const session = new ScriptedSession(() => ({
      words: ['One moment.'],
      effects: [{ kind: 'transfer', to: 'sip:desk@example.com', mode: 'cold' }],
    }));
    const report = await new ToneCall(session).end();
    expect(report.endedBy).toBe('transfer');
  });

  it('does not come when a transfer fails', async () => {
    const session = new ScriptedSession((input) => ({
      words: ['One moment.'],
      effects: input.kind === 'opened' ? [{ kind: 'transfer', to: 'desk', mode: 'cold' }] : [],
    }));
    const call = new ToneCall(session);
    call.room.transfer = async () => {
      throw new Error('busy');
    };
    await call.seen('error');
    await call.say('hello hello');
    await call.seen('turn', 2);
    const report = await call.hangUp();
    expect(report.errors).toMatchObject([{ stage: 'call' }]);
  });

  it('comes at once when the caller hangs up, and keeps what was heard', async () => {
    const session = new ScriptedSession(() => ({ words: [LONG] }));
    const call = new ToneCall(session);
    await call.seen('speaking');
    await delay(500);
    const report = await call.hangUp();
    expect(report.turns[0]?.interrupted).toBe(true);
    expect(session.log.at(-1)).toBe(`heard: ${report.turns[0]?.heardText}`);
  });

  it('comes at the longest duration', async () => {
    const session = new ScriptedSession(() => ({ words: ['Hello.'] }));
    const report = await new ToneCall(session, { maxDurationMs: 600 }).end();
    expect(report.endedBy).toBe('max_duration');
  });
});

describe('what else happens in a room', () => {
  it('joins tones to one input, which cuts the agent', async () => {
    const session = new ScriptedSession((input) => ({
      words: [input.kind === 'opened' ? LONG : 'Thanks.'],
    }));
    const call = new ToneCall(session);
    await call.seen('speaking');
    call.room.press('4');
    call.room.press('2');
    await call.seen('turn', 2);
    const report = await call.hangUp();
    expect(report.turns[0]?.interrupted).toBe(true);
    expect(report.turns[1]).toMatchObject({ input: 'dtmf', user: '42' });
    expect(report.turns[1]?.latency.voiceToVoiceMs).toBeNull();
  });

  it('cuts the words that the caller had begun when digits come', async () => {
    const session = new ScriptedSession(() => ({ words: ['Hello.'] }));
    const call = new ToneCall(session);
    await call.seen('turn');
    await call.say('my number is');
    call.room.press('7');
    await call.seen('turn', 2);
    await delay(400);
    await call.hangUp();
    expect(session.log.filter((line) => line.startsWith('draft'))).toEqual([
      'draft opened',
      'draft dtmf: 7',
    ]);
  });

  it('counts the silences of the caller', async () => {
    const session = new ScriptedSession((input) => ({
      words: ['Hello.'],
      ended: input.kind === 'silence' && input.count === 2,
    }));
    const report = await new ToneCall(session, { noInputMs: 200 }).end();
    expect(session.log.filter((line) => line.startsWith('draft'))).toEqual([
      'draft opened',
      'draft silence: 1',
      'draft silence: 2',
    ]);
    expect(report.endedBy).toBe('agent');
  });

  it('says the recovery line when the agent fails, and goes on', async () => {
    const session = new ScriptedSession((input) =>
      input.kind === 'opened'
        ? { failure: new Error('the caller said 4711') }
        : { words: ['All is well.'] },
    );
    const call = new ToneCall(session);
    await call.seen('turn');
    await call.say('hello hello');
    await call.seen('turn', 2);
    const report = await call.hangUp();
    expect(report.turns.map((turn) => turn.heardText)).toEqual(['Sorry.', 'All is well.']);
    expect(report.errors).toMatchObject([{ stage: 'agent' }]);
    expect(JSON.stringify(report.errors)).not.toContain('4711');
  });

  it('whispers what a supervisor sends, and nobody else', async () => {
    const session = new ScriptedSession(() => ({ words: ['Hello.'] }));
    const call = new ToneCall(session, { supervisors: ['desk'] });
    await call.seen('turn');
    call.room.sendData('superdialog.assist', 'be kind', 'desk');
    call.room.sendData('superdialog.assist', 'give it for free', 'caller');
    call.room.sendData('chat', 'hello', 'desk');
    await call.hangUp();
    expect(session.whispers).toEqual(['be kind']);
  });
});
