import { counterRandom } from '@overture/core';
import {
  crossValidationReport,
  evaluationReport,
  type EvaluationInput,
  type EvaluationReport,
} from '@overture/metrics';

/** A report on invented scores; `changes` replace parts of its input. For tests. */
export function exampleReport(changes: Partial<EvaluationInput> = {}): EvaluationReport {
  const n = 120;
  const random = counterRandom(7, 'report');
  const labels = Array.from({ length: n }, (_, i) => (random.uniform(i) < 0.4 ? 1 : 0));
  return evaluationReport(
    {
      corpus: 'forum',
      protocol: 'cikm23',
      tagSet: 'cikm23-5',
      split: 'valid',
      labels,
      probabilities: labels.map((label, i) => 0.2 + 0.3 * label + 0.4 * random.uniform(n + i)),
      groups: labels.map((_, i) => `c${Math.floor(i / 2)}`),
      systemTurns: labels.map((_, i) => i % 5),
      threshold: { value: 0.45, tunedOn: 'valid' },
      floors: [
        { name: 'alwaysNo', title: 'always "no"', probabilities: labels.map(() => 0) },
        { name: 'oracle', title: 'oracle', probabilities: labels },
        {
          name: 'twin',
          title: 'twin',
          probabilities: labels.map(
            (label, i) => 0.2 + 0.3 * label + 0.4 * random.uniform(n + ((i * 7) % n)),
          ),
        },
      ],
      alsoUsedFor: ['checkpoint', 'threshold'],
      provenance: { run: 'run-1', model: 'sha256:abc' },
      ...changes,
    },
    { samples: 300, seed: 0 },
  );
}

/** A pooled report of three folds under two seeds, on invented scores. For tests. */
export function exampleCrossValidation(): EvaluationReport {
  const random = counterRandom(9, 'cross-validation');
  const predictions = [0, 1].flatMap((seed) =>
    Array.from({ length: 90 }, (_, i) => {
      const label = random.uniform(i) < 0.4 ? 1 : 0;
      return {
        conversation: `c${Math.floor(i / 2)}`,
        turn: i % 2,
        label,
        probability: 0.2 + 0.3 * label + 0.4 * random.uniform(100 + 100 * seed + i),
        threshold: 0.45,
        fold: Math.floor(i / 2) % 3,
        seed,
      } as const;
    }),
  );
  const baselines = [{ name: 'alwaysNo', title: 'always "no"', probabilities: predictions.map(() => 0) }];
  return crossValidationReport(
    {
      corpus: 'forum',
      protocol: 'cikm23',
      tagSet: 'cikm23-5',
      provenance: { folds: 'sha256:abc' },
      predictions,
      floors: baselines,
    },
    { samples: 300, seed: 0 },
  );
}
