import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
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
  const child = spawn(program, args, {
    stdio: 'inherit',
    env: { ...env, PATH: path, OVERTURE_DIE_WITH_PARENT: '1' },
  });
  for (const signal of forwarded) process.on(signal, () => child.kill(signal));
  const watch = watchParent(env, () => child.kill('SIGTERM'));
  const { code, signal } = await new Promise((resolve, reject) => {
    child.once('error', (error) =>
      reject(new SetupError(`${program} could not be started: ${error.message}.`)),
    );
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

/**
 * npm killed outright forwards nothing, and its scripts would live on: they are children of a shell between,
 * so npm is our parent's parent. Only npm is watched: a shell of the user's may end and leave us in the
 * background.
 */
function watchParent(env, onGone) {
  if (env.npm_lifecycle_event === undefined) return undefined;
  const parent = process.ppid;
  const npm = parentOf(parent);
  const watch = setInterval(
    () => {
      if (process.ppid === parent && parentOf(parent) === npm) return;
      clearInterval(watch);
      onGone();
    },
    process.platform === 'linux' ? 500 : 2_000,
  );
  watch.unref();
  return watch;
}

function parentOf(pid) {
  try {
    if (process.platform !== 'linux')
      return execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
  } catch {
    return undefined;
  }
}
