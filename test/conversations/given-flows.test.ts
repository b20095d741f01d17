import { describe, expect, test } from 'vitest';
import { functionTool } from '../../src/tools/function-tool.ts';
import type { Tool } from '../../src/tools/tool.ts';
import { opened, silence } from '../support/conversation.ts';
import { CoveredFlow } from './covered-flow.ts';
import { hasSharedFlows, sharedFlow, warnIfSkipped } from './shared-flows.ts';

warnIfSkipped('escalation', 'appointment', 'kyc');

function given(name: string, script: string, tools: Tool[] = []): CoveredFlow {
  return new CoveredFlow(sharedFlow(name), {
    tools,
    llm: `scripted/test/conversations/scripts/${script}.yaml`,
  });
}

describe.skipIf(!hasSharedFlows)('escalation', () => {
  const escalation = given('escalation', 'escalation');

  test('a small matter is settled, at one model call a turn', async () => {
    await escalation.call([
      [opened, { text: /^Support, hello/, at: 'triage', calls: 1 }],
      ['I cannot log in', { at: 'resolve', text: /reset your password/, calls: 1 }],
      ['not yet', { at: 'resolve', text: /once more/, calls: 1 }],
      ['it works now', { ended: true, outcome: 'done', text: /Glad we could/, calls: 1 }],
    ]);
  });

  test('a grave matter is handed over in the fixed words of its node', async () => {
    await escalation.call([
      [opened, {}],
      [
        'everything is on fire',
        { ended: true, text: 'Transferring you to a human agent now. Please hold.', calls: 1 },
      ],
    ]);
  });

  test('what does not help is handed over', async () => {
    await escalation.call([
      [opened, {}],
      ['I forgot my password', { at: 'resolve' }],
      ['nothing helps', { ended: true, outcome: 'handoff' }],
    ]);
  });

  test('a person is to be had from anywhere', async () => {
    for (const way of [[], ['I cannot log in']]) {
      await escalation.call([
        [opened, {}],
        ...way.map((words) => [words, {}] as const),
        [
          'I want a human being',
          { moves: ['global_to_human → handoff (model)'], ended: true, outcome: 'handoff' },
        ],
      ]);
    }
  });

  test('"no, wait" during the farewell takes the caller back to the question before it', async () => {
    const machine = escalation.machine();
    const turns = await escalation.talk(machine, [
      [opened, {}],
      ['I cannot log in', { at: 'resolve' }],
      ['it works now', { ended: true }],
    ]);
    machine.heard(turns.at(-1)?.result.messageId ?? '', 'Glad we could');
    await escalation.talk(machine, [
      [
        'no, wait, is it always the same link?',
        {
          at: 'resolve',
          moves: ['return → resolve (return)'],
          ended: false,
          text: /^Yes, the same/,
        },
      ],
      ['it works now', { ended: true, outcome: 'done' }],
    ]);
    expect(machine.chatCtx.items.filter(({ interrupted }) => interrupted)).toMatchObject([
      { role: 'assistant', content: 'Glad we could' },
    ]);
  });

  test('a caller who is silent is asked twice and then let go', async () => {
    await escalation.call([
      [opened, {}],
      [silence(1), { ended: false, text: /what is the matter/i }],
      [silence(2), { ended: false, text: /what is the matter/i }],
      [silence(3), { ended: true, outcome: 'no_input' }],
    ]);
  });

  escalation.expectFullCoverage();
});

