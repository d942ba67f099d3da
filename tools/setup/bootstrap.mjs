#!/usr/bin/env node
/**
 * Makes a clone ready and then runs a command with the project's own Node first on PATH:
 *
 *     node tools/setup/bootstrap.mjs [-- command arguments…]
 *
 * Runs on Node ≥ 20 and imports nothing that npm installs. All it says goes to standard error.
 */
import { checkMachine } from './bootstrap/check-machine.mjs';
import { installPackages } from './bootstrap/install-packages.mjs';
import { provision } from './bootstrap/provision.mjs';
import { runCommand } from './bootstrap/run-command.mjs';
import { SetupError, root, say } from './bootstrap/setup-error.mjs';

try {
  const separator = process.argv.indexOf('--');
  const command = separator === -1 ? [] : process.argv.slice(separator + 1);
  checkMachine(process);
  await installPackages(root);
  await provision(root, process.env);
  if (command.length > 0) await runCommand(root, command, process.env);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
