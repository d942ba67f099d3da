import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, pipeline } from '@huggingface/transformers';
import { nextSystemTurn, type Conversation } from '@overture/dialogue';
import { renderExample } from '@overture/tokenization';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPredictor } from './predictor.ts';
import { conversations, tinyBundleContent, validationExamples } from './testing/tiny-bundle.ts';
import { writeBundle } from './write-bundle.ts';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'overture-transformers-'));
  Object.assign(env, { allowRemoteModels: false, useFSCache: false, localModelPath: scratch });
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

// The pipeline cuts long texts at their end, ours keeps the latest turns: they agree on what fits.
const fitting: readonly Conversation[] = conversations.slice(0, 2);

async function theirScores(folder: string, dtype: 'fp32' | 'q8'): Promise<number[]> {
  const classify = await pipeline('text-classification', folder, { dtype, device: 'cpu' });
  const scores: number[] = [];
  for (const conversation of fitting) {
    // one at a time: in int8 what shares a batch shares a scale
    const answer = (await classify([renderExample(nextSystemTurn(conversation, 'cikm23'))], { top_k: 2 })) as unknown as { label: string; score: number }[][];
    const byLabel = Object.fromEntries(answer[0]!.map(({ label, score }) => [label, score]));
    expect(Object.keys(byLabel).sort()).toEqual(['INITIATIVE', 'NO_INITIATIVE']);
    scores.push(byLabel['INITIATIVE']!);
  }
  await classify.dispose();
  return scores;
}

describe('a bundle in transformers.js', () => {
  it.each(['mean', 'cls'] as const)('opens as text-classification and scores as our predictor does (%s pooling)', async (pooling) => {
    const folder = join(scratch, pooling);
    await writeBundle(folder, await tinyBundleContent(scratch, { pooling, temperature: 1.3 }));
    await using predictor = await openPredictor(folder, { threads: 1 });
    const ours = await predictor.predictNext(fitting);
    expect(ours.map(({ truncated }) => truncated)).toEqual([false, false]);
    const theirs = await theirScores(folder, 'fp32');
    ours.forEach(({ probability }, i) => expect(Math.abs(theirs[i]! - probability)).toBeLessThan(1e-4));
  });

  it('opens in int8 as dtype q8', async () => {
    const folder = join(scratch, 'int8');
    const content = await tinyBundleContent(scratch);
    const manifest = await writeBundle(folder, { ...content, int8: { validation: validationExamples, largestDrop: 1 } });
    expect(manifest.int8).toMatchObject({ kept: true, examples: validationExamples.labels.length });
    await using rough = await openPredictor(folder, { threads: 1, precision: 'int8' });
    await using exact = await openPredictor(folder, { threads: 1 });
    const [ours, wanted, theirs] = [await rough.predictNext(fitting), await exact.predictNext(fitting), await theirScores(folder, 'q8')];
    ours.forEach(({ probability }, i) => {
      expect(Math.abs(theirs[i]! - probability)).toBeLessThan(1e-4);
      expect(probability).not.toBe(wanted[i]!.probability);
      expect(Math.abs(wanted[i]!.probability - probability)).toBeLessThan(0.1);
    });
  });
});
