import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, pipeline } from '@huggingface/transformers';
import { nextSystemTurn, type Conversation } from '@overture/dialogue';
import { renderExample } from '@overture/tokenization';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPredictor } from './predictor.ts';
import { conversations, tinyBundleContent } from './testing/tiny-bundle.ts';
import { writeBundle } from './write-bundle.ts';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'overture-transformers-'));
  Object.assign(env, { allowRemoteModels: false, useFSCache: false, localModelPath: scratch });
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

// The pipeline cuts long texts at their end, ours keeps the latest turns: they agree on what fits.
const fitting: readonly Conversation[] = conversations.slice(0, 2);

describe('a bundle in transformers.js', () => {
  it.each(['mean', 'cls'] as const)('opens as text-classification and scores as our predictor does (%s pooling)', async (pooling) => {
    const folder = join(scratch, pooling);
    await writeBundle(folder, await tinyBundleContent(scratch, { pooling, temperature: 1.3 }));
    await using predictor = await openPredictor(folder, { threads: 1 });
    const ours = await predictor.predictNext(fitting);
    const classify = await pipeline('text-classification', folder, { dtype: 'fp32', device: 'cpu' });
    const texts = fitting.map((conversation) => renderExample(nextSystemTurn(conversation, 'cikm23')));
    const theirs = (await classify(texts, { top_k: 2 })) as unknown as { label: string; score: number }[][];
    ours.forEach(({ probability, truncated }, i) => {
      expect(truncated).toBe(false);
      const scores = Object.fromEntries(theirs[i]!.map(({ label, score }) => [label, score]));
      expect(Object.keys(scores).sort()).toEqual(['INITIATIVE', 'NO_INITIATIVE']);
      expect(Math.abs(scores['INITIATIVE']! - probability)).toBeLessThan(1e-4);
    });
    await classify.dispose();
  });
});
