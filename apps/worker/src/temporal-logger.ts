import { DefaultLogger, type LogEntry, type Logger } from '@temporalio/worker';
import type { Logger as Pino } from 'pino';

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;

/** What Temporal's SDK says, in our log; its notes on a worker's inner states count as debugging. */
export function temporalLogger(logger: Pino): Logger {
  return new DefaultLogger('DEBUG', ({ level, message, meta }: LogEntry) => logger[levels[level]]({ ...meta }, message));
}
