/**
 * `superdialog-voice/livekit`: holding a call in a room of LiveKit. Loads `@livekit/agents`.
 *
 * @module superdialog-voice/livekit
 */
export { type CallOptions, runCall } from '../call/call.ts';
export type { CallEvent, CallListener } from '../call/events.ts';
export type { TurnLatency } from '../call/latency.ts';
export type { CallEnd, CallError, CallReport, TurnReport } from '../call/report.ts';
export { ASSIST_TOPIC, type CallMedia, type CallRoom, type RoomEvent } from '../call/room.ts';
export type { CallSpeech, Endpointing } from '../call/voice-session.ts';
