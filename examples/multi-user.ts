// One service, many users: node examples/multi-user.ts
// In a project of yours the imports are from 'superdialog-voice' and 'superdialog-voice/http'.
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { textService } from '../src/http/index.ts';
import { DialogMachine, Flow, SessionWorker, storeOf } from '../src/index.ts';

const flow = Flow.load(join(import.meta.dirname, '../flows/appointment.yaml'));
const worker = new SessionWorker({
  agentFactory: () => new DialogMachine({ flow }),
  // Or 'sqlite:chats.db', or 'redis://localhost:6379' where several processes serve.
  ...storeOf('memory'),
});

const app = new Hono();
app.get('/', (c) => c.text('Riverside Clinic'));
app.route('/agent', textService({ worker, flow, rateLimit: { limit: 100 } }));

const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, async ({ port }) => {
  const transcripts = await Promise.all([
    talk('ada', ['I need a flu shot.', 'What are your opening hours?'], port),
    talk('bob', ['Hello!', 'A check-up, please.'], port),
  ]);
  console.log(transcripts.join('\n'));
  server.close();
});

/** A user, with a session of their own. */
async function talk(user: string, texts: readonly string[], port: number): Promise<string> {
  const lines = [`${user}:`];
  for (const text of texts) {
    const response = await fetch(`http://127.0.0.1:${port}/agent/turn`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ session_id: user, text }),
    });
    const { reply } = JSON.parse(await response.text());
    lines.push(`> ${text}`, reply);
  }
  return lines.join('\n');
}
