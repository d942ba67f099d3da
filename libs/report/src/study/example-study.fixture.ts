import { studyReport, type StudyInput, type StudyReport } from '@overture/metrics';
import { drawnStudy } from '@overture/metrics/testing';

/** A study on invented examples; `changes` replace parts of its input. For tests. */
export function exampleStudy(changes: Partial<StudyInput> = {}): StudyReport {
  const study = drawnStudy(
    [
      { name: 'alwaysNo', title: 'Never', signal: 0, family: 'floor', hard: true },
      { name: 'tfidf', title: 'TF-IDF + logistic regression', signal: 0.5, family: 'floor' },
      { name: 'weighted', title: 'Encoder, balanced weights', signal: 1.8, seeds: [0, 1] },
      { name: 'unweighted', title: 'Encoder, unweighted', signal: 1.7, seeds: [0, 1] },
      { name: 'answers', title: 'Language model, answers read', signal: 0.4, family: 'text', hard: true },
    ],
    {
      conversations: 120,
      seed: 3,
      corpus: 'forum',
      contrasts: [
        {
          name: 'weighting',
          question: 'Do weights of the classes help?',
          better: 'weighted',
          than: 'unweighted',
        },
        { name: 'bestTfidf', question: 'Is anything better than TF-IDF?', better: 'best', than: 'tfidf' },
        {
          name: 'backwards',
          question: 'Is reading answers better than a head?',
          better: 'answers',
          than: 'weighted',
        },
        { name: 'sequence', question: 'Does the history of acts help?', better: 'history', than: 'weighted' },
      ],
      dropped: [{ arm: 'history', reason: 'the budget of 2 hours was used up' }],
      costs: [
        { arm: 'weighted', cpuSeconds: 5400, peakBytes: 2 ** 31, tokens: 1_234_567 },
        { arm: 'answers' },
      ],
      parts: [
        { arm: 'weighted', fold: 0, seed: 1, sources: { predictions: 'sha256:aa', bundle: 'sha256:bb' } },
      ],
      provenance: { corpus: 'sha256:cc' },
    },
  );
  const silent = study.arms.map((arm) =>
    arm.name === 'alwaysNo'
      ? {
          ...arm,
          trainings: arm.trainings.map((each) => ({ ...each, probabilities: study.examples.map(() => 0) })),
        }
      : arm,
  );
  const unread = silent.map((arm) =>
    arm.name === 'answers'
      ? { ...arm, trainings: arm.trainings.map((each) => ({ ...each, unparsable: 12 })) }
      : arm,
  );
  const turns = study.examples.map(({ id }) => [id.split('#')[1] === '0' ? '1' : '2+']);
  const kinds = study.examples.map(({ label }) => (label === 1 ? ['question'] : ['answer']));
  return studyReport(
    {
      ...study,
      arms: unread,
      slicings: [
        { by: 'system turn', names: ['1', '2+'], partsOf: turns },
        { by: 'what the system did', names: ['question', 'answer'], partsOf: kinds },
      ],
      ...changes,
    },
    { samples: 300, seed: 0 },
  );
}
