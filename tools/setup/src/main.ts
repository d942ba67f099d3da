/**
 * Run by bootstrap.mjs under the project's Node: downloads everything that npm does not provide. Prints its
 * results to standard output as one JSON object.
 */
import { homedir } from 'node:os';
import { toAppError } from '@overture/core';
import { cacheFolder } from '@overture/stack';
import { progressLine } from './progress-line.ts';
import { provision } from './provision.ts';

const { env, platform, arch, stderr } = process;
const cacheDir = cacheFolder({ env, platform, userHome: homedir() });
const show = progressLine({
  write: (text) => stderr.write(text),
  live: stderr.isTTY === true && !env['CI'],
  now: () => performance.now(),
});

try {
  const provisioned = await provision({
    env,
    cacheDir,
    platform: `${platform}-${arch}`,
    userHome: homedir(),
    show,
  });
  process.stdout.write(`${JSON.stringify(provisioned)}\n`);
} catch (error) {
  show.line(toAppError(error).message);
  process.exitCode = 1;
}
