import { expect, test } from 'vitest';
import { Flow } from '../../src/flow/flow.ts';
import { startHttpService } from '../support/http-service.ts';
import { replyOf, serviceOf, sessionOf } from './service.ts';

test('a turn that comes to a write goes on to its end, with the answer of the write', async () => {
  await using clinic = await startHttpService(() => ({ body: { number: 'A7' } }));
  const flow = Flow.parse(`
    name: booking
    initial_node: ask
    actions:
      - id: book
        method: POST
        url: ${clinic.url}/book
        store_response_as: booked
    nodes:
      - id: ask
        static_text: Shall I book it?
        edges: [{ id: yes, match: { intent: "yes" }, target_node_id: done }]
      - id: done
        actions: [{ trigger: on_enter, action_id: book }]
        static_text: "Your number is {{ booked.data.number }}."
  `);
  const { post, get } = serviceOf({ flow, http: { allowPrivate: true } });
  const session_id = 's1';
  await post('/turn', { session_id });
  const { reply, node } = await replyOf(post('/turn', { session_id, text: 'yes' }));
  expect(reply).toMatch(/Your number is A7\.$/);
  expect(node).toBe('done');
  expect(clinic.requests).toHaveLength(1);
  const { messages } = await sessionOf(get('/sessions/s1'));
  expect(messages.at(-1)?.content).toBe(reply);
});
