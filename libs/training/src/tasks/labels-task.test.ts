import { counterRandom, digestOf } from '@overture/core';
import { encodeWeights, loadWeights, multiLabelClassifier } from '@overture/models';
import { openRuntime } from '@overture/runtime';
import { idsOf } from '@overture/tokenization';
import { describe, expect, it } from 'vitest';
import { positiveWeights } from '../class-weights.ts';
import type { FineTuneJob } from '../fine-tune-job.ts';
import { checkJob } from '../check-job.ts';
import { jobDigest } from '../job-digest.ts';
import { fineTune } from '../fine-tune.ts';
import type { FineTuned } from '../fine-tune-options.ts';
import { interruptedAt } from '../testing/interrupted-at.ts';
import { tinyJob } from '../testing/tiny-job.ts';
import { labelScores } from '../validation.ts';

const base = { runtime: openRuntime({ threads: 1 }), now: () => 0 };
const digest = ({ weights }: FineTuned): string => digestOf(encodeWeights(weights));

/** Three labels: the text begins with token 5; it contains token 7; random. */
function labelsJob(config: Record<string, unknown> = {}): FineTuneJob {
  const job = tinyJob({ loss: 'binaryCrossEntropy', ...config });
  const model = multiLabelClassifier(job.model.network, { labels: 3 });
  const flags = Uint8Array.from(
    job.tokens.exampleIds.flatMap((_, i) => {
      const ids = idsOf(job.tokens, i);
      return [
        Number(ids[0] === 5),
        Number(ids.includes(7)),
        Number(counterRandom(8, 'coin').uniform(i) < 0.5),
      ];
    }),
  );
  const pretrained = new Map([...job.weights].filter(([name]) => name.startsWith('bert.')));
  return {
    ...job,
    model,
    tokens: { ...job.tokens, flags },
    weights: loadWeights(pretrained, model, { where: 'tiny', seed: 0 }),
  };
}

describe('fineTune on several labels', () => {
  it('learns those that the text tells', async () => {
    const job = labelsJob({ epochs: 12 });
    const { history, bestEpoch, classWeights } = await fineTune({ ...base, ...job });
    expect(history.at(-1)!.trainLoss).toBeLessThan(history[0].trainLoss / 1.5);
    expect(history[bestEpoch - 1].macroF1).toBeGreaterThan(0.6);
    expect(classWeights).toHaveLength(3);
    expect(job.model.configJson(['asks', 'sevens', 'coin'])).toMatchObject({
      problem_type: 'multi_label_classification',
      id2label: { 1: 'sevens' },
    });
  });

  it.each([1, 7])('goes on after an interruption at step %i to the same bits', async (at) => {
    const whole = await fineTune({ ...base, ...labelsJob() });
    const checkpoints = await interruptedAt(at, { ...base, ...labelsJob() });
    const resumed = await fineTune({ ...base, ...labelsJob(), checkpoints });
    expect([digest(resumed), resumed.history]).toEqual([digest(whole), whole.history]);
  });

  it('begins better with a probe for each label', async () => {
    const slow = { epochs: 1, learningRate: 1e-5 };
    const [probed, random] = [
      await fineTune({ ...base, ...labelsJob(slow) }),
      await fineTune({ ...base, ...labelsJob({ ...slow, headStart: 'asGiven' }) }),
    ];
    expect(probed.history[0].trainLoss).toBeLessThan(random.history[0].trainLoss);
  });

  it('refuses tokens and losses that do not suit it', () => {
    expect(() => checkJob(labelsJob({ loss: 'crossEntropy' }))).toThrow(
      'With several labels at once, training.loss must be "binaryCrossEntropy". Got "crossEntropy".',
    );
    expect(() => checkJob({ ...labelsJob(), tokens: tinyJob().tokens })).toThrow(
      'The tokens must have 3 flags for each of 56 examples, one per label of the model. Got 0 in all',
    );
  });

  it('counts flags in the digest of a job', () => {
    const job = labelsJob();
    expect(
      jobDigest({
        ...job,
        tokens: { ...job.tokens, flags: job.tokens.flags!.with(0, 1 - job.tokens.flags![0]) },
      }),
    ).not.toBe(jobDigest(job));
  });
});

describe('positiveWeights', () => {
  const flags = [
    [1, 0, 1],
    [0, 0, 1],
    [0, 1, 1],
    [0, 0, 1],
  ];

  it('is the number without a label by the number with it', () => {
    expect(positiveWeights('balanced', flags)).toEqual([3, 3, 1]);
    expect(positiveWeights('none', flags)).toEqual([1, 1, 1]);
    expect(positiveWeights({ noInitiative: 2, initiative: 5 }, flags)).toEqual([2.5, 2.5, 2.5]);
    const [effective] = positiveWeights({ beta: 0.5 }, flags);
    expect(effective).toBeCloseTo((1 - 0.5 ** 3) / (1 - 0.5), 10);
  });
});

describe('labelScores', () => {
  it('are means over the labels', () => {
    const labels = [
      [1, 0],
      [1, 1],
      [0, 0],
      [0, 1],
    ];
    // the first label is predicted correctly for all examples, the second for none that has it
    const scores = labelScores({ labels, logits: Float32Array.from([2, -1, 3, -2, -1, 1, -2, -3]) });
    expect(scores.macroF1).toBeCloseTo(0.5, 10);
    expect(scores.positiveRecall).toBeCloseTo(0.5, 10);
    expect(scores.auc).toBeCloseTo((1 + 0) / 2, 10);
  });
});
