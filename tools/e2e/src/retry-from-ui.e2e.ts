import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RunState, TrainResult } from '@overture/contracts';
import { expect, it } from 'vitest';
import { openBrowser } from './browser.ts';
import { ownStack, projectRoot } from './own-stack.ts';
import { detailsFrame, sendUpdate, startWorkflow, waitForStatus } from './temporal-ui.ts';

const pictures = join(import.meta.dirname, '..', 'test-results');
const sample = join(projectRoot, 'data', 'sample', 'helpdesk.jsonl');
const input = { corpus: { uri: '/nowhere/dialogues.jsonl' }, base: 'tiny', training: { epochs: 1, maxLength: 64 } };

it('lets a person mend a failed stage: the details say what to paste, the Update goes on from there', async () => {
  mkdirSync(pictures, { recursive: true });
  await using own = await ownStack();
  await using browser = await openBrowser();
  const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
  const ui = { url: own.stack.uiUrl as string, namespace: own.stack.namespace };
  const workflowId = await startWorkflow(page, ui, 'trainInitiativeModel', JSON.stringify(input));
  const handle = own.client.workflow.getHandle(workflowId);
  const state = (): Promise<RunState> => handle.query<RunState>('state');
  await expect.poll(async () => (await state().catch(() => undefined))?.status, { timeout: 120_000 }).toBe('parked');

  const details = await detailsFrame(page, ui, workflowId);
  await details.getByText('ingest has failed and waits for you').waitFor({ timeout: 30_000 });
  expect(await details.getByText('/nowhere/dialogues.jsonl').count()).toBeGreaterThan(0);
  const paste = await details.locator('code', { hasText: '"overrides"' }).first().textContent();
  expect(JSON.parse(paste ?? '')).toEqual({ stage: 'ingest', overrides: { uri: input.corpus.uri } });
  await page.screenshot({ path: join(pictures, 'parked.png') });

  const refused = await sendUpdate(page, ui, workflowId, { name: 'retryStage', json: '{"stage": "ingest", "overrides": {"uri": 7}}' });
  expect(refused).toContain('With these overrides the input of ingest is wrong. uri must be text. Got 7 instead.');
  await page.screenshot({ path: join(pictures, 'update-refused.png') });

  const corrected = (paste ?? '').replace(input.corpus.uri, sample);
  expect(await sendUpdate(page, ui, workflowId, { name: 'retryStage', json: corrected })).toContain('ingest runs again, its input changed.');
  expect(await waitForStatus(page, ui, workflowId, ['Completed', 'Failed', 'Terminated'], 400_000)).toBe('Completed');
  await page.screenshot({ path: join(pictures, 'retried.png') });

  const result = (await handle.result()) as TrainResult;
  expect(result.corpus).toMatchObject({ uri: expect.stringContaining('helpdesk.jsonl') });
  const { stages } = await state();
  expect(stages.map(({ id, status, attempt }) => `${id} ${status} ${attempt}`)).toEqual([
    'ingest done 2', 'createTinyBase done 1', 'tokenize done 1', 'computeFloors done 1', 'fineTune done 1', 'evaluate done 1', 'register done 1',
  ]);
  expect(stages[0]?.overrides).toEqual({ uri: sample });
});
