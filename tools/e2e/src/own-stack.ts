import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { cacheFolder, openStack, type Stack } from '@overture/stack';

/** The project's folder. */
export const projectRoot = resolve(import.meta.dirname, '..', '..', '..');

export interface OwnStack extends AsyncDisposable {
  readonly home: string;
  readonly stack: Stack;
  readonly client: Client;
}

/** A whole stack with an empty home of its own, gone when the test ends; `env` reaches the worker. */
export async function ownStack(env: Readonly<Record<string, string>> = {}): Promise<OwnStack> {
  const home = await mkdtemp(join(tmpdir(), 'overture-e2e-'));
  const machine = { platform: process.platform, env: process.env, userHome: homedir() };
  const stack = await openStack({
    home,
    cacheDir: cacheFolder(machine),
    // The sample, also on machines where MSDialog is at hand.
    env: { ...process.env, TEMPORAL_ADDRESS: undefined, DATABASE_URL: undefined, OVERTURE_MSDIALOG: undefined, ...env, OVERTURE_HOME: home },
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
