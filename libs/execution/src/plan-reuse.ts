import type { ArtifactStore } from '@overture/artifacts';
import { AppError, toAppError, type Digest, type RunId } from '@overture/core';
import {
  cacheKey,
  declaredEnvironment,
  explainKey,
  keyChangeText,
  parseInput,
  resolveBinding,
  type CacheKeyParts,
  type KeyChange,
  type Plan,
  type StageContract,
  type StageNode,
} from '@overture/dag';
import type { EarlierExecution, RunRegistry } from '@overture/registry';
import { checkedOutput, lostText, outputOfRun } from './earlier-output.ts';
import { neverReused } from './execute-stage.ts';
import { keyPartsOf } from './key-parts-of.ts';
import type { StageImplementation } from './implement.ts';

/** The prediction for one node of a plan if the plan ran now. */
export type NodeOutlook =
  | {
      readonly id: string;
      readonly stage: string;
      readonly verdict: 'REUSE';
      readonly cacheKey: Digest | null;
      readonly from: Source;
    }
  /**
   * `changes` are the differences from `against`, the earlier execution with the most similar key. They are
   * empty if there is none or if the user forced the stage to run.
   */
  | {
      readonly id: string;
      readonly stage: string;
      readonly verdict: 'RUN';
      readonly cacheKey: Digest | null;
      readonly reasons: readonly string[];
      readonly changes: readonly KeyChange[];
      readonly against?: Omit<Source, 'node'>;
    }
  | {
      readonly id: string;
      readonly stage: string;
      readonly verdict: 'UNKNOWN';
      readonly until: readonly string[];
    };

interface Source {
  readonly run: RunId | string;
  readonly node: string;
  readonly recordedAt: Date;
}

/** The services that `planReuse` uses. */
export interface PlanningServices<Settings = unknown> {
  readonly artifacts: ArtifactStore;
  readonly registry: Pick<RunRegistry, 'findReusable' | 'earlierExecutions' | 'executionOf'>;
  readonly settings: Settings;
  readonly environment?: Readonly<Record<string, string>>;
  readonly cacheScope?: string;
}

/**
 * Predicts the outcome for each stage of a plan. A stage is reused (from which run), runs (with the changed
 * components of its key), or is unknown until others have run. Reads fingerprints, the registry and
 * artifacts, and changes nothing.
 * @throws AppError `STAGE_UNKNOWN` if a stage has no implementation here; `REUSE_FROM` if a named output
 * cannot be used.
 */
export async function planReuse<Settings>(
  plan: Plan,
  stages: readonly StageImplementation<StageContract, Settings, never>[],
  { services, signal }: { services: PlanningServices<Settings>; signal: AbortSignal },
): Promise<NodeOutlook[]> {
  const outlooks = new Map<string, NodeOutlook>();
  const outputs = new Map<string, unknown>();
  for (const node of plan.nodes) {
    if (node.kind !== 'stage') {
      // The outcome of a map, a gate or a nested pipeline is known only once it runs.
      outlooks.set(node.id, {
        id: node.id,
        stage: node.kind,
        verdict: 'UNKNOWN',
        until: node.needs.length > 0 ? node.needs : [node.id],
      });
      continue;
    }
    const stage = stages.find(({ contract }) => contract.name === node.stage);
    if (stage === undefined)
      throw new AppError(
        'STAGE_UNKNOWN',
        `Stage ${node.stage} must have an implementation here. Known are ${stages.map(({ contract }) => contract.name).join(', ')}.`,
      );
    const { outlook, output } = await outlookOf(node, stage, { services, signal, outlooks, outputs });
    outlooks.set(node.id, outlook);
    if (output !== undefined) outputs.set(node.id, output);
  }
  return [...outlooks.values()];
}

interface Planning<Settings> {
  readonly services: PlanningServices<Settings>;
  readonly signal: AbortSignal;
  readonly outlooks: ReadonlyMap<string, NodeOutlook>;
  readonly outputs: ReadonlyMap<string, unknown>;
}

