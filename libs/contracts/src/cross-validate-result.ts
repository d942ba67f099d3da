import type { RunId } from '@overture/core';
import type { z } from 'zod';
import type { ArtifactRef } from '@overture/protocol';
import type { CrossValidationSummary } from './cross-validation-summary.ts';
import type { drawFolds } from './stages/folds.ts';
import type { ingest } from './stages/ingest.ts';

/** The result of `crossValidate`: the main metrics and references to the artifacts. */
export interface CrossValidateResult {
  readonly runId: RunId;
  readonly workflowId: string;
  readonly report: CrossValidationSummary;
  readonly corpus: z.output<typeof ingest.output>['source'];
  readonly folds: z.output<typeof drawFolds.output>['counts'];
  readonly artifacts: {
    readonly corpus: ArtifactRef<'corpus'>;
    readonly folds: ArtifactRef<'folds'>;
    /** JSON Lines with one line per example and seed. */
    readonly predictions: ArtifactRef<'predictions'>;
    readonly report: ArtifactRef<'report'>;
  };
}
