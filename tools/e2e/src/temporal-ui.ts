import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';

/** Starts a workflow as a person does: fills in the form, types the JSON if there is any, presses the button. */
export async function startWorkflow(page: Page, ui: { url: string; namespace: string }, workflowType: string, json = ''): Promise<string> {
  const workflowId = `e2e-${randomUUID()}`;
  await page.goto(`${ui.url}/namespaces/${ui.namespace}/workflows/start-workflow`);
  await page.getByTestId('workflowId').fill(workflowId);
  await page.getByTestId('taskQueue').fill('overture-light');
  await page.getByTestId('workflowType').fill(workflowType);
  if (json !== '') {
    await page.locator('.cm-content').first().click();
    await page.keyboard.insertText(json);
  }
  // On leaving the box the UI formats its text, which moves the button away from under the pointer: leave it first.
  await page.getByTestId('workflowType').click();
  const [response] = await Promise.all([
    page.waitForResponse((answer) => answer.request().method() === 'POST' && answer.url().includes(workflowId)),
    page.getByRole('button', { name: 'Start Workflow', exact: true }).click(),
  ]);
  if (!response.ok()) throw new Error(`The server refused to start ${workflowId}: ${response.status()} ${await response.text()}`);
  return workflowId;
}

/** Opens a workflow's page and waits until the UI shows one of the states. */
export async function waitForStatus(page: Page, ui: { url: string; namespace: string }, workflowId: string, statuses: readonly string[], timeoutMs: number): Promise<string> {
  await page.goto(`${ui.url}/namespaces/${ui.namespace}/workflows/${workflowId}`);
  const badge = page.getByTestId('execution-status').first();
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const text = ((await badge.textContent({ timeout: 30_000 })) ?? '').trim();
    if (statuses.includes(text)) return text;
    if (performance.now() > deadline) throw new Error(`${workflowId} shows "${text}" after ${timeoutMs / 1000} s; expected one of ${statuses.join(', ')}.`);
    await page.waitForTimeout(2000);
  }
}
