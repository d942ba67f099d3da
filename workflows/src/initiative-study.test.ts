import { armTable, plannedContrasts } from '@overture/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { initiativeStudy, initiativeStudyPipeline, studyTrialPipeline } from './index.ts';
import type {} from '@overture/durable/testing/provided-context';
import { openWorkflowRuns, recordHistory, type WorkflowRuns } from './testing/workflow-runs.ts';

let runs: WorkflowRuns;
beforeAll(async () => void (runs = await openWorkflowRuns(inject('temporalAddress'))));
afterAll(() => runs.close());

const armsWithTrials = armTable
  .filter(({ method }) => !['floor', 'ensemble'].includes(method.kind))
  .map(({ name }) => name);
const nodesOf = (input: unknown): string[] => initiativeStudyPipeline.plan(input).nodes.map(({ id }) => id);

describe('initiativeStudyPipeline', () => {
  it('computes once what folds share, and only what some arm needs', () => {
    expect(nodesOf({ preset: 'full' })).toEqual([
      'ingest',
      'drawFolds',
      'floors',
      'fetchEncoder',
      'embedTurns',
      'fetchLanguageModel',
      'tokenizeForEncoder',
      'tokenizeForLanguageModel',
      ...armsWithTrials,
      'reportStudy',
    ]);
    expect(nodesOf({ preset: 'full', arms: ['tfidfBalanced', 'encoderBalanced'] })).toEqual([
      'ingest',
      'drawFolds',
      'floors',
      'fetchEncoder',
      'tokenizeForEncoder',
      'encoderBalanced',
      'reportStudy',
    ]);
    expect(nodesOf({ preset: 'full', arms: ['languageModelZeroShot'] })).toEqual([
      'ingest',
      'drawFolds',
      'floors',
      'fetchLanguageModel',
      'languageModelZeroShot',
      'reportStudy',
    ]);
    expect(nodesOf({})).toEqual(['ingest', 'drawFolds', 'floors', ...armsWithTrials, 'reportStudy']); // tiny models are built within the folds
  });

  it('takes arms from earlier reports, and runs the others only', () => {
    const known = [
      { report: '/reports/a', arms: ['encoderBalanced'] },
      { report: '/reports/b', arms: ['languageModelZeroShot', 'frozenEncoder'] },
    ];
    const { nodes } = initiativeStudyPipeline.plan({
      preset: 'full',
      arms: [
        'tfidfBalanced',
        'frozenEncoder',
        'encoderUnweighted',
        'encoderBalanced',
        'languageModelZeroShot',
      ],
      known,
    });
    expect(nodes.map(({ id }) => id)).toEqual([
      'ingest',
      'drawFolds',
      'floors',
      'fetchEncoder',
      'tokenizeForEncoder',
      'takeArms1',
      'takeArms2',
      'encoderUnweighted',
      'reportStudy',
    ]);
    expect(nodes.at(-1)!.needs).toEqual(
      expect.arrayContaining(['takeArms1', 'takeArms2', 'encoderUnweighted']),
    );
  });

  it('has a row for every arm that a contrast names, each under its own name', () => {
    const names = armTable.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { better, than } of plannedContrasts)
      expect([...names, 'best']).toEqual(expect.arrayContaining([better, than]));
  });

  it.each([
    [{ arms: ['encoder'] }, 'arms.0 must be one of "alwaysNo", "firstTurnRule"'],
    [
      { training: { seed: 3 } },
      'training.seed: must be left out, since seeds and languageModelSeeds have one for each repetition. Got 3 instead.',
    ],
    [
      { arms: ['ensemble', 'encoderBalanced', 'frozenEncoder', 'turnHistory'] },
      'arms: must have tfidfBalanced too, of which ensemble is made.',
    ],
    [
      { known: [{ report: '/a', arms: ['tfidfBalanced'] }] },
      'known.0.arms: must not have tfidfBalanced, which is computed from the others in a moment. Got "tfidfBalanced" instead.',
    ],
    [
      {
        known: [
          { report: '/a', arms: ['encoderFocal'] },
          { report: '/b', arms: ['encoderFocal'] },
        ],
      },
      'known.1.arms: must not have encoderFocal, which is taken twice.',
    ],
    [
      { arms: ['tfidfBalanced'], known: [{ report: '/a', arms: ['encoderFocal'] }] },
      'known.0.arms: must not have encoderFocal, which is not among arms.',
    ],
    [{ preset: 'medium' }, 'preset must be one of "smoke", "full". Got "medium" instead.'],
    [{ languageModelTraining: { epochs: 0 } }, 'languageModelTraining.epochs must be at least 1.'],
  ])('refuses %j with a sentence', (input, sentence) => {
    expect(() => initiativeStudyPipeline.plan(input)).toThrow(sentence);
  });
});

