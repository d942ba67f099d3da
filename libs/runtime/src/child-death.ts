import { AppError } from '@overture/core';
import type { ChildProcess } from 'node:child_process';

/** How a child process ended. */
export interface ChildDeath {
  readonly code: number | null;
  readonly killedBy: NodeJS.Signals | null;
  /** The end of its output. */
  readonly output: string;
}

const maxOutput = 2000; // characters of a child's output, for the error

/** Collects a child's output. The returned function returns its end. */
export function collectOutput(child: ChildProcess, onOutput?: (text: string) => void): () => string {
  let last = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      last = (last + text).slice(-maxOutput);
      onOutput?.(text);
    });
  }
  return () => last.trim();
}

/** The error `RUNTIME_CHILD_DIED` (retryable) for a child that ended without a result. */
export function diedError(what: string, { code, killedBy, output }: ChildDeath): AppError {
  const how =
    killedBy === null
      ? `with exit code ${code}`
      : `of ${killedBy}${killedBy === 'SIGKILL' ? ', as the system does when memory runs out' : ''}`;
  const words = output === '' ? '' : ` Its last words: ${output}`;
  return new AppError(
    'RUNTIME_CHILD_DIED',
    `The child process of ${what} must end with a result. It died ${how}. Trying again can help; if it does not, use smaller batches.${words}`,
    {
      details: { module: what, exitCode: code, signal: killedBy, output },
      retryable: true,
    },
  );
}
