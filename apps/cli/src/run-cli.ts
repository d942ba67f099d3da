import { CommanderError } from 'commander';
import { AppError } from '@overture/core';
import type { CliContext } from './context.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { isInterruption } from './interrupts.ts';
import { overtureProgram } from './program.ts';

/** Runs a command line, prints its errors, and returns its exit code. */
export async function runCli(
  args: readonly string[],
  makeContext: (json: boolean) => CliContext,
): Promise<number> {
  const context = makeContext(args.includes('--json'));
  const verbose = args.includes('--verbose');
  let code: number = exitCodes.done;
  const program = overtureProgram(context, (result) => (code = result));
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    // Commander has already printed its own message, or the requested help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    if (isInterruption(error, context.interrupt)) {
      context.terminal.note('Interrupted.');
      return exitCodes.interrupted;
    }
    context.terminal.note(describe(error, verbose));
    return exitCodeOf(error);
  }
}

function describe(error: unknown, verbose: boolean): string {
  if (!(error instanceof Error)) return `error: ${String(error)}`;
  const code = error instanceof AppError ? ` [${error.code}]` : '';
  const bug =
    error instanceof AppError || verbose
      ? ''
      : '\nThis is a bug in Overture. Run it again with --verbose for the place.';
  const causes: string[] = [];
  for (let cause = error.cause; verbose && cause instanceof Error; cause = cause.cause)
    causes.push(`caused by ${cause.stack}`);
  return [`error: ${error.message}${code}${bug}`, ...(verbose ? [error.stack ?? '', ...causes] : [])].join(
    '\n',
  );
}
