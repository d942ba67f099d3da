import type { RunId } from '@overture/core';
import type { z } from 'zod';
import type { ArtifactRef } from '@overture/protocol';
import type { drawFolds } from './stages/folds.ts';
import type { ingest } from './stages/ingest.ts';
import type { StudySummary } from './study-summary.ts';

/** The result of `initiativeStudy`: the main metrics and references to the artifacts. */
export interface StudyResult {
  readonly runId: RunId;
  readonly workflowId: string;
  readonly report: StudySummary;
  readonly corpus: z.output<typeof ingest.output>['source'];
  readonly folds: z.output<typeof drawFolds.output>['counts'];
  readonly artifacts: {
    readonly corpus: ArtifactRef<'corpus'>;
    readonly folds: ArtifactRef<'folds'>;
    /** JSON Lines with one line per arm, example and seed. */
    readonly predictions: ArtifactRef<'predictions'>;
    /** The study's results as JSON: the same for the same predictions. */
    readonly findings: ArtifactRef<'findings'>;
    /** A folder: study.json, costs.json, predictions.jsonl.gz, study.md, study.html. */
    readonly report: ArtifactRef<'report'>;
  };
}
