import { temporalSettings, type StackOptions, type StackProgress } from '@overture/stack';
import type { CliContext } from './context.ts';
import { bytes } from './output/format.ts';
import type { Terminal } from './output/terminal.ts';

/** The options of this command line's stack: the environment's servers, or else those of its home. */
export function stackOptions({
  env,
  home,
  cacheDir,
  workerEntry,
  terminal,
  interrupt,
}: CliContext): StackOptions {
  const temporal = temporalSettings(env);
  return {
    home,
    cacheDir,
    env,
    temporalAddress: temporal.address,
    temporalAccess: temporal.access,
    namespace: temporal.namespace,
    databaseUrl: env['DATABASE_URL'] || undefined,
    workerEntry,
    onProgress: (progress) => show(progress, terminal),
    signal: interrupt,
  };
}

function show(progress: StackProgress, terminal: Terminal): void {
  if (progress.kind === 'note') return terminal.note(progress.text);
  if (progress.kind === 'warning') return terminal.warn(progress.text);
  const { what, received, total } = progress.download;
  terminal.progress(`${what}: ${bytes(received)}${total ? ` of ${bytes(total)}` : ''}`);
}
