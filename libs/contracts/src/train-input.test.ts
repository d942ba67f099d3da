import { parseInput } from '@overture/dag';
import { describe, expect, it } from 'vitest';
import { TrainInput } from './train-input.ts';

describe('TrainInput', () => {
  it('has a default for everything', () => {
    expect(TrainInput.parse({})).toEqual({
      name: 'initiative',
      corpus: {
        format: 'auto',
        protocol: 'cikm23',
        tagSet: 'cikm23-5',
        split: { valid: 0.1, test: 0.1, seed: 0 },
      },
      base: 'minilm',
      training: {
        epochs: 1,
        learningRate: 2e-5,
        headStart: 'linearProbe',
        layerDecay: 1,
        freezeLayers: 0,
        batchSize: 16,
        maxLength: 256,
        classWeights: 'balanced',
        loss: 'crossEntropy',
        labelSmoothing: 0,
        focalGamma: 2,
        seed: 0,
        optimizer: 'adamW',
        momentum: 0.9,
        weightDecay: 0.01,
        warmupRatio: 0.1,
        schedule: 'linear',
        dropout: 0,
        maxGradNorm: 1,
        ema: 0,
        selectionMetric: 'macroF1',
        patience: 0,
        pooling: 'mean',
        lora: null,
        frozenWeights: 'float32',
        lengthGrouped: false,
        int8LargestDrop: 0.01,
      },
      evaluation: { split: 'valid', bootstrapSamples: 2000 },
      reuse: { cache: true, force: [] },
      onStageFailure: 'park',
      parkTimeoutHours: 168,
      continueAfterEvents: 10_000,
    });
  });

  it.each([
    [{ training: { epochs: 0 } }, 'training.epochs must be at least 1. Got 0 instead.'],
    [{ training: { learningRate: -1 } }, 'training.learningRate must be above 0. Got -1 instead.'],
    [{ training: { maxLength: 7 } }, 'training.maxLength must be at least 8. Got 7 instead.'],
    [
      { training: { classWeights: { initiative: 0, noInitiative: 1 } } },
      'training.classWeights.initiative must be above 0. Got 0 instead.',
    ],
    [
      { training: { loss: 'hinge' } },
      'training.loss must be one of "crossEntropy", "focal", "binaryCrossEntropy". Got "hinge" instead.',
    ],
    [
      { training: { frozenWeights: 'int8' } },
      'training.frozenWeights: must be "float32" without lora: only adapters can be trained on int8 weights. Got "int8" instead.',
    ],
    [
      { training: { loss: 'focal', labelSmoothing: 0.1 } },
      'training.labelSmoothing: must be 0 with the loss focal, which has no label smoothing. Got 0.1 instead.',
    ],
    [
      { training: { optimizer: 'adam', patience: -1 } },
      'training.optimizer must be one of "adamW", "sgd", "lion". Got "adam" instead. training.patience must be at least 0. Got -1 instead.',
    ],
    [{ training: { lora: { rank: 0 } } }, 'training.lora.rank must be at least 1. Got 0 instead.'],
    [
      { corpus: { protocol: 'cikm' } },
      'corpus.protocol must be one of "cikm23", "utterance". Got "cikm" instead.',
    ],
    [
      { corpus: { url: '/x' } },
      'corpus.url is not a known key. Did you mean "uri"? Known here: uri, format, protocol, tagSet, split.',
    ],
    [
      { name: 'My Model' },
      'name: must be 1 to 100 lower-case letters, digits, dots, dashes or underscores. Got "My Model" instead.',
    ],
    [
      { evaluation: { split: 'dev' } },
      'evaluation.split must be one of "train", "valid", "test". Got "dev" instead.',
    ],
  ])('refuses %j', (input, sentence) => {
    expect(() => parseInput(TrainInput, input, 'the workflow')).toThrow(sentence);
  });
});
