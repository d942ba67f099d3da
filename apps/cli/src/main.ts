import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
// Imported by subpath: the package's index loads Temporal's client, which would delay the message about a
// mistyped flag.
import { userHomeFolder, writableCacheFolder } from '@overture/stack/own-folders';
import type { CliContext } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { watchInterrupts } from './interrupts.ts';
import { openTerminal } from './output/terminal.ts';
import { runCli } from './run-cli.ts';

const { env, argv, platform } = process;
const now = (): number => performance.now();
const projectRoot = resolve(import.meta.dirname, '..', '..', '..');
const userHome = userHomeFolder();

// A killed wrapper (bin/overture.mjs under an older Node, or the bootstrap script) forwards no signal.
if (env['OVERTURE_DIE_WITH_PARENT']) {
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && process.kill(process.pid, 'SIGTERM'), 500).unref();
  delete env['OVERTURE_DIE_WITH_PARENT'];
}
// `overture … | head` closes the pipe early, which is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.done);
  throw error;
});

// `npm run` changes into the project folder and keeps the user's own in INIT_CWD.
const cwd =
  process.cwd() === projectRoot && env['npm_lifecycle_event'] !== undefined
    ? (env['INIT_CWD'] ?? projectRoot)
    : process.cwd();
const home = resolve(cwd, env['OVERTURE_HOME'] || join(projectRoot, '.overture'));
const cacheDir = await writableCacheFolder({ env, platform, userHome, home, cwd });
const interrupts = watchInterrupts({ now, onSecond: () => process.exit(exitCodes.interrupted) });
const context = (json: boolean): CliContext => ({
  env,
  cwd,
  projectRoot,
  home,
  cacheDir,
  userHome,
  workerEntry: join(projectRoot, 'apps', 'worker', 'src', 'main.ts'),
  terminal: openTerminal({ json, stdout: process.stdout, stderr: process.stderr, env, now }),
  interrupt: interrupts.signal,
  randomId: randomUUID,
});

const exitCode = await runCli(argv.slice(2), context);
interrupts.end();
// A connection to a killed server may still be retrying; nothing waits for it.
process.exit(exitCode);
