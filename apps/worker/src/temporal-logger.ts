import { DefaultLogger, type LogEntry, type Logger } from '@temporalio/worker';
import type { Logger as Pino } from 'pino';

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;

/**
 * A logger that forwards the Temporal SDK's messages to our log. Its info messages about a worker's internal
 * states are logged as debug.
 */
export function temporalLogger(logger: Pino): Logger {
  return new DefaultLogger('DEBUG', ({ level, message, meta }: LogEntry) =>
    logger[levels[level]]({ ...meta }, message),
  );
}
