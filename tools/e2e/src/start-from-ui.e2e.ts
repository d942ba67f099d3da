import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBrowser } from './browser.ts';
import { ownStack, type OwnStack } from './own-stack.ts';
import { startWorkflow, waitForStatus } from './temporal-ui.ts';

const pictures = join(import.meta.dirname, '..', 'test-results');
const closed = ['Completed', 'Failed', 'Canceled', 'Terminated', 'Timed Out'];
let own: OwnStack;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  [own, browser] = await Promise.all([ownStack(), openBrowser()]);
  page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
});
afterAll(async () => {
  await browser?.close();
  await own?.[Symbol.asyncDispose]();
});

function ui(): { url: string; namespace: string } {
  return { url: own.stack.uiUrl as string, namespace: own.stack.namespace };
}

it('trains and registers a model from an input box that holds {}', async () => {
  const workflowId = await startWorkflow(page, ui(), 'trainInitiativeModel', '{}');
  expect(await waitForStatus(page, ui(), workflowId, closed, 540_000)).toBe('Completed');
  const result = (await own.client.workflow.getHandle(workflowId).result()) as {
    model: { name: string };
    report: { macroF1: number };
  };
  expect(result.model.name).toBe('initiative');
  expect(result.report.macroF1).toBeGreaterThan(0.3);

  await page.screenshot({ path: join(pictures, 'completed.png') });
  await page.goto(page.url().replace('/timeline', '/user-metadata'));
  // The UI shows a workflow's own details in a frame.
  const details = page.frameLocator('iframe').last();
  await details.getByText('fineTune').first().waitFor({ timeout: 300_000 });
  await page.screenshot({ path: join(pictures, 'state-of-stages.png') });
  for (const stage of ['ingest', 'tokenize', 'fineTune', 'evaluate', 'register'])
    expect(await details.getByText(stage).count(), stage).toBeGreaterThan(0);
});

it.each([
  ['unknown-key', '{"training": {"epoch": 2}}', /epoch/],
  [
    'missing-corpus',
    '{"corpus": {"uri": "/nowhere/dialogues.jsonl"}, "onStageFailure": "fail"}',
    /\/nowhere\/dialogues\.jsonl/,
  ],
])('shows why a run failed: %s', async (name, json, message) => {
  const workflowId = await startWorkflow(page, ui(), 'trainInitiativeModel', json);
  expect(await waitForStatus(page, ui(), workflowId, closed, 120_000)).toBe('Failed');
  await page.getByText(message).first().waitFor({ timeout: 300_000 });
  await page.screenshot({ path: join(pictures, `${name}.png`) });
});
