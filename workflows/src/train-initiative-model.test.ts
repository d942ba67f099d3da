import type { AppError } from '@overture/core';
import { planToMermaid, printPlan, type StageNode } from '@overture/dag';
import { describe, expect, it } from 'vitest';
import { trainInitiativeModelPipeline } from './train-initiative-model.ts';

describe('trainInitiativeModelPipeline', () => {
  it('is a picture of itself', () => {
    const plan = trainInitiativeModelPipeline.plan({});
    expect(
      (plan.nodes as readonly StageNode[]).map(
        ({ id, needs, queue }) => `${id} ← ${needs.join(', ')} (${queue})`,
      ),
    ).toEqual([
      'ingest ←  (light)',
      'fetchBase ←  (light)',
      'tokenize ← ingest, fetchBase (light)',
      'computeFloors ← ingest (light)',
      'fineTune ← tokenize, fetchBase (train)',
      'evaluate ← fineTune, ingest, computeFloors (light)',
      'register ← fineTune, evaluate (light)',
    ]);
    expect(printPlan(plan)).toContain(
      'register = register@1(name: "initiative", bundle: fineTune.bundle, report: evaluate.report) on light',
    );
    expect(planToMermaid(plan)).toContain('tokenize -->|tokens| fineTune');
  });

  it('takes what issue trackers and the UI paste', () => {
    const plan = trainInitiativeModelPipeline.plan({
      name: 'initiative',
      corpus: { uri: '/data', format: 'auto', protocol: 'cikm23' },
      base: 'tiny',
      training: {
        epochs: 2,
        learningRate: 5e-5,
        batchSize: 16,
        maxLength: 256,
        classWeights: 'balanced',
        seed: 0,
      },
    });
    expect(plan.nodes.map(({ id }) => id)).toContain('createTinyBase');
    expect(plan.nodes.map(({ id }) => id)).not.toContain('fetchBase');
  });

  it('says at each stage what the input says about reuse', () => {
    const { nodes } = trainInitiativeModelPipeline.plan({
      reuse: { force: ['evaluate'], from: { run: 'earlier', stage: 'fineTune' } },
    });
    expect(Object.fromEntries(nodes.flatMap(({ id, reuse }) => (reuse ? [[id, reuse]] : [])))).toEqual({
      ingest: { kind: 'from', run: 'earlier' },
      fetchBase: { kind: 'from', run: 'earlier' },
      tokenize: { kind: 'from', run: 'earlier' },
      fineTune: { kind: 'never' },
      evaluate: { kind: 'never' },
    });
    expect(() => trainInitiativeModelPipeline.plan({ reuse: { force: ['finetune'] } })).toThrow(
      'reuse.force.0 must be a stage of trainInitiativeModel: ingest, fetchBase,',
    );
  });

  it('is plain data of a few kilobytes', () => {
    const plan = trainInitiativeModelPipeline.plan(undefined);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect(JSON.stringify(plan).length).toBeLessThan(8_000);
  });

  it('names every wrong key', () => {
    const wrong = { nme: 'x', corpus: { format: 'xml' }, training: { learningRate: -1, epochs: '2', lr: 1 } };
    let message = '';
    try {
      trainInitiativeModelPipeline.plan(wrong);
    } catch (error) {
      message = (error as AppError).message;
    }
    expect(message).toContain('The input of trainInitiativeModel is wrong.');
    expect(message).toContain(
      'nme is not a known key. Did you mean "name"? Known here: name, corpus, base, training, evaluation, reuse, onStageFailure, parkTimeoutHours, continueAfterEvents.',
    );
    expect(message).toContain(
      'corpus.format must be one of "auto", "msdialog-json", "msdialog-tsv", "clariq", "jsonl". Got "xml" instead.',
    );
    expect(message).toContain('training.learningRate must be above 0. Got -1 instead.');
    expect(message).toContain('training.epochs must be a number. Got "2" instead.');
    expect(message).toContain('training.lr is not a known key. Known here: epochs, learningRate');
  });

  it.each([
    ['text', '"x"'],
    [7, '7'],
    [[1], '[1]'],
  ])('refuses %j', (input, got) => {
    expect(() => trainInitiativeModelPipeline.plan(input)).toThrow(
      `It must be an object. Got ${got.replace('"x"', '"text"')} instead.`,
    );
  });
});
