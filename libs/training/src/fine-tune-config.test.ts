import { describe, expect, it } from 'vitest';
import { fineTuneDefaults, parseFineTuneConfig } from './fine-tune-config.ts';

describe('parseFineTuneConfig', () => {
  it('fills in the defaults', () => {
    expect(parseFineTuneConfig()).toEqual(fineTuneDefaults);
    expect(parseFineTuneConfig({ epochs: 1, seed: undefined })).toEqual({ ...fineTuneDefaults, epochs: 1 });
    expect(parseFineTuneConfig({ classWeights: { noInitiative: 1, initiative: 2.5 } }).classWeights).toEqual({ noInitiative: 1, initiative: 2.5 });
  });

  it('names every key that does not fit', () => {
    expect(() => parseFineTuneConfig({ learningRate: -1, batchSize: 0, pooling: 'max', epoch: 3 })).toThrow(
      'training.learningRate must be a number over 0. Got -1 instead. training.batchSize must be an integer of at least 1. Got 0 instead. ' +
        'training.pooling must be "mean" or "cls". Got "max" instead. training.epoch is not a key; known are epochs, learningRate,',
    );
  });

  it('refuses weights that are not positive, and what is no object', () => {
    expect(() => parseFineTuneConfig({ classWeights: { noInitiative: 1, initiative: 0 } })).toThrow('training.classWeights must be "balanced", "none" or');
    expect(() => parseFineTuneConfig([])).toThrow('The training configuration must be an object. Got [] instead.');
  });
});
