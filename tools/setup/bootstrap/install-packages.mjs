import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './process-lock.mjs';
import { SetupError, say } from './setup-error.mjs';

/**
 * Runs `npm ci` if the packages are not those of the lockfile, or not all there. Two set-ups at once take
 * turns.
 * @param {string} root
 */
export async function installPackages(root) {
  if (whyInstall(root) === undefined) return;
  const lock = join(root, '.overture', 'install.lock');
  await withLock(
    lock,
    (pid) => say(`waiting for process ${pid}, which installs packages`),
    async () => {
      const reason = whyInstall(root);
      if (reason === undefined) return;
      say(`installing packages with npm ci (${reason})`);
      await npm(root, [
        'ci',
        '--include=dev',
        '--include=optional',
        '--engine-strict=false',
        '--no-audit',
        '--no-fund',
        '--loglevel=error',
      ]);
      // Where a user's npm runs no install scripts at all, the one of the package `node` still has to run.
      if (!nodeIsThere(root)) await npm(root, ['rebuild', 'node', '--ignore-scripts=false']);
      const lacking = missing(root);
      if (lacking !== undefined)
        throw new SetupError(`npm ci ended well, but ${lacking}. Remove node_modules and try again.`);
      writeFileSync(stampFile(root), `${JSON.stringify(stampOf(root))}\n`);
      say('packages installed');
    },
  );
}

/**
 * Why the packages must be installed, or undefined when they need not.
 * @param {string} root
 * @returns {string | undefined}
 */
export function whyInstall(root) {
  const stamp = readJson(stampFile(root));
  if (stamp === undefined) return installedByHand(root) ? undefined : 'not installed yet';
  const wanted = stampOf(root);
  if (stamp.lockfile !== wanted.lockfile) return installedByHand(root) ? undefined : 'the lockfile changed';
  if (stamp.platform !== wanted.platform) return `installed for ${stamp.platform}`;
  return missing(root);
}

/** Somebody ran npm: its own record of what it installed then says the same as the lockfile. */
function installedByHand(root) {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages;
  const present = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages;
  if (wanted === undefined || present === undefined) return false;
  const same = Object.entries(wanted).every(([path, { version, link, optional }]) => {
    if (!path.startsWith('node_modules/') || link) return true;
    return present[path] === undefined ? optional === true : present[path].version === version;
  });
  if (!same || missing(root) !== undefined) return false;
  writeFileSync(stampFile(root), `${JSON.stringify(stampOf(root))}\n`);
  return true;
}

/** What an installation that was cut short, or tampered with, lacks. */
function missing(root) {
  const present = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages;
  if (present === undefined) return 'the last installation did not finish';
  const gone = Object.keys(present).find(
    (path) => path.startsWith('node_modules/') && sizeOf(join(root, path, 'package.json')) === 0,
  );
  if (gone !== undefined) return `${gone} is incomplete`;
  return nodeIsThere(root) ? undefined : 'the program in node_modules/node is missing';
}

function nodeIsThere(root) {
  return sizeOf(join(root, 'node_modules', '.bin', 'node')) > 1_000_000;
}

function sizeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function stampFile(root) {
  return join(root, 'node_modules', '.overture-install.json');
}

function stampOf(root) {
  const lockfile = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  return { lockfile, platform: `${process.platform}-${process.arch}` };
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function npm(root, args) {
  // onnxruntime-node's script would fetch CUDA libraries, and fail the installation where their host is out
  // of reach.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
  delete env.NODE_ENV;
  return new Promise((resolve, reject) => {
    // Its standard output is our standard error: what the command prints later must stand alone.
    const child = spawn('npm', args, { cwd: root, env, stdio: ['ignore', 2, 2] });
    const still = setInterval(() => say('still installing'), 30_000);
    child.once('error', (error) => {
      clearInterval(still);
      reject(
        new SetupError(`npm must be installed beside Node, and could not be started: ${error.message}.`),
      );
    });
    child.once('exit', (code, signal) => {
      clearInterval(still);
      if (code === 0) resolve(undefined);
      else
        reject(
          new SetupError(
            `npm ${args[0]} failed (${signal ?? `exit code ${code}`}); its own words are above. With a registry of your own, check "npm config get registry"; behind a proxy, set HTTPS_PROXY.`,
          ),
        );
    });
  });
}
