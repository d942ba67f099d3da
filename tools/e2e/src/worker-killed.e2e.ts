import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { defaultPayloadConverter, type WorkflowHandle } from '@temporalio/client';
import type { TrainResult } from '@overture/contracts';
import { trainingStageProgress } from '@overture/contracts';
import { expect, it } from 'vitest';
import { ownStack, projectRoot, type OwnStack } from './own-stack.ts';

const input = {
  corpus: { uri: join(projectRoot, 'data', 'sample', 'helpdesk.jsonl') },
  base: 'tiny',
  training: { epochs: 12, learningRate: 1e-3, batchSize: 4, maxLength: 128 },
};

async function start({ client }: OwnStack): Promise<WorkflowHandle> {
  return client.workflow.start('trainInitiativeModel', {
    taskQueue: 'overture-light',
    workflowId: `e2e-${randomUUID()}`,
    args: [input],
  });
}

/** The training step in the last heartbeat of the running activity. */
async function trainingStep(handle: WorkflowHandle): Promise<number> {
  const { raw } = await handle.describe();
  const steps = (raw.pendingActivities ?? []).map(({ heartbeatDetails }) => {
    const payload = heartbeatDetails?.payloads?.[0];
    const progress = payload
      ? trainingStageProgress.safeParse(defaultPayloadConverter.fromPayload(payload))
      : undefined;
    return progress?.success ? (progress.data.training?.step ?? 0) : 0;
  });
  return Math.max(0, ...steps);
}

/** Process id of the worker that most recently started work, from its log. */
function workerPid({ stack }: OwnStack): number {
  const lines = readFileSync(join(stack.logsDir, 'worker.log'), 'utf8').split('\n');
  const ready = lines.filter((line) => line.includes('takes tasks')).at(-1);
  return (JSON.parse(ready ?? '{}') as { pid: number }).pid;
}

it('finishes with the digest of an undisturbed run after the worker was killed in the middle of fine-tuning', async () => {
  const undisturbed = await (async () => {
    await using own = await ownStack();
    return (await (await start(own)).result()) as TrainResult;
  })();

  // Few steps between checkpoints, so that the second worker resumes instead of starting over.
  await using own = await ownStack({ OVERTURE_CHECKPOINT_STEPS: '5' });
  const handle = await start(own);
  const killed: number[] = [];
  for (const step of [40, 200]) {
    while ((await trainingStep(handle)) < step) await sleep(100);
    const pid = workerPid(own);
    process.kill(pid, 'SIGKILL');
    killed.push(pid);
    while (workerPid(own) === pid) await sleep(200);
  }
  const disturbed = (await handle.result()) as TrainResult;

  expect(new Set([...killed, workerPid(own)]).size).toBe(3);
  expect(disturbed.model.digest).toBe(undisturbed.model.digest);
  expect(disturbed.report).toEqual(undisturbed.report);
});
