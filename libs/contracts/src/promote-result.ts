import type { RunId } from '@overture/core';
import type { GateDecision } from '@overture/dag';
import type { z } from 'zod';
import type { ArtifactRef } from './artifact-ref.ts';
import type { compareModels } from './stages/promotion.ts';

/** What `promoteModel` returns: what was decided, by whom, on which numbers. */
export interface PromoteResult {
  readonly runId: RunId;
  readonly workflowId: string;
  readonly model: string;
  readonly version: number;
  readonly alias: string;
  readonly promoted: boolean;
  /** What the alias pointed at before. */
  readonly previous: number | null;
  readonly decision: GateDecision;
  readonly comparison: Omit<z.output<typeof compareModels.output>, 'report'>;
  readonly artifacts: { readonly report: ArtifactRef<'report'> };
}
