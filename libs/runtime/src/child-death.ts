import { AppError } from '@overture/core';
import type { ChildProcess } from 'node:child_process';

/** How a child process ended. */
export interface ChildDeath {
  readonly code: number | null;
  readonly killedBy: NodeJS.Signals | null;
  /** The last it wrote. */
  readonly output: string;
}

const outputKept = 2000; // characters of the last words of a child, for the error

/** Gathers what a child writes; the result gives its last words. */
export function collectOutput(child: ChildProcess, onOutput?: (text: string) => void): () => string {
  let last = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      last = (last + text).slice(-outputKept);
      onOutput?.(text);
    });
  }
  return () => last.trim();
}

/** `RUNTIME_CHILD_DIED`, retryable: how a child ended that should have answered. */
export function diedError(what: string, { code, killedBy, output }: ChildDeath): AppError {
  const how = killedBy === null ? `with exit code ${code}` : `of ${killedBy}${killedBy === 'SIGKILL' ? ', as the system does when memory runs out' : ''}`;
  const words = output === '' ? '' : ` Its last words: ${output}`;
  return new AppError('RUNTIME_CHILD_DIED', `The child process of ${what} must end with a result. It died ${how}. Trying again can help; if it does not, use smaller batches.${words}`, {
    details: { module: what, exitCode: code, signal: killedBy, output },
    retryable: true,
  });
}
