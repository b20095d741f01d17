/**
 * `superdialog-voice/http`: conversations by text, as routes for a Hono app or with a server.
 *
 * @module superdialog-voice/http
 */
export type { Guards, RateLimit } from './guards.ts';
export type { SessionView, TurnReply } from './schemas.ts';
export { startTextServer, type TextServer, type TextServerOptions } from './server.ts';
export { type TextServiceOptions, textService } from './text-service.ts';
