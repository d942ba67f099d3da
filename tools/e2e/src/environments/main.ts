import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestPostgres } from '@overture/registry/testing';
import { containerEnvironments } from './containers.ts';
import { databaseEnvironments } from './databases.ts';
import type { Environment, Verdict } from './environment.ts';
import { run } from './overture-command.ts';
import { pathEnvironments } from './paths.ts';

// npm run environments [-- part of a name]: tries each environment for real and prints a line for it.
const [wanted = ''] = process.argv.slice(2);

async function verdictOn({ tryIt }: Environment): Promise<Verdict> {
  const folder = await mkdtemp(join(tmpdir(), 'overture-environment-'));
  await chmod(folder, 0o755);
  try {
    return await tryIt(folder);
  } catch (error) {
    return { kind: 'WRONG', message: String(error) };
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Mounts and other users need root on Linux. */
const privileged =
  process.getuid?.() === 0 &&
  (await run(['unshare', '--mount', 'true']).then(
    ({ code }) => code === 0,
    () => false,
  ));
await using server = await startTestPostgres();
const needsRoot = containerEnvironments(server);
const all = [...databaseEnvironments(server), ...pathEnvironments, ...needsRoot];
let wrong = 0;
for (const environment of all.filter(({ name }) => name.includes(wanted))) {
  const skipped = needsRoot.includes(environment) && !privileged;
  const { kind, message } = skipped
    ? { kind: 'skipped' as const, message: 'needs root and mount namespaces' }
    : await verdictOn(environment);
  if (kind === 'WRONG') wrong++;
  console.log(`${kind.padEnd(15)}  ${environment.name}: ${message}`);
}
process.exitCode = wrong === 0 ? 0 : 1;
