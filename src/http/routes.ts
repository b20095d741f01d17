import { createRoute, type z } from '@hono/zod-openapi';
import {
  assistRequest,
  done,
  failure,
  health,
  resetRequest,
  sessionParams,
  sessionView,
  turnReply,
  turnRequest,
} from './schemas.ts';

const json = <T extends z.ZodType>(schema: T) => ({ 'application/json': { schema } });
const body = <T extends z.ZodType>(schema: T) => ({
  body: { content: json(schema), required: true },
});
const answer = <T extends z.ZodType>(description: string, schema: T) => ({
  description,
  content: json(schema),
});

const failures = {
  400: answer('The request is not as described here.', failure),
  401: answer('The bearer token is missing or wrong.', failure),
  409: answer(
    'The session is busy or was changed elsewhere, or the agent takes no guidance.',
    failure,
  ),
  413: answer('The request is too large.', failure),
  429: answer('Too many requests; see the header Retry-After.', failure),
  500: answer('The agent failed.', failure),
  502: answer('The model failed, and the agent has no words for it.', failure),
  503: answer(
    'All sessions are in use, the store is out of reach, or the service shuts down.',
    failure,
  ),
};

const unknown = { 404: answer('There is no such session.', failure) };

export const turnRoute = createRoute({
  method: 'post',
  path: '/turn',
  summary: 'Say something and get the whole reply',
  request: body(turnRequest),
  responses: { 200: answer('The reply.', turnReply), ...failures },
});

export const streamRoute = createRoute({
  method: 'post',
  path: '/stream',
  summary: 'Say something and get the reply while it is made',
  request: body(turnRequest),
  responses: {
    200: {
      description:
        'Server-sent events: `text` with `{"text"}` for each piece of the reply, then `done` with a TurnReply, or `error` with an Error.',
      content: { 'text/event-stream': { schema: { type: 'string' } } },
    },
    ...failures,
  },
});

export const assistRoute = createRoute({
  method: 'post',
  path: '/assist',
  summary: 'Whisper guidance to the agent of a running conversation',
  request: body(assistRequest),
  responses: { 200: answer('It was taken.', done), ...failures, ...unknown },
});

export const resetRoute = createRoute({
  method: 'post',
  path: '/reset',
  summary: 'Forget a session',
  request: body(resetRequest),
  responses: { 200: answer('There is no such session any more.', done), ...failures },
});

export const sessionRoute = createRoute({
  method: 'get',
  path: '/sessions/{id}',
  summary: 'Look at a running conversation',
  request: { params: sessionParams },
  responses: { 200: answer('The session.', sessionView), ...failures, ...unknown },
});

export const healthRoute = createRoute({
  method: 'get',
  path: '/health',
  summary: 'Ask whether the service is up',
  security: [],
  responses: { 200: answer('It is.', health) },
});
