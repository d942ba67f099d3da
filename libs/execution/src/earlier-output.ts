import type { ArtifactStore } from '@overture/artifacts';
import type { ArtifactRef } from '@overture/protocol';
import { AppError, shortDigest } from '@overture/core';
import type { StageContract } from '@overture/dag';
import type { RecordedStage, RunRegistry } from '@overture/registry';
import { artifactsIn } from './artifacts-in.ts';

/**
 * The result of checking an earlier output: the output if it may be reused, the artifact that is missing or
 * altered, or that it no longer fits the contract.
 */
export type EarlierOutput =
  { readonly outputs: unknown } | { readonly lost: ArtifactRef } | { readonly invalid: true };

/** Checks that an earlier output fits the contract and that all its artifacts are intact. */
export async function checkedOutput(
  contract: StageContract,
  outputs: unknown,
  artifacts: ArtifactStore,
): Promise<EarlierOutput> {
  const parsed = contract.output.safeParse(outputs);
  if (!parsed.success) return { invalid: true };
  for (const ref of artifactsIn(parsed.data)) if (!(await isIntact(ref, artifacts))) return { lost: ref };
  return { outputs: parsed.data };
}

async function isIntact(ref: ArtifactRef, artifacts: ArtifactStore): Promise<boolean> {
  return artifacts.verify(ref).then(
    () => true,
    (error: unknown) => {
      if (error instanceof AppError && !error.retryable) return false;
      throw error;
    },
  );
}

/** The reason, for display, why an earlier output cannot be reused. */
export function lostText({ kind, digest }: ArtifactRef): string {
  return `its earlier output ${kind} ${shortDigest(digest)} is lost or altered`;
}

/**
 * Returns the output of a node in the run that the user named.
 * @throws AppError `REUSE_FROM` if the node has no usable output there; `RUN_UNKNOWN` if there is no such
 * run.
 */
export async function outputOfRun(
  contract: StageContract,
  { run, node }: { run: string; node: string },
  { registry, artifacts }: { registry: Pick<RunRegistry, 'executionOf'>; artifacts: ArtifactStore },
): Promise<RecordedStage> {
  const refuse = (why: string): never => {
    throw new AppError(
      'REUSE_FROM',
      `Stage ${node} is to be taken from run ${run}: ${why}. Name another run (reuse.from.run) or a stage that does not need it (reuse.from.stage).`,
      { details: { run, node } },
    );
  };
  const earlier = await registry.executionOf(run, node);
  if (earlier === undefined) return refuse('it must have succeeded there, and did not');
  if (earlier.stage !== contract.name)
    return refuse(`it must be stage ${contract.name} there, and is ${earlier.stage}`);
  const checked = await checkedOutput(contract, earlier.outputs, artifacts);
  if ('lost' in checked) return refuse(lostText(checked.lost));
  if ('invalid' in checked)
    return refuse(
      `version ${earlier.version} of ${contract.name} gave what version ${contract.version} does not give any more`,
    );
  return { ...earlier, outputs: checked.outputs };
}
