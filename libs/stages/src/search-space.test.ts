import { trainingSettings } from '@overture/training-settings';
import { SweepInput } from '@overture/contracts';
import { describe, expect, it } from 'vitest';
import { drawnTrials } from './search-space.ts';

const training = trainingSettings.parse({ epochs: 2 });
const options = { strategy: 'random', trials: 9, gridSteps: 3, seed: 0 } as const;
const spaceOf = (space: object) => SweepInput.parse({ space }).space;

describe('drawnTrials', () => {
  it('draws the same from the same seed, within the ranges, none twice', () => {
    const space = spaceOf({
      learningRate: { min: 1e-5, max: 1e-3, scale: 'log' },
      batchSize: { min: 8, max: 32, integer: true },
      loss: { values: ['crossEntropy', 'focal'] },
    });
    const trials = drawnTrials(space, training, options);
    expect(trials).toHaveLength(9);
    expect(drawnTrials(space, training, options)).toEqual(trials);
    expect(drawnTrials(space, training, { ...options, seed: 1 })).not.toEqual(trials);
    expect(new Set(trials.map((each) => JSON.stringify(each))).size).toBe(9);
    for (const { learningRate, batchSize, epochs } of trials) {
      expect(learningRate).toBeGreaterThanOrEqual(1e-5);
      expect(learningRate).toBeLessThanOrEqual(1e-3);
      expect(Number.isInteger(batchSize)).toBe(true);
      expect(epochs).toBe(2);
    }
    // On a log scale, about half are below the geometric mean.
    expect(trials.filter(({ learningRate }) => learningRate < 1e-4).length).toBeGreaterThan(1);
  });

  it('draws a dimension whatever others there are beside it', () => {
    const one = drawnTrials(spaceOf({ learningRate: { min: 1e-5, max: 1e-3 } }), training, options);
    const two = drawnTrials(
      spaceOf({ seed: { min: 0, max: 1e6, integer: true }, learningRate: { min: 1e-5, max: 1e-3 } }),
      training,
      options,
    );
    expect(two.map(({ learningRate }) => learningRate)).toEqual(one.map(({ learningRate }) => learningRate));
  });

  it('gives as many as a small space has', () => {
    expect(
      drawnTrials(spaceOf({ loss: { values: ['crossEntropy', 'focal'] } }), training, options),
    ).toHaveLength(2);
  });

  it('goes through a grid in order', () => {
    const grid = drawnTrials(
      spaceOf({
        classWeights: { values: ['none', { beta: 0.9 }] },
        learningRate: { min: 1e-5, max: 1e-3, scale: 'log' },
      }),
      training,
      { ...options, strategy: 'grid' },
    );
    expect(grid.map(({ learningRate, classWeights }) => [learningRate, classWeights])).toEqual(
      [1e-5, 1e-4, 1e-3].flatMap((rate) => [
        [rate, 'none'],
        [rate, { beta: 0.9 }],
      ]),
    );
    expect(() =>
      drawnTrials(
        spaceOf({ epochs: { values: [1, 2, 3, 4] }, learningRate: { min: 1e-5, max: 1e-3 } }),
        training,
        { ...options, strategy: 'grid' },
      ),
    ).toThrow(
      'A grid may have at most 9 points (trials). This one has 4 × 3 = 12: allow more trials, narrow the space, or draw at random (strategy).',
    );
  });

  it('says which settings do not go together', () => {
    const space = spaceOf({ labelSmoothing: { values: [0.1] }, loss: { values: ['crossEntropy', 'focal'] } });
    expect(() => drawnTrials(space, training, { ...options, strategy: 'grid' })).toThrow(
      'The settings of a trial must go together. Got {"loss":"focal","labelSmoothing":0.1}: labelSmoothing: must be 0 with the loss focal, which has no label smoothing. Got 0.1 instead. Narrow the space.',
    );
  });
});

describe('the space of SweepInput', () => {
  it.each([
    [{ space: {} }, 'must vary something'],
    [{ space: { learningrate: { values: [1] } } }, 'learningrate'],
    [{ space: { learningRate: { min: 1e-3, max: 1e-5 } } }, 'min must be below max'],
    [{ space: { learningRate: { min: 0, max: 1e-5, scale: 'log' } } }, 'on a log scale min must be above 0'],
    [{ space: { epochs: { values: [1, 'two'] } } }, 'every value must be one that training.epochs may have'],
    [{ space: { loss: { values: ['hinge'] } } }, 'every value must be one that training.loss may have'],
  ])('refuses %j', (input, words) => {
    expect(JSON.stringify(SweepInput.safeParse(input).error?.issues)).toContain(words);
  });
});
