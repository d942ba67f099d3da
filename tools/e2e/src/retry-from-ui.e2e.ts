import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrainResult } from '@overture/contracts';
import type { RunState } from '@overture/protocol';
import { expect, it } from 'vitest';
import { openBrowser } from './browser.ts';
import { ownStack, projectRoot } from './own-stack.ts';
import { detailsFrame, sendUpdate, startWorkflow, waitForStatus } from './temporal-ui.ts';

const pictures = join(import.meta.dirname, '..', 'test-results');
const sample = join(projectRoot, 'data', 'sample', 'helpdesk.jsonl');

/** A folder that looks like MSDialog, so that the worker chooses it, but cannot be read as such. */
function brokenCorpus(): string {
  const folder = mkdtempSync(join(tmpdir(), 'overture-broken-'));
  for (const name of ['train.tsv', 'valid.tsv']) writeFileSync(join(folder, name), 'no dialogue\n');
  return folder;
}

it('lets a person mend a stage that fails from an empty input box: the details say what to paste, the Update goes on from there', async () => {
  mkdirSync(pictures, { recursive: true });
  const broken = brokenCorpus();
  await using own = await ownStack({ OVERTURE_MSDIALOG: broken });
  await using browser = await openBrowser();
  const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
  const ui = { url: own.stack.uiUrl as string, namespace: own.stack.namespace };
  const workflowId = await startWorkflow(page, ui, 'trainInitiativeModel');
  const handle = own.client.workflow.getHandle(workflowId);
  const state = (): Promise<RunState> => handle.query<RunState>('state');
  await expect.poll(async () => (await state().catch(() => undefined))?.status).toBe('parked');

  const details = await detailsFrame(page, ui, workflowId);
  await details.getByText('ingest has failed and waits for you').waitFor({ timeout: 300_000 });
  expect(await details.getByText(join(broken, 'train.tsv')).count()).toBeGreaterThan(0);
  const paste = await details.locator('code', { hasText: '"overrides"' }).first().textContent();
  expect(JSON.parse(paste ?? '')).toEqual({ stage: 'ingest', overrides: { uri: '…' } });
  // UPDATE_IMAGES=1 updates the image of the README.
  await page.screenshot({
    path: process.env['UPDATE_IMAGES']
      ? join(projectRoot, 'docs', 'images', 'temporal-ui-parked.png')
      : join(pictures, 'parked.png'),
  });

  const refused = await sendUpdate(page, ui, workflowId, {
    name: 'retryStage',
    json: '{"stage": "ingest", "overrides": {"uri": 7}}',
  });
  expect(refused).toContain(
    'With these overrides the input of ingest is wrong. uri must be text. Got 7 instead.',
  );
  await page.screenshot({ path: join(pictures, 'update-refused.png') });

  const corrected = (paste ?? '').replace('…', sample);
  expect(await sendUpdate(page, ui, workflowId, { name: 'retryStage', json: corrected })).toContain(
    'ingest runs again, its input changed.',
  );
  expect(await waitForStatus(page, ui, workflowId, ['Completed', 'Failed', 'Terminated'], 540_000)).toBe(
    'Completed',
  );
  await page.screenshot({ path: join(pictures, 'retried.png') });

  const result = (await handle.result()) as TrainResult;
  expect(result.corpus).toMatchObject({ uri: expect.stringContaining('helpdesk.jsonl') });
  const { stages } = await state();
  expect(stages.map(({ id, status, attempt }) => `${id} ${status} ${attempt}`)).toEqual([
    'ingest done 2',
    'fetchBase done 1',
    'tokenize done 1',
    'computeFloors done 1',
    'fineTune done 1',
    'evaluate done 1',
    'register done 1',
  ]);
  expect(stages[0]?.overrides).toEqual({ uri: sample });
});
