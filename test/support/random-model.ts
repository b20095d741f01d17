import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { z } from 'zod';
import type { Json } from '../../src/json.ts';
import { MODEL_ERROR_CODES, ModelError, type ModelErrorCode } from '../../src/llm/errors.ts';
import type { LanguageModel, ModelDelta, ModelRequest } from '../../src/llm/model.ts';
import { proposedMove, proposedValues } from './random-flow.ts';

/** One reply of a model that keeps to no rule. */
export type RandomReply =
  /** `pick` chooses among the moves of the schema, `go` stands where there is none. */
  | {
      kind: 'decision';
      pick: number | null;
      go: string;
      set: readonly { slot: string; value: Json }[];
      say: string;
      cut: number;
    }
  | { kind: 'text'; text: string }
  | { kind: 'tools'; picks: number[]; say: string }
  | { kind: 'error'; say: string; code: ModelErrorCode };

const say = fc.constantFrom('', 'Well.', 'Just a moment. Is that all?', ' ', '}');

const decisions: fc.Arbitrary<RandomReply> = fc.record({
  kind: fc.constant('decision'),
  pick: fc.option(fc.nat(20), { freq: 4, nil: null }),
  go: proposedMove,
  set: proposedValues,
  say,
  // Of ten letters the reply loses so many at its end.
  cut: fc.constantFrom(0, 0, 0, 0, 0, 1, 5),
});
const texts: fc.Arbitrary<RandomReply> = fc.record({
  kind: fc.constant('text'),
  text: fc.constantFrom('', 'Hello.', '{', '{"go":"__proto__"}', '```json\n{}\n```', 'null'),
});
const toolCalls: fc.Arbitrary<RandomReply> = fc.record({
  kind: fc.constant('tools'),
  picks: fc.array(fc.nat(3), { minLength: 1, maxLength: 2 }),
  say,
});
const errors: fc.Arbitrary<RandomReply> = fc.record({
  kind: fc.constant('error'),
  say,
  code: fc.constantFrom(...MODEL_ERROR_CODES),
});

export const randomReply: fc.Arbitrary<RandomReply> = fc.oneof(
  { weight: 8, arbitrary: decisions },
  { weight: 2, arbitrary: texts },
  { weight: 3, arbitrary: toolCalls },
  { weight: 1, arbitrary: errors },
);

/**
 * A model without memory: what it answers depends on all of the request and nothing else. So two
 * conversations that differ in one word of their prompts soon go different ways.
 */
export function randomModel(replies: readonly RandomReply[], structured: boolean): LanguageModel {
  return {
    uri: 'test/random',
    structured,
    async *stream(request, { signal } = {}) {
      const hash = createHash('sha256').update(JSON.stringify(request)).digest();
      const reply = replies[hash.readUInt32BE(0) % replies.length];
      for (const delta of deltasOf(reply, request, hash.toString('hex'))) {
        await Promise.resolve();
        signal?.throwIfAborted();
        yield delta;
      }
      if (reply?.kind === 'error') throw new ModelError(reply.code, 'test/random: it failed');
      yield { type: 'done', stop: 'end', usage: USAGE };
    },
  };
}

const USAGE = { inputTokens: 1, outputTokens: 1, cachedTokens: 0 };

function deltasOf(reply: RandomReply | undefined, request: ModelRequest, id: string): ModelDelta[] {
  switch (reply?.kind) {
    case undefined:
      return [];
    case 'decision': {
      const { pick, set, say: words, cut } = reply;
      if (!isDecision(request)) return chunks(words);
      const moves = movesIn(request);
      const go = pick === null ? reply.go : (moves[pick % moves.length] ?? reply.go);
      const text = JSON.stringify({ go, set, say: words });
      return chunks(text.slice(0, text.length - Math.floor((text.length * cut) / 10)));
    }
    case 'text':
      return chunks(reply.text);
    case 'error':
      return chunks(reply.say);
    case 'tools': {
      const tools = request.toolChoice === 'none' ? [] : (request.tools ?? []);
      const calls = reply.picks.map((pick, index): ModelDelta => {
        // One more than there are: the model makes up a name.
        const name = tools[pick % (tools.length + 1)]?.name ?? 'toString';
        return { type: 'tool_call', id: `${id}-${index}`, name, arguments: { pick } };
      });
      return [...chunks(reply.say), ...(tools.length > 0 ? calls : [])];
    }
  }
}

function chunks(text: string): ModelDelta[] {
  return (text.match(/.{1,9}/gs) ?? []).map((piece) => ({ type: 'text', text: piece }));
}

/** The model is asked to decide, and not for words alone. */
function isDecision({ messages }: ModelRequest): boolean {
  return messages.some(({ content }) => content.includes('\nMoves ("go"):'));
}

const decision = z.object({
  properties: z.object({ go: z.object({ enum: z.array(z.string()) }) }),
});

function movesIn({ schema }: ModelRequest): string[] {
  const parsed = decision.safeParse(schema?.schema);
  return parsed.success ? parsed.data.properties.go.enum : [];
}
