import { describe, expect, it } from 'vitest';
import { InitiativeStudyInput, studySettings } from './study-input.ts';

const settings = (input: unknown) => studySettings(InitiativeStudyInput.parse(input));

describe('InitiativeStudyInput', () => {
  it('needs nothing: a rehearsal on the sample', () => {
    expect(settings({})).toMatchObject({
      corpus: { uri: 'sample' },
      encoder: 'tiny',
      languageModel: 'tiny',
      folds: 2,
      seeds: [0],
    });
    expect(settings({}).arms.length).toBeGreaterThan(15);
  });

  it('lets what is given win over the preset', () => {
    expect(settings({ preset: 'full', folds: 3, corpus: { uri: 'mine.jsonl' } })).toMatchObject({
      folds: 3,
      corpus: { uri: 'mine.jsonl' },
      encoder: 'minilm',
      languageModel: 'smollm2',
      seeds: [0, 1],
    });
    expect(settings({ preset: 'full' }).corpus.uri).toBeUndefined();
    expect(settings({ arms: ['encoderFocal', 'tfidfBalanced'] }).arms.map(({ name }) => name)).toEqual([
      'tfidfBalanced',
      'encoderFocal',
    ]);
  });

  it('reads no more of a conversation than dozens of trainings have time for, whoever learns or is asked', () => {
    expect(settings({ training: { epochs: 2 } })).toMatchObject({
      training: { maxLength: 128, epochs: 2, batchSize: 16, int8LargestDrop: null },
      languageModelTraining: { maxLength: 128 },
      prompting: { maxLength: 128 },
    });
    expect(settings({ training: { maxLength: 256 } }).training).toMatchObject({
      maxLength: 256,
      classWeights: 'balanced',
    });
  });

  it('keeps the other defaults of a language model where one setting is given', () => {
    expect(settings({ languageModelTraining: { maxLength: 80 } }).languageModelTraining).toMatchObject({
      maxLength: 80,
      pooling: 'last',
      frozenWeights: 'int8',
      batchSize: 8,
      lora: { rank: 8 },
      int8LargestDrop: null,
    });
    expect(settings({ answersTraining: { epochs: 2 } }).answersTraining).toMatchObject({
      epochs: 2,
      batchSize: 8,
      lora: { rank: 8 },
      frozenWeights: 'int8',
    });
  });
});
