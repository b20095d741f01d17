import { defineConfig } from './src/index.ts';

// Read by every command; flags of the command line win over it.
export default defineConfig({
  name: 'demo',
  flow: 'flows/appointment.yaml',
  // A model for what the flow cannot decide by itself, for example 'openai/gpt-5.1' or
  // 'anthropic/claude-haiku-4-5' (with OPENAI_API_KEY or ANTHROPIC_API_KEY set):
  // llm: 'openai/gpt-5.1',
  speech: { stt: 'local', tts: 'local' },
});
