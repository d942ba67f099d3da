import { describe, expect, it } from 'vitest';
import { didYouMean } from './did-you-mean.ts';

describe('didYouMean', () => {
  it.each([
    ['finetune', ['ingest', 'fineTune', 'evaluate'], ' Did you mean "fineTune"?'],
    ['trian', ['train', 'plan'], ' Did you mean "train"?'],
    ['eval', ['evaluate', 'ingest'], ' Did you mean "evaluate"?'],
    ['minilmm', ['minilm', 'tiny'], ' Did you mean "minilm"?'],
    ['bert-base', ['minilm', 'tiny', 'smollm2'], ''],
    ['x', ['train'], ''],
    ['train', ['train', 'plan'], ''],
    ['anything', [], ''],
  ])('of %j among %j: %j', (given, names, expected) => {
    expect(didYouMean(given, names)).toBe(expected);
  });
});
