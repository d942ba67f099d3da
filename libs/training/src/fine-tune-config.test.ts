import { describe, expect, it } from 'vitest';
import { fineTuneDefaults, parseFineTuneConfig } from './fine-tune-config.ts';

describe('parseFineTuneConfig', () => {
  it('fills in the defaults', () => {
    expect(parseFineTuneConfig()).toEqual(fineTuneDefaults);
    expect(parseFineTuneConfig({ epochs: 1, seed: undefined })).toEqual({ ...fineTuneDefaults, epochs: 1 });
    expect(parseFineTuneConfig({ classWeights: { noInitiative: 1, initiative: 2.5 } }).classWeights).toEqual({
      noInitiative: 1,
      initiative: 2.5,
    });
  });

  it('names every key that does not fit', () => {
    expect(() => parseFineTuneConfig({ learningRate: -1, batchSize: 0, pooling: 'max', epoch: 3 })).toThrow(
      'training.learningRate must be above 0. Got -1 instead. training.batchSize must be at least 1. Got 0 instead. ' +
        'training.pooling must be one of "mean", "cls", "last". Got "max" instead. training.epoch is not a known key. Did you mean "epochs"?',
    );
  });

  it('takes every loss and every weighting by its name, and refuses what does not go together', () => {
    expect(
      parseFineTuneConfig({ loss: 'focal', focalGamma: 1.5, classWeights: { beta: 0.99 } }),
    ).toMatchObject({ loss: 'focal', focalGamma: 1.5 });
    expect(parseFineTuneConfig({ labelSmoothing: 0.1, classWeights: 'effectiveNumber' }).labelSmoothing).toBe(
      0.1,
    );
    expect(() => parseFineTuneConfig({ loss: 'hinge' })).toThrow(
      'training.loss must be one of "crossEntropy", "focal", "binaryCrossEntropy". Got "hinge" instead.',
    );
    expect(() => parseFineTuneConfig({ loss: 'focal', labelSmoothing: 0.1 })).toThrow(
      'training.labelSmoothing: must be 0 with the loss focal, which has no label smoothing. Got 0.1 instead.',
    );
    expect(() => parseFineTuneConfig({ classWeights: { beta: 1 } })).toThrow(
      'training.classWeights.beta must be below 1. Got 1 instead.',
    );
  });

  it('fills in the defaults of adapters, and refuses unknown keys', () => {
    const lora = { rank: 8, alpha: 16, targets: ['q_proj'] };
    expect(parseFineTuneConfig({ lora }).lora).toEqual({ ...lora, dropout: 0 });
    expect(() => parseFineTuneConfig({ lora: { rang: 8 } })).toThrow(
      'training.lora.rang is not a known key. Did you mean "rank"?',
    );
  });

  it('takes every optimizer, schedule and selection metric by its name', () => {
    const config = {
      optimizer: 'lion',
      schedule: 'cosine',
      selectionMetric: 'auc',
      patience: 2,
      momentum: 0,
      layerDecay: 0.9,
    };
    expect(parseFineTuneConfig(config)).toMatchObject(config);
    expect(() =>
      parseFineTuneConfig({
        optimizer: 'adam',
        schedule: 'step',
        patience: -1,
        momentum: 1,
        selectionMetric: 'accuracy',
      }),
    ).toThrow(
      /optimizer must be one of "adamW", "sgd", "lion".*momentum must be below 1.*schedule must be one of "linear", "cosine", "constant".*selectionMetric must be one of "macroF1", .* Got "accuracy" instead\. training\.patience must be at least 0/,
    );
  });

  it('refuses weights that are not positive, and what is no object', () => {
    expect(() => parseFineTuneConfig({ classWeights: { noInitiative: 1, initiative: 0 } })).toThrow(
      'training.classWeights.initiative must be above 0. Got 0 instead.',
    );
    expect(() => parseFineTuneConfig([])).toThrow('training must be an object. Got [] instead.');
  });
});
