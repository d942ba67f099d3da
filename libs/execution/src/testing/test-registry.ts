import type { ArtifactRef } from '@overture/protocol';
import { AppError } from '@overture/core';
import type { Registry, RunRegistry, StageExecution } from '@overture/registry';
import { openSqliteRegistry } from '@overture/registry/sqlite';

type ModelRegistry = Pick<Registry, 'registerModel' | 'getModel' | 'recordPromotion'>;

/** A registry for tests of stages. `executions` are the executions that were recorded with it, in order. */
export type TestRegistry = RunRegistry & ModelRegistry & { readonly executions: StageExecution[] };

/** Opens a registry in memory: SQLite for runs and stages, and a simple list of models. */
export async function testRegistry(): Promise<TestRegistry> {
  const runs = await openSqliteRegistry({ file: ':memory:' });
  const executions: StageExecution[] = [];
  return {
    ...runs,
    ...memoryModels(),
    executions,
    async recordStageExecution(execution) {
      const recorded = await runs.recordStageExecution(execution);
      executions.push(execution);
      return recorded;
    },
  };
}

function memoryModels(): ModelRegistry {
  const versions: { model: string; bundle: ArtifactRef }[] = [];
  const aliases = new Map<string, number>();
  return {
    async registerModel({ model, bundle, report = null, run = null }) {
      if (!versions.some((known) => known.model === model && known.bundle.digest === bundle.digest))
        versions.push({ model, bundle });
      const version =
        versions
          .filter((known) => known.model === model)
          .findIndex((known) => known.bundle.digest === bundle.digest) + 1;
      return { model, version, bundle, report, run, createdAt: new Date(0), aliases: [] };
    },
    async getModel(reference) {
      const [model = '', which] = reference.split('@');
      const known = versions.filter((each) => each.model === model);
      const version = which === undefined ? known.length : (aliases.get(reference) ?? Number(which));
      const found = known[version - 1];
      if (found === undefined) throw new AppError('MODEL_UNKNOWN', `There is no model ${reference}.`);
      return { ...found, version, report: null, run: null, createdAt: new Date(0), aliases: [] };
    },
    async recordPromotion(promotion) {
      const alias = `${promotion.model}@${promotion.alias}`;
      const previous = aliases.get(alias) ?? null;
      if (promotion.approved) aliases.set(alias, promotion.version);
      return { ...promotion, previous, decidedAt: new Date(0) };
    },
  };
}
