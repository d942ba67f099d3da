import type { RunId } from '@overture/core';
import type { z } from 'zod';
import type { ArtifactRef } from '@overture/protocol';
import type { EvaluationSummary } from './evaluation-summary.ts';
import type { fineTune } from './stages/fine-tune.ts';
import type { ingest } from './stages/ingest.ts';
import type { register } from './stages/register.ts';

/** The result of `trainInitiativeModel`: the main metrics and references to the artifacts. */
export interface TrainResult {
  readonly runId: RunId;
  readonly workflowId: string;
  readonly model: z.output<typeof register.output>;
  readonly report: EvaluationSummary;
  readonly corpus: z.output<typeof ingest.output>['source'];
  readonly training: z.output<typeof fineTune.output>['summary'];
  readonly artifacts: {
    readonly corpus: ArtifactRef<'corpus'>;
    readonly bundle: ArtifactRef<'bundle'>;
    readonly report: ArtifactRef<'report'>;
  };
}
