import { openSqliteRegistry } from '@overture/registry/sqlite';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runTopicReport } from './topic-report.ts';

it('reports the topics of a folder, and runs again only if a text has changed', async () => {
  const root = await mkdtemp(join(tmpdir(), 'topic-report-'));
  const results = join(root, 'results');
  await writeFile(join(root, 'garden.txt'), 'Roses want water. Roses want light, and the garden wants time.');
  await writeFile(join(root, 'harbor.txt'), 'Ships want wind. The harbor wants ships, and ships want time.');

  const first = await runTopicReport({ terms: 1 }, { root, results });
  expect(first.ran).toEqual(['readTexts', 'weighTerms', 'writeReport']);
  expect(first.result.count).toBe(2);
  expect(new TextDecoder().decode(await first.artifacts.readBytes(first.result.report))).toBe(
    '# Topics\n\n* garden.txt: roses\n* harbor.txt: ships\n',
  );

  expect(await runTopicReport({ terms: 1 }, { root, results })).toMatchObject({
    result: first.result,
    ran: [],
    reused: first.ran,
  });

  await writeFile(join(root, 'kitchen.txt'), 'Bread wants flour, and bread wants heat.');
  const third = await runTopicReport({ terms: 1 }, { root, results });
  expect(third.ran).toEqual(first.ran);
  await using registry = await openSqliteRegistry({ file: join(results, 'registry.sqlite') });
  expect((await registry.getRun(third.run)).metrics).toMatchObject([
    { scope: 'texts', name: 'words', value: 29 },
  ]);
  await rm(root, { recursive: true, force: true });
});
