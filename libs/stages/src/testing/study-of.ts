import { putJson } from '@overture/artifacts';
import type { reportStudy } from '@overture/contracts';
import type { ArtifactRef } from '@overture/protocol';
import { resolveTagSet, type Conversation } from '@overture/dialogue';
import type { z } from 'zod';
import { expectedExamples } from '../complete-predictions.ts';
import { putPredictions, type OutOfFoldLine } from '../out-of-fold.ts';
import { drawFoldsStage } from '../stages/folds.ts';
import { rule, runStage, storedCorpus, type Test } from './run-stage.ts';

/** Two decisions per conversation. The words do not reveal whether the system asks. */
const conversations: readonly Conversation[] = Array.from({ length: 48 }, (_, i): Conversation => ({
  id: `c${i}`,
  split: 'train',
  utterances: [
    { role: 'user', text: `zebra${i} is broken${' and so on'.repeat(i % 5)}`, tags: ['OQ'] },
    { role: 'system', text: 'Which one?', tags: [i % 2 === 0 ? 'IR' : 'PA'] },
    { role: 'user', text: `The old zebra${i} one`, tags: ['FD'] },
    { role: 'system', text: 'Ask again.', tags: [i % 3 === 0 ? 'CQ' : 'PA'] },
  ],
}));

/** The input of reportStudy. */
export type StudyOf = Omit<z.input<typeof reportStudy.input>, 'parts'> &
  Pick<z.output<typeof reportStudy.input>, 'parts'>;

/** The same labels, marked as given by a rule. */
const weaklyLabeled = conversations.map((conversation): Conversation => ({
  ...conversation,
  utterances: conversation.utterances.map(({ role, text, tags }) =>
    role === 'user'
      ? { role, text }
      : { role, text, initiative: tags?.[0] !== 'PA', labelSource: 'rule:question' },
  ),
}));

/** Predictions of arms of different quality, stored as the previous stages would. */
export async function studyOf(test: Test, { weak = false } = {}): Promise<StudyOf> {
  const { artifacts } = test.services;
  const corpus = await storedCorpus(test, weak ? weaklyLabeled : conversations);
  const { folds } = await runStage(test, drawFoldsStage, {
    corpus,
    ...rule,
    splits: ['train'],
    folds: 3,
    innerFolds: 4,
    seed: 0,
  });
  const { expected } = await expectedExamples(
    artifacts,
    { corpus, folds },
    { protocol: rule.protocol, tagSet: resolveTagSet(rule.tagSet) },
  );
  const said = (
    fold: number,
    seed: number,
    of: (i: number, label: 0 | 1) => Partial<OutOfFoldLine>,
  ): Promise<ArtifactRef<'predictions'>> =>
    putPredictions(
      artifacts,
      expected.flatMap(({ id, conversationId, systemTurn, label, fold: own }, i) =>
        own === fold
          ? [
              {
                id,
                conversation: conversationId,
                turn: systemTurn,
                label,
                probability: 0.5,
                threshold: 0.45,
                fold,
                seed,
                ...of(i, label),
              },
            ]
          : [],
      ),
    );
  const good =
    (seed: number) =>
    (i: number, label: number): Partial<OutOfFoldLine> => ({
      probability: (i + seed) % 7 === 0 ? 0.9 - 0.8 * label : 0.2 + 0.6 * label,
    });
  const poor = (i: number): Partial<OutOfFoldLine> => ({ probability: ((i * 7) % 10) / 10 });
  const text = (i: number, label: number): Partial<OutOfFoldLine> =>
    i % 5 === 0
      ? { probability: 0, threshold: 0.5, unparsable: true }
      : { probability: label, threshold: 0.5 };
  const bundle = await artifacts.put('bundle', new TextEncoder().encode('weights'));
  const parts = await Promise.all(
    [0, 1, 2].flatMap((fold) => [
      ...[4, 5].map(async (seed) => ({
        arm: 'good',
        fold,
        seed,
        predictions: await said(fold, seed, good(seed)),
        bundle,
      })),
      ...[4].map(async (seed) => ({ arm: 'poor', fold, seed, predictions: await said(fold, seed, poor) })),
      ...[0].map(async (seed) => ({ arm: 'text', fold, seed, predictions: await said(fold, seed, text) })),
    ]),
  );
  const baselines = await Promise.all(
    [0, 1, 2].map(async (fold) => {
      const own = expected.filter((example) => example.fold === fold);
      return {
        fold,
        floors: await putJson(artifacts, 'floors', {
          split: 'test',
          exampleIds: own.map(({ id }) => id),
          floors: [{ name: 'firstTurn', probabilities: own.map(({ systemTurn }) => 0.7 - 0.5 * systemTurn) }],
        }),
      };
    }),
  );
  return {
    corpus,
    corpusName: 'zebra',
    folds,
    floors: baselines,
    ...rule,
    bootstrapSamples: 100,
    arms: [
      { name: 'random', title: 'Random at prior', family: 'floor', seeds: [0, 1] },
      { name: 'firstTurn', title: 'First turn', family: 'floor' },
      { name: 'good', title: 'A good one', family: 'encoder', seeds: [4, 5] },
      { name: 'poor', title: 'A poor one', family: 'frozen', seeds: [4] },
      { name: 'text', title: 'Text', family: 'text', seeds: [0], hard: true },
    ],
    parts: [parts.filter(({ arm }) => arm === 'good'), parts.filter(({ arm }) => arm !== 'good').reverse()],
    ensembles: [
      { name: 'both', title: 'Good and first turn', of: ['good', 'firstTurn'] },
      { name: 'withLate', title: 'With late', of: ['good', 'late'] },
    ],
    contrasts: [
      { name: 'goodPoor', question: 'Is good better?', better: 'good', than: 'poor' },
      { name: 'best', question: 'Is anything better?', better: 'best', than: 'firstTurn' },
      { name: 'ens', question: 'And with late?', better: 'withLate', than: 'good' },
    ],
    dropped: [[{ arm: 'late', reason: 'no time was left' }], null],
    provenance: { encoder: 'minilm' },
  };
}
