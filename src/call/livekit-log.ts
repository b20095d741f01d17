import { initializeLogger, loggerOptions } from '@livekit/agents';

/**
 * LiveKit's classes need a logger before the first of them is made. It is silent unless
 * `SUPERDIALOG_LIVEKIT_LOG` names a level (`debug`, `info`, `warn`, `error`); where a worker has
 * set one up already it is left alone.
 */
export function prepareLiveKitLog(): void {
  if (loggerOptions() !== undefined) return;
  initializeLogger({
    pretty: false,
    level: process.env.SUPERDIALOG_LIVEKIT_LOG ?? 'silent',
  });
}
