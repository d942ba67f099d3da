import { randomUUID } from 'node:crypto';
import type { FrameLocator, Page } from 'playwright-core';

/**
 * Starts a workflow as a user does: fills in the form, types the JSON if there is any, and clicks the button.
 */
export async function startWorkflow(
  page: Page,
  ui: { url: string; namespace: string },
  workflowType: string,
  json = '',
  taskQueue = 'overture-light',
): Promise<string> {
  const workflowId = `e2e-${randomUUID()}`;
  await page.goto(`${ui.url}/namespaces/${ui.namespace}/workflows/start-workflow`);
  await page.getByTestId('workflowId').fill(workflowId);
  await page.getByTestId('taskQueue').fill(taskQueue);
  await page.getByTestId('workflowType').fill(workflowType);
  if (json !== '') {
    await page.locator('.cm-content').first().click();
    await page.keyboard.insertText(json);
  }
  // When the text box loses focus, the UI formats its text, which moves the button away from the pointer.
  // Leave the box first.
  await page.getByTestId('workflowType').click();
  const [response] = await Promise.all([
    page.waitForResponse(
      (answer) => answer.request().method() === 'POST' && answer.url().includes(workflowId),
    ),
    page.getByRole('button', { name: 'Start Workflow', exact: true }).click(),
  ]);
  if (!response.ok())
    throw new Error(
      `The server refused to start ${workflowId}: ${response.status()} ${await response.text()}`,
    );
  return workflowId;
}

/** Opens a workflow's page and waits until the UI shows one of the states. */
export async function waitForStatus(
  page: Page,
  ui: { url: string; namespace: string },
  workflowId: string,
  statuses: readonly string[],
  timeoutMs: number,
): Promise<string> {
  await page.goto(`${ui.url}/namespaces/${ui.namespace}/workflows/${workflowId}`);
  const badge = page.getByTestId('execution-status').first();
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const text = ((await badge.textContent({ timeout: 30_000 })) ?? '').trim();
    if (statuses.includes(text)) return text;
    if (performance.now() > deadline)
      throw new Error(
        `${workflowId} shows "${text}" after ${timeoutMs / 1000} s; expected one of ${statuses.join(', ')}.`,
      );
    await page.waitForTimeout(2000);
  }
}

/** The frame in which the UI shows a workflow's own details, under *User Metadata*. */
export async function detailsFrame(
  page: Page,
  ui: { url: string; namespace: string },
  workflowId: string,
): Promise<FrameLocator> {
  await page.goto(`${ui.url}/namespaces/${ui.namespace}/workflows/${workflowId}`);
  await page.getByText('User Metadata').first().click({ timeout: 60_000 });
  await page.locator('iframe').last().waitFor({ timeout: 60_000 });
  return page.frameLocator('iframe').last();
}

/**
 * Sends an Update as a user does.
 * @returns the UI's message: the response, or why the Update was rejected
 */
export async function sendUpdate(
  page: Page,
  ui: { url: string; namespace: string },
  workflowId: string,
  { name, json }: { name: string; json: string },
): Promise<string> {
  await page.goto(`${ui.url}/namespaces/${ui.namespace}/workflows/${workflowId}`);
  await page.getByRole('button', { name: 'More Actions' }).click({ timeout: 60_000 });
  await page.getByRole('menuitem', { name: 'Send an Update' }).click();
  const dialog = page.getByRole('dialog').last();
  await dialog.getByTestId('update-select-button').click();
  await page.getByRole('option', { name }).click();
  await dialog.locator('.cm-content').first().click();
  await page.keyboard.insertText(json);
  // As above: the UI formats the text when the box loses focus, and moves the button.
  await dialog.getByTestId('update-id').click();
  const [response] = await Promise.all([
    page.waitForResponse(
      (answer) => answer.request().method() === 'POST' && /\/update\b/.test(answer.url()),
      { timeout: 60_000 },
    ),
    dialog.getByTestId('confirm-modal-button').click(),
  ]);
  const { outcome } = (await response.json()) as {
    outcome: { failure?: { message: string }; success?: { payloads: { data: string }[] } };
  };
  return (
    outcome.failure?.message ?? Buffer.from(outcome.success?.payloads[0]?.data ?? '', 'base64').toString()
  );
}

/**
 * Resets a workflow as a user does.
 * @param point the place in the list of points that the UI offers, from 0
 * @returns Temporal's id of the new execution
 */
export async function resetWorkflow(
  page: Page,
  ui: { url: string; namespace: string },
  workflowId: string,
  { point, reason }: { readonly point: number; readonly reason: string },
): Promise<string> {
  await page.goto(`${ui.url}/namespaces/${ui.namespace}/workflows/${workflowId}`);
  await page.getByRole('button', { name: 'More Actions' }).click({ timeout: 60_000 });
  await page.getByRole('menuitem', { name: 'Reset', exact: true }).click();
  const dialog = page.getByRole('dialog').last();
  await dialog.getByTestId('workflow-reset-event-id-select-button').click();
  await dialog.getByRole('option').nth(point).click();
  await dialog.getByPlaceholder('Enter a reason').fill(reason);
  const [response] = await Promise.all([
    page.waitForResponse((answer) => answer.request().method() === 'POST' && /\/reset\b/.test(answer.url()), {
      timeout: 60_000,
    }),
    dialog.getByRole('button', { name: 'Confirm' }).click(),
  ]);
  if (!response.ok())
    throw new Error(
      `The server refused to reset ${workflowId}: ${response.status()} ${await response.text()}`,
    );
  return ((await response.json()) as { runId: string }).runId;
}
