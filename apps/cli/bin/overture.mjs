#!/usr/bin/env node
// The command line needs the Node that this project brings along (it runs TypeScript as it is). Started by an
// older one, as `npx overture` may be, it starts itself again under that Node.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const wantedMajor = 24;

if (Number.parseInt(process.versions.node, 10) >= wantedMajor) {
  await import('../src/main.ts');
} else {
  startAgain(fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url)));
}

function startAgain(node) {
  if (!existsSync(node)) {
    process.stderr.write(
      'overture: the packages are not installed yet. Run: node tools/setup/bootstrap.mjs\n',
    );
    process.exitCode = 5;
    return;
  }
  // The variable makes the second process end when this one is killed outright, which forwards no signal.
  const env = { ...process.env, OVERTURE_DIE_WITH_PARENT: '1' };
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env,
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'])
    process.on(signal, () => child.kill(signal));
  child.once('error', (error) => {
    process.stderr.write(
      `overture: ${node} could not be started: ${error.message}. Run: node tools/setup/bootstrap.mjs\n`,
    );
    process.exitCode = 5;
  });
  child.once('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === 'SIGINT' ? 2 : signal === 'SIGKILL' ? 9 : 15);
  });
}
