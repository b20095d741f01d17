import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/json.ts';
import {
  type DecisionEvent,
  DecisionParser,
  type MalformedReason,
} from '../../src/machine/decision-parser.ts';

interface Outcome {
  go: string;
  set: { slot: string; value: Json }[];
  say: string;
  malformed: MalformedReason[];
}

function parse(chunks: string[], schema: boolean): DecisionEvent[] {
  const parser = new DecisionParser({ schema });
  return [...chunks.flatMap((chunk) => parser.push(chunk)), ...parser.end()];
}

/** Joins the events, and checks what holds for every reply. */
function outcome(events: DecisionEvent[]): Outcome {
  const decisions = events.filter((event) => event.type === 'decision');
  expect(decisions).toHaveLength(1);
  const [decision] = decisions;
  const says = events.filter((event) => event.type === 'say');
  for (const say of says) {
    expect(events.indexOf(say)).toBeGreaterThan(events.findIndex((e) => e.type === 'decision'));
    expect(say.text).not.toBe('');
    expect(say.text.isWellFormed()).toBe(true);
  }
  return {
    go: decision?.go ?? '',
    set: decision?.set ?? [],
    say: says.map((say) => say.text).join(''),
    malformed: events.flatMap((event) => (event.type === 'malformed' ? [event.reason] : [])),
  };
}

/** Expects the same outcome of the whole reply, of every cut in two, and of single characters. */
function expectReply(reply: string, schema: boolean, expected: Partial<Outcome>): void {
  const whole = { go: 'stay', set: [], say: '', malformed: [], ...expected };
  expect(outcome(parse([reply], schema))).toEqual(whole);
  for (let cut = 0; cut <= reply.length; cut += 1) {
    expect(outcome(parse([reply.slice(0, cut), reply.slice(cut)], schema))).toEqual(whole);
  }
  expect(outcome(parse(reply.split(''), schema))).toEqual(whole);
}

const BLOCK = { go: 'block', set: [{ slot: 'card', value: '12' }] };
const HEADER = '{"go":"block","set":[{"slot":"card","value":"12"}]}';
const OBJECT = '{"go":"block","set":[{"slot":"card","value":"12"}],"say":"It is blocked."}';

describe('the schema form', () => {
  test('gives the decision, then the words', () => {
    expectReply(OBJECT, true, { ...BLOCK, say: 'It is blocked.' });
  });

  test('speaks words in the chunk that carries them', () => {
    const parser = new DecisionParser({ schema: true });
    expect(parser.push('{"go":"stay","set":[],')).toEqual([]);
    expect(parser.push('"say":"')).toEqual([{ type: 'decision', go: 'stay', set: [] }]);
    expect(parser.push('Hel')).toEqual([{ type: 'say', text: 'Hel' }]);
    expect(parser.push('lo,')).toEqual([{ type: 'say', text: 'lo,' }]);
    expect(parser.push(' you')).toEqual([{ type: 'say', text: ' you' }]);
    expect(parser.push('"}')).toEqual([]);
    expect(parser.end()).toEqual([]);
  });

  test.each([
    ['\\n', 'a\\nb', 'a\nb'],
    ['quotes and backslashes', 'a \\"b\\" \\\\ \\/ c', 'a "b" \\ / c'],
    ['\\u escapes', 'caf\\u00e9 \\u20AC', 'café €'],
    ['an escaped surrogate pair', 'ok \\ud83d\\ude00!', 'ok 😀!'],
    ['an unescaped surrogate pair', 'ok 😀!', 'ok 😀!'],
    ['an unescaped line break', 'a\nb', 'a\nb'],
    ['an unknown escape', 'it\\x', 'itx'],
    ['an illegible \\u escape', 'a\\uzzzzb', 'ab'],
    ['a lone half of a pair', 'a\\ud83db', 'a\uFFFDb'],
    ['braces', 'write {x} and [y]', 'write {x} and [y]'],
    ['an inner object as text', '{\\"go\\":1}', '{"go":1}'],
  ])('unescapes %s', (_name, written, say) => {
    expectReply(`{"go":"stay","set":[],"say":"${written}"}`, true, { say });
  });

  test('reads any words that JSON can hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 7 }), (words, size) => {
        const reply = JSON.stringify({ go: 'x', set: [], say: words });
        const chunks = reply.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
        expect(outcome(parse(chunks, true)).say).toBe(words.trim());
      }),
    );
  });

  test('holds the words until the decision is known', () => {
    const parser = new DecisionParser({ schema: true });
    expect(parser.push('{"say":"Blocked.","go":"block"')).toEqual([]);
    expect(parser.push(',"set":[]}')).toEqual([
      { type: 'decision', go: 'block', set: [] },
      { type: 'say', text: 'Blocked.' },
    ]);
  });

  test.each([
    ['say first', '{"say":"Done.","go":"block","set":{"card":"12"}}'],
    ['set last', '{"go":"block","say":"Done.","set":{"card":"12"}}'],
    ['set first', '{"set":{"card":"12"},"go":"block","say":"Done."}'],
  ])('understands another order of keys: %s', (_name, reply) => {
    expectReply(reply, true, { ...BLOCK, say: 'Done.' });
  });

  test('lets words before the object be, and the words after it when it has its own', () => {
    expectReply(`Here is the JSON: ${OBJECT} I hope this helps!`, true, {
      ...BLOCK,
      say: 'It is blocked.',
    });
  });

  test('speaks the words behind an object that has none', () => {
    expectReply(`${HEADER}\nIt is blocked.`, true, { ...BLOCK, say: 'It is blocked.' });
  });

  test.each([
    ['without a set', '{"go":"stay","say":"Yes."}', 'Yes.'],
    ['with nothing to say', '{"go":"stay","set":[],"say":""}', ''],
    ['with say null', '{"go":"stay","set":[],"say":null}', ''],
    ['with set null', '{"go":"stay","set":null,"say":"Yes."}', 'Yes.'],
    ['with more fields', '{"thought":{"say":"no"},"go":"stay","set":[],"say":"Yes."}', 'Yes.'],
    ['with say twice', '{"go":"stay","set":[],"say":"Yes.","say":"No."}', 'Yes.'],
    ['printed over lines', '\n{\n  "go": "stay",\n  "set": [],\n  "say": " Yes. "\n}\n', 'Yes.'],
  ])('takes an object %s', (_name, reply, say) => {
    expectReply(reply, true, { say });
  });

  test('keeps the words of a reply that was cut off, and says that it was', () => {
    expectReply(OBJECT.slice(0, -6), true, {
      ...BLOCK,
      say: 'It is bloc',
      malformed: ['not_closed'],
    });
  });

  test('never moves on half a decision', () => {
    for (const cut of ['{', '{"go":"blo', '{"go":"block"', '{"go":"block","set":[{"slot":"card"']) {
      expectReply(cut, true, { malformed: ['not_closed'] });
    }
    expectReply('{"go":"block","set":[]', true, { go: 'block', malformed: ['not_closed'] });
  });
});

