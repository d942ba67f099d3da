import { Client, Connection } from '@temporalio/client';
import { decideGateUpdate, retryStageUpdate, stateQuery } from '@overture/durable';
import type { RunState } from '@overture/protocol';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type {} from '@overture/durable/testing/provided-context';
import { outsideApp, type OutsideApp } from './outside-app.ts';
import { root } from './published-packages.ts';

let app: OutsideApp;
let connection: Connection;
let client: Client;
beforeAll(async () => {
  app = outsideApp('reading-list');
  connection = await Connection.connect({ address: inject('temporalAddress') });
  client = new Client({ connection });
});
afterAll(async () => {
  await connection.close();
  app[Symbol.dispose]();
});

describe('the example application from tarballs', () => {
  it('is the program of the README of libs/durable', () => {
    const readme = readFileSync(join(root, 'libs', 'durable', 'README.md'), 'utf8');
    const shown = [...readme.matchAll(/^`(\w+\.ts)`[^\n]*\n\n```ts\n([\s\S]*?)```/gm)].map(
      ([, name, text]) => [name, text],
    );
    expect(shown.map(([name]) => name)).toEqual([
      'application.ts',
      'contracts.ts',
      'pipeline.ts',
      'workflows.ts',
      'stages.ts',
      'worker.ts',
      'start.ts',
    ]);
    for (const [name, text] of shown)
      expect(text, name).toBe(readFileSync(join(root, 'examples', 'reading-list', name as string), 'utf8'));
  });

  it('type-checks', () => expect(() => app.typecheck()).not.toThrow());

  it('runs with a worker of its own: a map on its own queue, a gate, a retry with changed input, reuse', async () => {
    await using _worker = await app.startWorker({ TEMPORAL_ADDRESS: inject('temporalAddress') });
    const start = (workflowId: string, folder: string) =>
      client.workflow.start('readingList', { taskQueue: 'reading-light', workflowId, args: [{ folder }] });
    const statusOf = (state: RunState): string[] =>
      state.stages.map(({ id, status, reused }) => `${id} ${status}${reused === true ? ' (reused)' : ''}`);

    const first = await start('reading-first', 'nowhere');
    await expect.poll(async () => (await first.query(stateQuery)).status).toBe('parked');
    const [failed] = (await first.query(stateQuery)).stages;
    expect(failed).toMatchObject({
      id: 'listTexts',
      errorCode: 'FOLDER_UNREADABLE',
      error: expect.stringContaining('The folder of texts must be readable') as string,
    });
    await first.executeUpdate(retryStageUpdate, {
      args: [{ stage: 'listTexts', overrides: { folder: 'texts' } }],
    });
    await expect.poll(async () => (await first.query(stateQuery)).status).toBe('asking');
    expect((await first.describe()).searchAttributes).toMatchObject({
      ReadingStatus: ['asking'],
      ReadingFolder: ['nowhere'],
    });
    await first.executeUpdate(decideGateUpdate, { args: [{ gate: 'approve', approve: true, by: 'Ada' }] });
    // The list goes to the folder of the input, which does not exist.
    await expect.poll(async () => (await first.query(stateQuery)).status).toBe('parked');
    await first.executeUpdate(retryStageUpdate, {
      args: [{ stage: 'writeList', overrides: { folder: 'texts' } }],
    });
    expect(await first.result()).toMatchObject({
      words: [7, 3],
      decidedBy: 'Ada',
      file: expect.stringContaining('reading-list.md') as string,
    });
    expect(readFileSync(join(app.folder, 'texts', 'reading-list.md'), 'utf8')).toBe(
      '* garden.txt: 7 words\n* harbor.txt: 3 words\n',
    );

    const second = await start('reading-second', 'texts');
    await expect.poll(async () => (await second.query(stateQuery)).status).toBe('asking');
    expect(statusOf(await second.query(stateQuery))).toEqual([
      'listTexts done (reused)',
      'countWords done',
      'countWords[0] done (reused)',
      'countWords[1] done (reused)',
      'approve asking',
      'writeList waiting',
    ]);
    await second.executeUpdate(decideGateUpdate, { args: [{ gate: 'approve', approve: false }] });
    expect(await second.result()).toMatchObject({ words: [7, 3] });
    expect(statusOf(await second.query(stateQuery)).at(-1)).toBe('writeList skipped');
    const { events } = await second.fetchHistory();
    const queues = (events ?? []).flatMap(
      (event) => event.activityTaskScheduledEventAttributes?.taskQueue?.name ?? [],
    );
    expect([...new Set(queues)]).toEqual(['reading-heavy']);
  });
});