async function outlookOf<Settings>(
  node: StageNode,
  stage: StageImplementation<StageContract, Settings, never>,
  { services, signal, outlooks, outputs }: Planning<Settings>,
): Promise<{ outlook: NodeOutlook; output?: unknown }> {
  const { registry, artifacts, settings } = services;
  const { contract } = stage;
  const who = { id: node.id, stage: node.stage };
  const runs = (
    reasons: readonly string[],
    rest: { cacheKey?: Digest; changes?: readonly KeyChange[]; against?: Omit<Source, 'node'> } = {},
  ): { outlook: NodeOutlook } => ({
    outlook: {
      ...who,
      verdict: 'RUN',
      cacheKey: rest.cacheKey ?? null,
      reasons,
      changes: rest.changes ?? [],
      ...(rest.against && { against: rest.against }),
    },
  });

  if (node.reuse?.kind === 'never') return runs(['asked to run anew']);
  if (node.reuse?.kind === 'from') {
    const { run } = node.reuse;
    const taken = await outputOfRun(contract, { run, node: node.id }, services);
    return {
      outlook: {
        ...who,
        verdict: 'REUSE',
        cacheKey: taken.cacheKey,
        from: { run, node: node.id, recordedAt: taken.recordedAt },
      },
      output: taken.outputs,
    };
  }
  const until = [...new Set(node.needs.flatMap((id) => waitsFor(outlooks.get(id))))];
  if (until.length > 0) return { outlook: { ...who, verdict: 'UNKNOWN', until } };

  let parts: CacheKeyParts;
  try {
    const input = parseInput(contract.input, resolveBinding(node.input, outputs), `stage ${contract.name}`);
    const environment = declaredEnvironment(contract, services.environment ?? {});
    parts = {
      scope: services.cacheScope,
      stage: contract.name,
      version: contract.version,
      input,
      environment,
      fingerprint: await stage.fingerprint?.(input, { settings, signal }),
    };
  } catch (thrown) {
    signal.throwIfAborted();
    return runs([`would fail as things are: ${toAppError(thrown).message}`]);
  }
  const key = cacheKey(parts);
  if (contract.reusable === false) return runs([neverReused], { cacheKey: key });
  const earlier = await registry.findReusable(key);
  const checked = earlier && (await checkedOutput(contract, earlier.outputs, artifacts));
  if (earlier !== undefined && checked !== undefined) {
    if ('outputs' in checked)
      return {
        outlook: {
          ...who,
          verdict: 'REUSE',
          cacheKey: key,
          from: { run: earlier.run, node: earlier.node, recordedAt: earlier.recordedAt },
        },
        output: checked.outputs,
      };
    const why =
      'lost' in checked ? lostText(checked.lost) : 'its earlier output does not fit its contract any more';
    return runs([why], { cacheKey: key, against: earlier });
  }
  const nearest = nearestOf(await registry.earlierExecutions({ stage: contract.name, node: node.id }), parts);
  if (nearest === undefined) return runs(['it never ran before'], { cacheKey: key });
  const {
    changes,
    execution: { run, recordedAt, version },
  } = nearest;
  const backwards =
    version > contract.version
      ? [`version ${contract.version} is older than the one that ran before: is this an older release?`]
      : [];
  return runs([...changes.map(keyChangeText), ...backwards], {
    cacheKey: key,
    changes,
    against: { run, recordedAt },
  });
}

/** The nodes that must run before more is known; empty if the output is known. */
function waitsFor(outlook: NodeOutlook | undefined): readonly string[] {
  if (outlook === undefined || outlook.verdict === 'REUSE') return [];
  return outlook.verdict === 'RUN' ? [outlook.id] : outlook.until;
}

/** The earlier execution with the fewest differences; the newest one among equals. */
function nearestOf(
  earlier: readonly EarlierExecution[],
  now: CacheKeyParts,
): { execution: EarlierExecution; changes: readonly KeyChange[] } | undefined {
  const compared = earlier.map((execution) => ({
    execution,
    changes: explainKey(now, keyPartsOf(execution, now.stage)),
  }));
  return compared.reduce<(typeof compared)[number] | undefined>(
    (best, each) => (best === undefined || each.changes.length < best.changes.length ? each : best),
    undefined,
  );
}
