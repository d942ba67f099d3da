import { openFilesystemStore } from '@overture/artifacts';
import { artifact } from '@overture/protocol';
import type { RunId } from '@overture/core';
import { openRegistry } from '@overture/registry';
import { emptyDatabase } from '@overture/registry/testing';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { runTopicReport } from './topic-report.ts';

it('reports the topics of a folder, and at night only what is new', async () => {
  const root = await mkdtemp(join(tmpdir(), 'topic-report-'));
  await writeFile(join(root, 'garden.txt'), 'Roses want water. Roses want light, and the garden wants time.');
  await writeFile(join(root, 'harbour.txt'), 'Ships want wind. The harbour wants ships, and ships want time.');
  await using registry = await openRegistry({ databaseUrl: await emptyDatabase() });
  const artifacts = await openFilesystemStore({ root: join(root, 'store') });
  const services = { registry, artifacts, settings: { root }, stateDir: root, logger: { info: () => undefined, warn: () => undefined }, now: () => performance.now() };
  const night = async (name: string) => {
    const run = `${name}/1` as RunId;
    await registry.startRun({ run, workflowId: name, pipeline: 'topicReport', input: {} });
    return runTopicReport({ terms: 1 }, { services, run });
  };

  const first = await night('monday');
  expect(first.ran).toEqual(['readTexts', 'weighTerms', 'writeReport']);
  const { report, count } = z.object({ report: artifact('report'), count: z.int() }).parse(first.result);
  expect(count).toBe(2);
  expect(new TextDecoder().decode(await artifacts.readBytes(report))).toBe('# Topics\n\n* garden.txt: roses\n* harbour.txt: ships\n');

  const second = await night('tuesday');
  expect(second).toEqual({ result: first.result, ran: [] });

  await writeFile(join(root, 'kitchen.txt'), 'Bread wants flour, and bread wants heat.');
  expect((await night('wednesday')).ran).toEqual(['readTexts', 'weighTerms', 'writeReport']);
  expect((await registry.getRun('wednesday')).metrics).toMatchObject([{ scope: 'texts', name: 'words', value: 29 }]);
  await rm(root, { recursive: true, force: true });
});
