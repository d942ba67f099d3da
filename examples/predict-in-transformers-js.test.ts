import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveTagSet } from '@overture/dialogue';
import { writeBundle } from '@overture/inference';
import { createTinyBase, parseNetwork, parseWeights, sequenceClassifier } from '@overture/models';
import { afterAll, beforeAll, expect, it } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-example-'));
  const base = await createTinyBase({
    texts: ['turn 1', 'user: My printer does not work.'],
    to: join(folder, 'base'),
    seed: 0,
  });
  const model = sequenceClassifier(parseNetwork(await readFile(base.files.config, 'utf8')), { classes: 2 });
  await writeBundle(join(folder, 'model'), {
    name: 'example',
    base,
    model,
    pooling: 'mean',
    maxLength: 64,
    threshold: 0.5,
    temperature: 1,
    protocol: 'cikm23',
    tagSet: resolveTagSet('cikm23-5'),
    weights: parseWeights(await readFile(base.files.weights), model, { where: 'base', seed: 0 }),
    tokenizer: await readFile(base.files.tokenizer),
    training: { settings: {}, measured: {} },
    int8: {
      validation: {
        sequences: [
          [2, 5, 3],
          [2, 6, 3],
        ],
        labels: [0, 1],
      },
      largestDrop: 1,
    },
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('gives the probability of Overture, in int8 nearly', () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'predict-in-transformers-js.ts'), join(folder, 'model')],
    { encoding: 'utf8' },
  );
  expect(status, stderr).toBe(0);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+/));
  expect(lines.map(([who, , dtype]) => [who, dtype])).toEqual([
    ['overture', undefined],
    ['transformers.js', 'fp32'],
    ['transformers.js', 'q8'],
  ]);
  const [ours, exact, rough] = lines.map(([, probability]) => Number(probability)) as [
    number,
    number,
    number,
  ];
  expect(Math.abs(exact - ours)).toBeLessThan(1e-4);
  expect(Math.abs(rough - ours)).toBeLessThan(0.05);
});
