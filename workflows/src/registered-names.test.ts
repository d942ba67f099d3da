import * as contracts from '@overture/contracts';
import { describe, expect, it } from 'vitest';
import * as workflows from './workflows.ts';

// Recorded histories and caches refer to these names. A name may be added, but not changed.
describe('the names under which', () => {
  it('workflows are registered', () => {
    expect(Object.keys(workflows).sort()).toEqual([
      'crossValidate',
      'crossValidateFold',
      'initiativeStudy',
      'promoteModel',
      'studyFloors',
      'studyTrial',
      'sweep',
      'sweepTrial',
      'trainInitiativeModel',
    ]);
  });

  it('stages are registered', () => {
    const stages = Object.values<unknown>(contracts).filter(
      (value): value is { readonly name: string } =>
        typeof value === 'object' && value !== null && 'queue' in value && 'output' in value,
    );
    expect(stages.map(({ name }) => name).sort()).toEqual([
      'budgetArms',
      'compareModels',
      'computeFloors',
      'createTinyBase',
      'createTinyLanguageModel',
      'drawFolds',
      'drawTrials',
      'embedTurns',
      'evaluate',
      'fetchBase',
      'fineTune',
      'fineTuneAnswers',
      'ingest',
      'lookUpModels',
      'poolFolds',
      'predictFold',
      'predictFromTurns',
      'promote',
      'promptFold',
      'rankTrials',
      'register',
      'reportStudy',
      'takeArms',
      'takeFold',
      'takeFoldTokens',
      'thinTokens',
      'tokenize',
    ]);
  });
});