describe('the tolerant form', () => {
  test('gives the decision of the first line, then the words behind it', () => {
    expectReply(`${HEADER}\nIt is blocked.\nAnything else?`, false, {
      ...BLOCK,
      say: 'It is blocked.\nAnything else?',
    });
  });

  test('speaks words in the chunk that carries them', () => {
    const parser = new DecisionParser({ schema: false });
    expect(parser.push('{"go":"stay","set":[]}')).toEqual([
      { type: 'decision', go: 'stay', set: [] },
    ]);
    expect(parser.push('\nHel')).toEqual([{ type: 'say', text: 'Hel' }]);
    expect(parser.push('lo ')).toEqual([{ type: 'say', text: 'lo' }]);
    expect(parser.push('you')).toEqual([{ type: 'say', text: ' you' }]);
  });

  test.each([
    ['no line break after the header', `${HEADER}It is blocked.`],
    ['white space around', `\n\n  ${HEADER}  \n\n It is blocked. \n`],
    ['a code fence around the header', `\`\`\`json\n${HEADER}\n\`\`\`\nIt is blocked.`],
    ['a code fence without a language', `\`\`\`\n${HEADER}\n\`\`\`It is blocked.`],
    ['a code fence on one line', `\`\`\`json ${HEADER} \`\`\` It is blocked.`],
    ['a code fence around all', `\`\`\`\n${HEADER}\nIt is blocked.\n\`\`\``],
    ['a full object', OBJECT],
    ['a full object and the words again', `${OBJECT}\nIt is blocked.`],
    ['a full object after words', `One moment. ${OBJECT}`],
    ['a thought before it', `<think>maybe {"go":"x"}?</think>${HEADER}\nIt is blocked.`],
    ['a thought whose beginning is missing', `Maybe block.</think>\n${HEADER}\nIt is blocked.`],
  ])('forgives %s', (_name, reply) => {
    expectReply(reply, false, { ...BLOCK, say: 'It is blocked.' });
  });

  test.each(['go', 'edge', 'edge_id', 'edgeId', 'move'])(
    'knows the move by the name %s',
    (name) => {
      expectReply(`{"${name}":" block ","set":[]}`, false, { go: 'block' });
    },
  );

  test('takes the header after words, and still says them first', () => {
    expectReply(`Sure. \n${HEADER}\nIt is blocked.`, false, {
      ...BLOCK,
      say: 'Sure. It is blocked.',
    });
    expectReply(`Sure, one moment. ${HEADER}`, false, { ...BLOCK, say: 'Sure, one moment.' });
  });

  test('says nothing before the decision is known', () => {
    const parser = new DecisionParser({ schema: false });
    expect(parser.push('Sure. ')).toEqual([]);
    expect(parser.push(HEADER)).toEqual([
      { type: 'decision', ...BLOCK },
      { type: 'say', text: 'Sure.' },
    ]);
  });

  test('counts the first of two headers and speaks neither', () => {
    expectReply(`${HEADER}\n{"go":"stay","set":[]}\nIt is blocked.`, false, {
      ...BLOCK,
      say: 'It is blocked.',
      malformed: ['second_object'],
    });
    expectReply(`${HEADER} It is. \`\`\`json {"go":{"a":1}} \`\`\` Bye.`, false, {
      ...BLOCK,
      say: 'It is. Bye.',
      malformed: ['second_object'],
    });
  });

  test('takes a header and then nothing', () => {
    expectReply(`${HEADER}\n`, false, BLOCK);
  });

  test.each([
    ['an object as a map', '{"card":"12"}', BLOCK.set, []],
    ['one entry instead of a list', '{"slot":"card","value":"12"}', BLOCK.set, []],
    [
      'entries without a slot',
      '[{"slot":"card","value":"12"},{"value":1},7]',
      BLOCK.set,
      ['bad_set'],
    ],
    ['a text', '"card"', [], ['bad_set']],
    [
      'any JSON as a value',
      '[{"slot":"a","value":{"b":[null]}}]',
      [{ slot: 'a', value: { b: [null] } }],
      [],
    ],
  ] satisfies [string, string, Outcome['set'], MalformedReason[]][])(
    'reads set as %s',
    (_name, set, read, malformed) => {
      expectReply(`{"go":"block","set":${set}}`, false, {
        go: 'block',
        set: [...read],
        malformed: [...malformed],
      });
    },
  );

  test('names are data', () => {
    expectReply('{"go":"__proto__","set":{"__proto__":1,"constructor":2}}', false, {
      go: '__proto__',
      set: [
        { slot: '__proto__', value: 1 },
        { slot: 'constructor', value: 2 },
      ],
    });
    expectReply('{"__proto__":{"go":"block"},"constructor":"x"}', false, {
      malformed: ['no_move'],
    });
  });

  test.each(['{}', '{"go":null}', '{"go":3}', '{"go":""}', '{"name":"x"}'])(
    'stays where the object names no move: %s',
    (reply) => expectReply(`${reply}\nYes.`, false, { say: 'Yes.', malformed: ['no_move'] }),
  );

  test('keeps values whose object names no move', () => {
    expectReply('{"set":{"card":"12"}}', false, { set: BLOCK.set, malformed: ['no_move'] });
  });

  test.each([
    ['a bare word', '{"go": block, "set": []}'],
    ['single quotes', "{'go':'block'}"],
    ['a list that is not closed', '{"go":"block","set":[}'],
    ['a trailing comma', '{"go":"block","set":[],}'],
    ['braces only', '{{"go":"block"}}'],
    ['a missing value', '{"go":,"set":[{"slot":"a"}]}'],
  ])('stays on invalid JSON, and speaks only what follows: %s', (_name, header) => {
    expectReply(`${header}\nYes.`, false, { say: 'Yes.', malformed: ['bad_json'] });
  });

  test('hears words begin where a header was not closed', () => {
    expectReply('{"go":"block","set":{"card":"12"}\nIt is blocked.', false, {
      ...BLOCK,
      say: 'It is blocked.',
      malformed: ['not_closed'],
    });
  });

  test('passes plain prose on and stays', () => {
    const refusal = "I'm sorry, I can't help with that.";
    for (const schema of [true, false]) {
      expectReply(`${refusal}\n`, schema, { say: refusal, malformed: ['no_decision'] });
    }
  });

  test('never speaks a thought', () => {
    expectReply('<think>The caller wants {a', false, { malformed: ['empty'] });
    expectReply('<think>Hm.</think> Hello.', false, { say: 'Hello.', malformed: ['no_decision'] });
  });

  test.each(['', ' \n', '```\n```'])('an empty reply stays: %j', (reply) => {
    expectReply(reply, false, { malformed: ['empty'] });
    expectReply(reply, true, { malformed: ['empty'] });
  });
});

test('any reply gives one decision, and the same in any chunks', () => {
  const piece = fc.constantFrom(
    ...['{', '}', '[', ']', '"', ':', ',', '\\', 'u00e9', '`', '```json', '\n', ' ', 'go', 'set'],
    ...['say', 'slot', 'value', 'x', '7', 'true', '<think>', '</think>', '\ud83d', '\ude00'],
    ...['{"go":"a","set":[],"say":"', HEADER, OBJECT, 'Hello you'],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), fc.boolean(), (pieces, schema) => {
      const whole = outcome(parse([pieces.join('')], schema));
      expect(outcome(parse(pieces, schema))).toEqual(whole);
      expect(outcome(parse(pieces.join('').split(''), schema))).toEqual(whole);
    }),
    { numRuns: 500 },
  );
});
