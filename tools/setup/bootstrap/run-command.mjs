import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { SetupError } from './setup-error.mjs';

const forwarded = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']);

/**
 * Runs a command with the project's programs first on PATH, passes signals on to it, and ends as it ends.
 * @param {string} root
 * @param {string[]} command
 * @param {NodeJS.ProcessEnv} env
 */
export async function runCommand(root, [program = '', ...args], env) {
  const path = [join(root, 'node_modules', '.bin'), env.PATH ?? ''].join(delimiter);
  const child = spawn(program, args, { stdio: 'inherit', env: { ...env, PATH: path, OVERTURE_DIE_WITH_PARENT: '1' } });
  for (const signal of forwarded) process.on(signal, () => child.kill(signal));
  const watch = watchParent(env, () => child.kill('SIGTERM'));
  const { code, signal } = await new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new SetupError(`${program} could not be started: ${error.message}.`)));
    child.once('exit', (exitCode, exitSignal) => resolve({ code: exitCode, signal: exitSignal }));
  });
  clearInterval(watch);
  if (signal === null) {
    process.exitCode = code;
    return;
  }
  for (const name of forwarded) process.removeAllListeners(name);
  process.kill(process.pid, signal);
}

/** npm killed outright forwards nothing; its scripts would live on. Only npm is watched: a shell may end and leave us in the background. */
function watchParent(env, onGone) {
  if (env.npm_lifecycle_event === undefined) return undefined;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    onGone();
  }, 500);
  watch.unref();
  return watch;
}
