import { expect, test } from 'vitest';
import { LLMAgent } from '../../src/agent/llm-agent.ts';
import { runCall } from '../../src/call/call.ts';
import { InMemorySessionStore } from '../../src/session/memory-store.ts';
import { SessionWorker } from '../../src/session/worker.ts';
import { SimulatedRoom } from '../../src/simulator/simulated-room.ts';
import { functionTool } from '../../src/tools/function-tool.ts';
import { ToneStt, ToneTts, ToneVad, tone, WORD_MS } from '../call/tone-speech.ts';
import { startFakeOpenAI } from '../support/fake-openai.ts';

test('an LLMAgent holds a call: the greeting, a change that waits for its first audio, the answer', async () => {
  await using server = await startFakeOpenAI((_, index) =>
    index === 0
      ? { text: '', toolCalls: [{ id: 'c1', name: 'order', arguments: '{}' }] }
      : { text: 'They come tomorrow.' },
  );
  const log: string[] = [];
  const order = functionTool({
    name: 'order',
    description: 'Orders what was asked for.',
    schema: { type: 'object' },
    run: () => log.push('ordered'),
  });
  const llm = `openai/m@${server.url}`;
  const worker = new SessionWorker({
    agentFactory: () => new LLMAgent({ llm, systemPrompt: 'You sell shoes.', tools: [order] }),
    store: new InMemorySessionStore(),
    greeting: 'Shoe shop, hello.',
  });
  await using handle = await worker.acquire('call');
  const room = new SimulatedRoom({ telephony: false });
  const stt = new ToneStt();
  stt.hears.push('I take them');
  const report = await runCall({
    room,
    handle,
    speech: { stt, tts: new ToneTts(), vad: new ToneVad() },
    endpointing: { minMs: 150, maxMs: 250 },
    maxDurationMs: 20_000,
    onEvent: (event) => {
      if (event.type === 'started') room.start();
      if (event.type === 'speaking') log.push('speaking');
      if (event.type !== 'turn') return;
      if (event.turn.index === 0) void room.say(tone(3 * WORD_MS));
      else room.leave();
    },
  });
  await room.close();
  expect(log).toEqual(['speaking', 'speaking', 'ordered']);
  expect(report.turns).toMatchObject([
    { input: 'opened', heardText: 'Shoe shop, hello.' },
    { user: 'I take them', heardText: 'One moment, please. They come tomorrow.', modelCalls: 2 },
  ]);
  expect(handle.chatCtx.items.map(({ role }) => role)).toEqual([
    'assistant',
    'user',
    'tool',
    'assistant',
  ]);
});
