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
      'training.learningRate must be a number over 0. Got -1 instead. training.batchSize must be an integer of at least 1. Got 0 instead. ' +
        'training.pooling must be "mean" or "cls" or "last". Got "max" instead. training.epoch is not a key; known are epochs, learningRate,',
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
      'training.loss must be "crossEntropy" or "focal" or "binaryCrossEntropy". Got "hinge" instead.',
    );
    expect(() => parseFineTuneConfig({ loss: 'focal', labelSmoothing: 0.1 })).toThrow(
      'training.labelSmoothing must be 0 with the loss focal, which knows no smoothing. Got 0.1 instead.',
    );
    expect(() => parseFineTuneConfig({ classWeights: { beta: 1 } })).toThrow(
      '{"beta": number over 0 and under 1}',
    );
  });

  it('takes adapters whole or not at all', () => {
    const lora = { rank: 8, alpha: 16, targets: ['q_proj'] };
    expect(parseFineTuneConfig({ lora }).lora).toEqual(lora);
    expect(() => parseFineTuneConfig({ lora: { rank: 8 } })).toThrow(
      'training.lora must be null or {"rank": integer of at least 1, "alpha": number over 0, "targets": "all-linear" or a list of names} and, if wanted, "dropout": number from 0 to under 1. Got {"rank":8} instead.',
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
      'training.optimizer must be "adamW" or "sgd" or "lion". Got "adam" instead. training.schedule must be "linear" or "cosine" or "constant". Got "step" instead. ' +
        'training.patience must be an integer of at least 0. Got -1 instead. training.momentum must be a number from 0 to under 1. Got 1 instead. ' +
        'training.selectionMetric must be "macroF1" or "auc" or "averagePrecision" or "validLoss". Got "accuracy" instead.',
    );
  });

  it('refuses weights that are not positive, and what is no object', () => {
    expect(() => parseFineTuneConfig({ classWeights: { noInitiative: 1, initiative: 0 } })).toThrow(
      'training.classWeights must be "balanced", "effectiveNumber", "none", ',
    );
    expect(() => parseFineTuneConfig([])).toThrow(
      'The training configuration must be an object. Got [] instead.',
    );
  });
});
