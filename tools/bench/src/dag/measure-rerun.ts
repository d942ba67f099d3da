import { searchAttributes, taskQueues } from '@overture/contracts';
import { cacheFolder, openStack } from '@overture/stack';
import { Client, Connection } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Seconds of `trainInitiativeModel` on the sample corpus with the tiny base: of the first run, and of reruns
 * in which every stage is reused.
 */
export async function measureRerun(
  root: string,
  reruns: number,
): Promise<{ first: number; again: number[] }> {
  const home = await mkdtemp(join(tmpdir(), 'overture-bench-rerun-'));
  const env = {
    ...process.env,
    TEMPORAL_ADDRESS: undefined,
    DATABASE_URL: undefined,
    OVERTURE_MSDIALOG: undefined,
    OVERTURE_HOME: home,
  };
  const stack = await openStack({
    home,
    cacheDir: cacheFolder({ env: process.env, platform: process.platform, userHome: homedir() }),
    env,
    workerEntry: join(root, 'apps', 'worker', 'src', 'main.ts'),
    searchAttributes,
  });
  const connection = await Connection.connect({ address: stack.temporalAddress });
  const client = new Client({ connection });
  const input = {
    base: 'tiny',
    corpus: { uri: join(root, 'data', 'sample', 'helpdesk.jsonl') },
    training: { epochs: 1, maxLength: 64 },
  };
  const timed = async (): Promise<number> => {
    const from = performance.now();
    await client.workflow.execute('trainInitiativeModel', {
      taskQueue: taskQueues.light,
      workflowId: `bench-${randomUUID()}`,
      args: [input],
    });
    return (performance.now() - from) / 1000;
  };
  try {
    const first = await timed();
    const again: number[] = [];
    for (let i = 0; i < reruns; i++) again.push(await timed());
    return { first, again };
  } finally {
    await connection.close();
    await stack.close();
    await rm(home, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}