describe.skipIf(!hasSharedFlows)('appointment', () => {
  const appointment = given('appointment', 'given-appointment');

  test('all three details in one sentence book at once', async () => {
    await appointment.call([
      [opened, { text: /^Hi, this is the City Clinic/, calls: 0 }],
      ['I want to book', { at: 'book', calls: 1 }],
      [
        'doctor Lee on Friday at ten',
        {
          ended: true,
          outcome: 'confirm',
          slots: { doctor: 'Lee', date: 'Friday', time: 'ten' },
          calls: 1,
        },
      ],
    ]);
  });

  test('details that come one by one are kept until all are there', async () => {
    await appointment.call([
      [opened, {}],
      ['I want to book', { at: 'book' }],
      ['with doctor Lee', { at: 'book', slots: { doctor: 'Lee' } }],
      [
        'Friday at ten',
        { ended: true, slots: { doctor: 'Lee', date: 'Friday', time: 'ten' }, refused: [] },
      ],
    ]);
  });

  test('a move that lacks details is refused once, and granted to a caller who insists', async () => {
    await appointment.call([
      [opened, {}],
      ['I want to book', { at: 'book' }],
      [
        'just book me in',
        { at: 'book', refused: ['criteria book_to_confirm'], moves: [], text: /Which doctor/ },
      ],
      ['anything, it does not matter', { ended: true, refused: [], outcome: 'confirm' }],
    ]);
  });

  test('a visit is moved', async () => {
    await appointment.call([
      [opened, {}],
      ['I must move my appointment', { at: 'reschedule' }],
      ['it is four seven, and next week is better', { ended: true }],
    ]);
  });

  test('whoever is not understood three times comes round to the greeting', async () => {
    await appointment.call([
      [opened, {}],
      ['mumble', { at: 'intro', moves: [] }],
      ['mumble mumble', { at: 'intro', moves: [] }],
      ['mumble', { at: 'intro', moves: ['intro_fallback → intro (fallback)'] }],
    ]);
  });

  appointment.expectFullCoverage();
});

describe.skipIf(!hasSharedFlows)('kyc', () => {
  const lookup = functionTool({
    name: 'lookup_pan',
    description: 'Looks up a PAN.',
    schema: { type: 'object', properties: { pan: { type: 'string' } }, required: ['pan'] },
    effect: 'read',
    run: (args) => ({ ...Object(args), name: 'Robert Miller' }),
  });
  const kyc = given('kyc', 'given-kyc', [lookup]);

  test('three details, at one model call each', async () => {
    await kyc.call([
      [
        opened,
        {
          text: 'Hello, this is Acme Bank. I will help you complete KYC. What is your full legal name?',
          calls: 1,
        },
      ],
      ['Robert Miller', { at: 'collect_dob', slots: { name: 'Robert Miller' }, calls: 1 }],
      ['the third of March 1986', { at: 'collect_pan', calls: 1 }],
      [
        'A B C D E one two three four F',
        {
          ended: true,
          outcome: 'done',
          text: 'Thank you, your KYC is submitted. Goodbye.',
          calls: 1,
        },
      ],
    ]);
  });

  test('a question in between is answered, and the name asked for again', async () => {
    await kyc.call([
      [opened, {}],
      ['why do you ask', { at: 'collect_name', moves: [], text: /law.*legal name/ }],
      ['Robert Miller', { at: 'collect_dob' }],
    ]);
  });

  test('a required detail cannot be talked away, however often the caller insists', async () => {
    await kyc.call([
      [opened, {}],
      ['I would rather not say', { at: 'collect_name', refused: ['slots name_to_dob'] }],
      ['really, rather not', { at: 'collect_name', refused: ['slots name_to_dob'] }],
    ]);
  });

  test('the model looks the PAN up by the tool of the flow, and goes on by its answer', async () => {
    const machine = kyc.machine();
    await kyc.talk(machine, [
      [opened, {}],
      ['Robert Miller', {}],
      ['the third of March 1986', { at: 'collect_pan' }],
      ['A B C D E one two three four F, look it up', { ended: true, outcome: 'done', calls: 2 }],
    ]);
    expect(machine.flowState.variables.lookup_pan).toMatchObject({
      success: true,
      data: { pan: 'ABCDE1234F', name: 'Robert Miller' },
    });
  });

  kyc.expectFullCoverage();
});
