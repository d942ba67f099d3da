import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { outsideApp } from '@overture/publish/outside-app';
import type { RunState } from '@overture/protocol';
import { expect, it } from 'vitest';
import { openBrowser } from './browser.ts';
import { ownStack } from './own-stack.ts';
import { resetWorkflow, sendUpdate, startWorkflow, waitForStatus } from './temporal-ui.ts';

const pictures = join(import.meta.dirname, '..', 'test-results');

it('lets a person reset a run of another application, which shares the server with Overture, and goes on', async () => {
  mkdirSync(pictures, { recursive: true });
  await using own = await ownStack();
  using app = outsideApp('reading-list');
  await using _worker = await app.startWorker({ TEMPORAL_ADDRESS: own.stack.temporalAddress });
  await using browser = await openBrowser();
  const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
  const ui = { url: own.stack.uiUrl as string, namespace: own.stack.namespace };
  const workflowId = await startWorkflow(page, ui, 'readingList', '{"folder": "texts"}', 'reading-light');
  const state = (): Promise<RunState | undefined> =>
    own.client.workflow
      .getHandle(workflowId)
      .query<RunState>('state')
      .catch(() => undefined);
  await expect.poll(async () => (await state())?.status).toBe('asking');
  const before = await state();

  const execution = await resetWorkflow(page, ui, workflowId, { point: 3, reason: 'once more' });
  await page.screenshot({ path: join(pictures, 'reset.png') });
  expect((await own.client.workflow.getHandle(workflowId).describe()).runId).toBe(execution);
  await expect.poll(async () => (await state())?.status).toBe('asking');
  const after = await state();
  expect(after?.run).toBe(before?.run);
  expect(
    await sendUpdate(page, ui, workflowId, {
      name: 'decideGate',
      json: '{"gate": "approve", "approve": true, "by": "Ada", "reason": "fine"}',
    }),
  ).toContain('approve is approved.');
  expect(await waitForStatus(page, ui, workflowId, ['Completed', 'Failed', 'Terminated'], 540_000)).toBe(
    'Completed',
  );
  expect(await own.client.workflow.getHandle(workflowId).result()).toMatchObject({
    words: [7, 3],
    decidedBy: 'Ada',
  });
});
