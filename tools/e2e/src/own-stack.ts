import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { cacheFolder, openStack, type Stack } from '@overture/stack';

/** The project folder. */
export const projectRoot = resolve(import.meta.dirname, '..', '..', '..');

/** A stack started for one test. */
export interface OwnStack extends AsyncDisposable {
  readonly home: string;
  readonly stack: Stack;
  readonly client: Client;
}

/** A whole stack with its own empty home, ended after the test; `env` is passed to the worker. */
export async function ownStack(env: Readonly<Record<string, string>> = {}): Promise<OwnStack> {
  const home = await mkdtemp(join(tmpdir(), 'overture-e2e-'));
  const machine = { platform: process.platform, env: process.env, userHome: homedir() };
  const stack = await openStack({
    home,
    cacheDir: cacheFolder(machine),
    // Use the sample, even on machines where MSDialog is available.
    env: {
      ...process.env,
      TEMPORAL_ADDRESS: undefined,
      DATABASE_URL: undefined,
      OVERTURE_MSDIALOG: undefined,
      ...env,
      OVERTURE_HOME: home,
    },
    workerEntry: join(projectRoot, 'apps', 'worker', 'src', 'main.ts'),
  });
  const connection = await Connection.connect({ address: stack.temporalAddress });
  return {
    home,
    stack,
    client: new Client({ connection, namespace: stack.namespace }),
    [Symbol.asyncDispose]: async () => {
      await connection.close();
      await stack.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
