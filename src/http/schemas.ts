import { z } from '@hono/zod-openapi';

/** What goes over the wire. Names are snake_case there; this file and `wire.ts` alone know them. */

const sessionId = z
  .string()
  .regex(/^\P{Cc}{1,200}$/u, 'expected 1 to 200 characters, none of them a control character')
  .openapi({
    description:
      'Names the conversation. Whoever knows it can go on with it: take a random one, such as a UUID.',
    example: '6f1c2b1e-5d0a-4f0e-9f0f-2f6f0a7f3c55',
  });

const text = z
  .string()
  .trim()
  .min(1, 'expected some text')
  .max(8000, 'expected at most 8000 characters')
  .openapi({ example: 'I need a flu shot.' });

export const turnRequest = z
  .strictObject({
    session_id: sessionId,
    text: text.optional().openapi({
      description:
        'What the user says. Without it the agent opens the conversation, or asks its question again.',
    }),
  })
  .openapi('TurnRequest');

export const assistRequest = z
  .strictObject({
    session_id: sessionId,
    text: text.openapi({
      description:
        'Guidance for the model, never shown to the user. It takes effect with the next turn that asks it.',
      example: 'The customer has waited for an hour. Apologise first.',
    }),
  })
  .openapi('AssistRequest');

export const resetRequest = z.strictObject({ session_id: sessionId }).openapi('ResetRequest');

export const sessionParams = z.object({
  id: sessionId.openapi({ param: { name: 'id', in: 'path' } }),
});

const move = z
  .object({ edge: z.string(), from: z.string(), to: z.string(), by: z.string() })
  .openapi('Move', { description: 'One step along an edge of the flow, and who decided it.' });

const effect = z
  .union([
    z.object({ kind: z.literal('transfer'), to: z.string(), mode: z.enum(['cold', 'warm']) }),
    z.object({ kind: z.literal('hang_up') }),
    z.object({ kind: z.literal('dtmf'), digits: z.string() }),
  ])
  .openapi('Effect', { description: 'What the client has to do once the reply is shown.' });

const toolCall = z
  .object({
    name: z.string(),
    arguments: z.record(z.string(), z.unknown()),
    result: z.record(z.string(), z.unknown()),
  })
  .openapi('ToolCall');

export const turnReply = z
  .object({
    session_id: z.string(),
    reply: z
      .string()
      .openapi({ description: 'All that the agent said. Empty if it said nothing.' }),
    message_id: z
      .string()
      .optional()
      .openapi({ description: "Id of the reply's last message in the history." }),
    opened: z.boolean().openapi({
      description: 'The conversation began with this turn, and the reply with its opening.',
    }),
    ended: z.boolean().openapi({
      description: 'The conversation is over. The next turn with this id begins another.',
    }),
    outcome: z.string().optional().openapi({ description: 'What an ended conversation came to.' }),
    node: z.string().optional().openapi({ description: 'Where in the flow the conversation is.' }),
    moves: z.array(move),
    effects: z.array(effect),
    tool_calls: z.array(toolCall),
    error: z.object({ code: z.string() }).optional().openapi({
      description: 'The model failed, and the reply says so in the words of the flow.',
    }),
  })
  .openapi('TurnReply');

/** What is answered to a turn. */
export type TurnReply = z.infer<typeof turnReply>;

const message = z
  .object({
    id: z.string(),
    role: z.enum(['system', 'user', 'assistant', 'tool']),
    content: z.string(),
    created_at: z.iso.datetime(),
    interrupted: z.boolean().optional(),
    human: z.boolean().optional(),
  })
  .openapi('Message');

export const sessionView = z
  .object({
    session_id: z.string(),
    messages: z.array(message),
    node: z.string().optional().openapi({ description: 'Absent for an agent without a flow.' }),
    slots: z.record(z.string(), z.unknown()).openapi({
      description: 'What is known so far. Values of sensitive slots read "[sensitive]".',
    }),
  })
  .openapi('Session');

/** What is told of a session. */
export type SessionView = z.infer<typeof sessionView>;

export const done = z.object({ session_id: z.string(), status: z.literal('ok') }).openapi('Done');

export const health = z.object({ status: z.literal('ok') }).openapi('Health');

export const failure = z
  .object({ error: z.object({ code: z.string(), message: z.string() }) })
  .openapi('Error');