describe('studyTrialPipeline', () => {
  const ref = (kind: string) => ({ kind, digest: `sha256:${'0'.repeat(64)}`, bytes: 1 });
  const trial = (method: object) =>
    studyTrialPipeline
      .plan({ arm: 'encoderBalanced', corpus: ref('corpus'), folds: ref('folds'), fold: 0, seed: 1, method })
      .nodes.map(({ id, needs }) => `${id} ← ${needs.join(', ')}`);
  const asked = { maxLength: 64, precision: 'float32' };

  it("makes a tiny base of the fold's own training conversations", () => {
    expect(trial({ kind: 'classifier', base: 'encoder', training: {} })).toEqual([
      'takeFold ← ',
      'createTinyBase ← takeFold',
      'tokenize ← takeFold, createTinyBase',
      'fineTune ← tokenize, createTinyBase',
      'predictFold ← fineTune, takeFold',
    ]);
    expect(trial({ kind: 'turns', features: 'text', turnLength: 8 })).toEqual([
      'takeFold ← ',
      'createTinyBase ← takeFold',
      'embedTurns ← createTinyBase, takeFold',
      'predictFromTurns ← embedTurns, takeFold',
    ]);
    expect(trial({ kind: 'answers', training: {}, ...asked })).toEqual([
      'takeFold ← ',
      'createTinyLanguageModel ← takeFold',
      'fineTuneAnswers ← createTinyLanguageModel, takeFold',
      'promptFold ← createTinyLanguageModel, fineTuneAnswers, takeFold',
    ]);
  });

  it('takes what all folds share where there is a pretrained one', () => {
    const pretrained = {
      weights: ref('weights'),
      tokenizer: ref('tokenizer'),
      config: ref('model-config'),
      name: 'minilm',
      tokens: ref('tokens'),
    };
    expect(trial({ kind: 'classifier', base: 'encoder', pretrained, training: {} })).toEqual([
      'takeFold ← ',
      'takeFoldTokens ← ',
      'fineTune ← takeFoldTokens',
      'predictFold ← fineTune, takeFold',
    ]);
  });
});

describe('initiativeStudy', () => {
  it('leaves out what does not fit its budget, and tells the report', async () => {
    await runs.withRun(
      initiativeStudy,
      { input: { budgetMinutes: 5, arms: ['tfidfBalanced', 'frozenEncoder', 'turnHistory'] } },
      async ({ handle, calls }) => {
        await handle.result();
        const asked = calls.stages.find(({ node }) => node === 'budgetArms')?.input as {
          arms: { arm: string; parts: number; passes: object[] }[];
        };
        expect(asked.arms.map(({ arm, parts, passes }) => [arm, parts, passes.length])).toEqual([
          ['tfidfBalanced', 0, 0],
          ['frozenEncoder', 2, 1],
          ['turnHistory', 2, 1],
        ]);
        expect(calls.stages.filter(({ node }) => node === 'predictFromTurns')).toHaveLength(2);
        const { parts, dropped } = calls.stages.find(({ node }) => node === 'reportStudy')?.input as {
          parts: ({ arm: string }[] | null)[];
          dropped: ({ arm: string; reason: string }[] | null)[];
        };
        expect(parts.map((list) => list?.map(({ arm }) => arm) ?? null)).toEqual([
          ['frozenEncoder', 'frozenEncoder'],
          null,
        ]);
        expect(dropped.flatMap((list) => list ?? [])).toContainEqual({
          arm: 'turnHistory',
          reason: 'no time',
        });
      },
    );
  });

  it('runs each arm in every fold under every seed as a child workflow, and reports on all of them', async () => {
    await runs.withRun(
      initiativeStudy,
      {
        input: {
          seeds: [0, 1],
          arms: [
            'tfidfBalanced',
            'turnHistory',
            'encoderBalanced',
            'languageModelFewShotText',
            'languageModelText',
          ],
        },
      },
      async ({ handle, client, calls }) => {
        expect(await handle.result()).toMatchObject({
          report: { best: 'ensemble' },
          artifacts: { report: { kind: 'report' } },
        });
        const count = (stage: string): number => calls.stages.filter(({ node }) => node === stage).length;
        expect(['ingest', 'drawFolds', 'computeFloors', 'reportStudy'].map(count)).toEqual([1, 1, 2, 1]);
        expect(
          ['fineTune', 'predictFold', 'predictFromTurns', 'fineTuneAnswers', 'promptFold'].map(count),
        ).toEqual([4, 4, 2, 2, 4]);
        const reported = calls.stages.find(({ node }) => node === 'reportStudy')?.input as {
          arms: { name: string; seeds: number[]; hard: boolean }[];
          dropped: ({ arm: string }[] | null)[];
          parts: { arm: string; fold: number; seed: number }[][];
        };
        expect(reported.parts.flat().map(({ arm, seed, fold }) => `${arm} ${seed} ${fold}`)).toEqual([
          'turnHistory 0 0',
          'turnHistory 0 1',
          'encoderBalanced 0 0',
          'encoderBalanced 0 1',
          'encoderBalanced 1 0',
          'encoderBalanced 1 1',
          'languageModelFewShotText 0 0',
          'languageModelFewShotText 0 1',
          'languageModelText 0 0',
          'languageModelText 0 1',
        ]);
        expect(reported.arms.map(({ name, seeds, hard }) => `${name} ${seeds.join('+')} ${hard}`)).toEqual([
          'tfidfBalanced 0 false',
          'turnHistory 0 false',
          'encoderBalanced 0+1 false',
          'languageModelFewShotText 0 true',
          'languageModelText 0 true',
        ]);
        const left = [
          'tfidfBalanced',
          'turnHistory',
          'encoderBalanced',
          'languageModelFewShotText',
          'languageModelText',
        ];
        expect(reported.dropped.flatMap((list) => list ?? []).map(({ arm }) => arm)).toEqual(
          armTable.map(({ name }) => name).filter((name) => !left.includes(name)),
        );
        const child = client.workflow.getHandle(`${handle.workflowId}/encoderBalanced[1]`);
        expect((await child.describe()).type).toBe('studyTrial');
        await recordHistory(handle, 'initiative-study-done');
        await recordHistory(child, 'study-trial-done');
      },
    );
  });
});
