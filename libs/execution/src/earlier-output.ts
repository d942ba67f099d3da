import type { ArtifactStore } from '@overture/artifacts';
import type { ArtifactRef } from '@overture/contracts';
import { AppError, shortDigest } from '@overture/core';
import type { StageContract } from '@overture/dag';
import type { RecordedStage, Registry } from '@overture/registry';
import { artifactsIn } from './artifacts-in.ts';

/** An earlier output that may be used again, or the artifact that it is lost for. */
export type EarlierOutput = { readonly outputs: unknown } | { readonly lost: ArtifactRef } | { readonly misfit: true };

/** Whether an earlier output fits the contract and all its artifacts are what they were. */
export async function checkedOutput(contract: StageContract, outputs: unknown, artifacts: ArtifactStore): Promise<EarlierOutput> {
  const parsed = contract.output.safeParse(outputs);
  if (!parsed.success) return { misfit: true };
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

/** For people: why an earlier output cannot be used again. */
export function lostText({ kind, digest }: ArtifactRef): string {
  return `its earlier output ${kind} ${shortDigest(digest)} is lost or altered`;
}

/**
 * What a node gave in a run that a person named.
 * @throws AppError `REUSE_FROM` when it gave nothing there, or nothing that can be used; `RUN_UNKNOWN`
 */
export async function outputOfRun(
  contract: StageContract, { run, node }: { run: string; node: string }, { registry, artifacts }: { registry: Pick<Registry, 'executionOf'>; artifacts: ArtifactStore },
): Promise<RecordedStage> {
  const refuse = (why: string): never => {
    throw new AppError('REUSE_FROM', `Stage ${node} is to be taken from run ${run}: ${why}. Name another run (reuse.from.run) or a stage that does not need it (reuse.from.stage).`, { details: { run, node } });
  };
  const earlier = await registry.executionOf(run, node);
  if (earlier === undefined) return refuse('it must have succeeded there, and did not');
  if (earlier.stage !== contract.name) return refuse(`it must be stage ${contract.name} there, and is ${earlier.stage}`);
  const checked = await checkedOutput(contract, earlier.outputs, artifacts);
  if ('lost' in checked) return refuse(lostText(checked.lost));
  if ('misfit' in checked) return refuse(`version ${earlier.version} of ${contract.name} gave what version ${contract.version} does not give any more`);
  return { ...earlier, outputs: checked.outputs };
}
