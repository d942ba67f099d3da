import type { RunId } from '@overture/core';
import type { GateDecision } from '@overture/dag';
import type { z } from 'zod';
import type { ArtifactRef } from '@overture/protocol';
import type { compareModels } from './stages/promotion.ts';

/** The result of `promoteModel`: the decision, who made it, and the metrics behind it. */
export interface PromoteResult {
  readonly runId: RunId;
  readonly workflowId: string;
  readonly model: string;
  readonly version: number;
  readonly alias: string;
  readonly promoted: boolean;
  /** The alias's previous version, or null. */
  readonly previous: number | null;
  readonly decision: GateDecision;
  readonly comparison: Omit<z.output<typeof compareModels.output>, 'report'>;
  readonly artifacts: { readonly report: ArtifactRef<'report'> };
}
